/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as JSON. */
#include "manager/json_request.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define DEPTH_MAX 4

json_object *
json_request_member(json_object *o, const char *key, enum json_type type)
{
	json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, type))
		return NULL;
	return v;
}

static int
op_find(json_object *o, const char *const names[], unsigned count,
    unsigned *op, struct err *e)
{
	json_object *v = json_request_member(o, "op", json_type_string);
	const char *text;

	if (v == NULL)
		return err_set(e, EPROTO,
		    "not understood: {\"op\":\"...\"} is expected");
	text = json_object_get_string(v);
	for (unsigned i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0) {
			*op = i;
			return 0;
		}
	return err_set(e, EPROTO, "not understood: op \"%.40s\"", text);
}

json_object *
json_request_read(const uint8_t *json, size_t len, const char *const names[],
    unsigned count, unsigned *op, struct err *e)
{
	json_tokener *t;
	json_object *o;

	if (len > INT_MAX) {
		err_set(e, EPROTO, "not understood: too long");
		return NULL;
	}
	t = json_tokener_new_ex(DEPTH_MAX);
	if (t == NULL) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	o = json_tokener_parse_ex(t, (const char *)json, (int)len);
	json_tokener_free(t);
	if (op_find(o, names, count, op, e) == 0)
		return o;
	json_object_put(o);
	return NULL;
}
