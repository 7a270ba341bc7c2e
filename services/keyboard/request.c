/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as JSON; who sends them is not trusted. */
#include "keyboard/request.h"

#include <errno.h>

#include "manager/json_request.h"
#include "manager/json_write.h"

int
request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e)
{
	static const char *const names[] = { "send" };
	json_object *o, *keys;
	unsigned op;
	int ret;

	o = json_request_read(json, len, names, 1, &op, e);
	if (o == NULL)
		return -1;
	keys = json_request_member(o, "keys", json_type_string);
	if (keys == NULL)
		ret = err_set(e, EPROTO, "\"keys\" is missing");
	else
		ret = keys_parse(json_object_get_string(keys), out->events,
		    &out->count, e);
	json_object_put(o);
	return ret;
}

size_t
reply_done(char out[REQUEST_REPLY_MAX])
{
	return json_print(json_answer(true), out, REQUEST_REPLY_MAX);
}

size_t
reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", e->text);
	json_add_number(o, "code", (uint64_t)e->code);
	return json_print(o, out, REQUEST_REPLY_MAX);
}
