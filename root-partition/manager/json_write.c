/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as JSON. */
#include "manager/json_write.h"

#include <assert.h>
#include <string.h>

static const char too_long[] =
    "{\"ok\":false,\"error\":\"the answer is too long\"}";

json_object *
json_answer(bool ok)
{
	json_object *o = json_object_new_object();

	json_add_bool(o, "ok", ok);
	return o;
}

void
json_add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

void
json_add_number(json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

void
json_add_signed(json_object *o, const char *key, int64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

void
json_add_bool(json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

/* A text that is too long would be cut, and no JSON any more. */
size_t
json_print(json_object *o, char *out, size_t size)
{
	size_t len = 0;
	const char *text = json_object_to_json_string_length(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	assert(size >= sizeof(too_long));
	if (text == NULL || len >= size) {
		text = too_long;
		len = strlen(text);
	}
	memcpy(out, text, len + 1);
	json_object_put(o);
	return len;
}
