/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests; who sends them is not trusted. */
#include "worker/request.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#define DEPTH_MAX 4

static const char *const names[REQUESTS] = {
	[REQUEST_STATUS] = "status",
	[REQUEST_STATS] = "stats",
	[REQUEST_PAUSE] = "pause",
	[REQUEST_RESUME] = "resume",
	[REQUEST_POWER_BUTTON] = "powerbutton",
	[REQUEST_RESET] = "reset",
	[REQUEST_QUIT] = "quit",
};

static int
op_find(json_object *o, enum request *out, struct err *e)
{
	json_object *op;
	const char *text;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "op", &op) ||
	    !json_object_is_type(op, json_type_string))
		return err_set(e, EPROTO,
		    "not understood: {\"op\":\"...\"} is expected");
	text = json_object_get_string(op);
	for (unsigned i = 0; i < REQUESTS; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum request)i;
			return 0;
		}
	return err_set(e, EPROTO, "not understood: op \"%.40s\"", text);
}

int
request_parse(const uint8_t *json, size_t len, enum request *out,
    struct err *e)
{
	json_tokener *t;
	json_object *o;
	int ret;

	if (len > REQUEST_SIZE_MAX)
		return err_set(e, EPROTO, "not understood: too long");
	t = json_tokener_new_ex(DEPTH_MAX);
	if (t == NULL)
		return err_set(e, ENOMEM, "out of memory");
	o = json_tokener_parse_ex(t, (const char *)json, (int)len);
	ret = op_find(o, out, e);
	json_object_put(o);
	json_tokener_free(t);
	return ret;
}
