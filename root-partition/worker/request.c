/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests; who sends them is not trusted. */
#include "worker/request.h"

#include <errno.h>

#include "manager/json_request.h"

static const char *const names[REQUESTS] = {
	[REQUEST_STATUS] = "status",
	[REQUEST_STATS] = "stats",
	[REQUEST_PAUSE] = "pause",
	[REQUEST_RESUME] = "resume",
	[REQUEST_POWER_BUTTON] = "powerbutton",
	[REQUEST_RESET] = "reset",
	[REQUEST_QUIT] = "quit",
	[REQUEST_CHANNELS] = "channels",
};

int
request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e)
{
	json_object *o, *from;
	int64_t n = 0;
	unsigned op;

	if (len > REQUEST_SIZE_MAX)
		return err_set(e, EPROTO, "not understood: too long");
	o = json_request_read(json, len, names, REQUESTS, &op, e);
	if (o == NULL)
		return -1;
	*out = (struct request){ .op = (enum request_op)op };
	from = json_request_member(o, "from", json_type_int);
	if (from != NULL)
		n = json_object_get_int64(from);
	json_object_put(o);
	if (n < 0 || n > UINT32_MAX)
		return err_set(e, EPROTO, "not understood: \"from\"");
	out->from = (uint32_t)n;
	return 0;
}
