/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON without trust in who wrote it. */
#include "manager/json_read.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define DEPTH_MAX 6
#define REASON_MAX 256

static bool
is_space(const uint8_t *text, size_t from, size_t len)
{
	for (; from < len; from++)
		if (strchr(" \t\r\n", text[from]) == NULL)
			return false;
	return true;
}

json_object *
json_read_object(const uint8_t *json, size_t len, struct err *e)
{
	json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	json_object *o;

	if (t == NULL || len > INT_MAX) {
		err_set(e, ENOMEM, "no memory for the answer");
		json_tokener_free(t);
		return NULL;
	}
	o = json_tokener_parse_ex(t, (const char *)json, (int)len);
	if (!json_object_is_type(o, json_type_object) ||
	    !is_space(json, json_tokener_get_parse_end(t), len)) {
		err_set(e, EPROTO,
		    "not understood: the answer is not a JSON object");
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(t);
	return o;
}

bool
json_read_signed(const json_object *o, const char *key, int64_t *out)
{
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_int))
		return false;
	*out = json_object_get_int64(v);
	return true;
}

bool
json_read_number(const json_object *o, const char *key, uint64_t *out)
{
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) < 0)
		return false;
	*out = json_object_get_uint64(v);
	return true;
}

bool
json_read_bool(const json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_boolean) &&
	    json_object_get_boolean(v);
}

void
json_copy_printable(char *out, size_t size, const char *in)
{
	size_t n = 0;

	for (; n < size - 1 && in[n] != '\0'; n++)
		out[n] = in[n] >= 0x20 && in[n] < 0x7f ? in[n] : '?';
	out[n] = '\0';
}

void
json_read_text(const json_object *o, const char *key, char *out, size_t size)
{
	json_object *v;

	out[0] = '\0';
	if (json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_string))
		json_copy_printable(out, size, json_object_get_string(v));
}

unsigned
json_read_texts(const json_object *o, const char *key, char *out, size_t size,
    unsigned most)
{
	unsigned count = 0;
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(v) && count < most;
	    i++) {
		json_object *text = json_object_array_get_idx(v, i);

		if (json_object_is_type(text, json_type_string))
			json_copy_printable(out + size * count++, size,
			    json_object_get_string(text));
	}
	return count;
}

int
json_read_reply(const json_object *o, struct err *e)
{
	char words[REASON_MAX];
	uint64_t code = EIO;
	json_object *ok;

	if (!json_object_object_get_ex(o, "ok", &ok) ||
	    !json_object_is_type(ok, json_type_boolean))
		return err_set(e, EPROTO,
		    "not understood: an answer that is neither yes nor no");
	if (json_object_get_boolean(ok))
		return 0;
	json_read_text(o, "error", words, sizeof(words));
	json_read_number(o, "code", &code);
	return err_set(e, code > 0 && code <= ERR_TIMEOUT ? (int)code : EIO,
	    "%s", words[0] != '\0' ? words : "refused without a reason");
}
