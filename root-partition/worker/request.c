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
};

int
request_parse(const uint8_t *json, size_t len, enum request *out,
    struct err *e)
{
	json_object *o;
	unsigned op;

	if (len > REQUEST_SIZE_MAX)
		return err_set(e, EPROTO, "not understood: too long");
	o = json_request_read(json, len, names, REQUESTS, &op, e);
	if (o == NULL)
		return -1;
	json_object_put(o);
	*out = (enum request)op;
	return 0;
}
