/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of memory.sock. */
#include "manager/dynamic_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "manager/call.h"
#include "manager/json_read.h"
#include "manager/status.h"

/* List and info are not to be held up. */
#define STATUS_SECONDS 2

/* A change takes as long as the guest goes on: its provider sees to that. */
static struct call
call_to(unsigned seconds)
{
	return (struct call){ .socket = "memory.sock",
		.peer = "the dynamic memory of the partition",
		.seconds = seconds };
}

int
dynamic_memory_parse(const uint8_t *json, size_t len, struct memory_state *out,
    struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);

	memset(out, 0, sizeof(*out));
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	json_read_text(o, "driver", out->driver, sizeof(out->driver));
	if (out->driver[0] == '\0')
		return err_set(e, EPROTO, "not understood: no driver");
	out->has_assigned = json_read_number(o, "assigned", &out->assigned);
	json_read_number(o, "given_up", &out->given_up);
	out->has_demanded = json_read_number(o, "demanded", &out->demanded);
	json_read_number(o, "available", &out->available);
	json_read_number(o, "resident", &out->resident);
	json_read_number(o, "min", &out->min);
	json_read_number(o, "max", &out->max);
	return 0;
}

int
dynamic_memory_status(const struct site *site, const char *name,
    struct memory_state *out, struct err *e)
{
	struct call c = call_to(STATUS_SECONDS);
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (call_make(site, name, &c, "{\"op\":\"status\"}", reply, &len,
		e) < 0)
		return -1;
	return dynamic_memory_parse((const uint8_t *)reply, len, out, e);
}

int
dynamic_memory_set(const struct site *site, const char *name,
    uint64_t bytes, struct err *e)
{
	struct call c = call_to(0);
	char request[64], reply[CALL_REPLY_MAX];
	size_t len;

	snprintf(request, sizeof(request),
	    "{\"op\":\"set\",\"bytes\":%" PRIu64 "}", bytes);
	if (call_make(site, name, &c, request, reply, &len, e) < 0)
		return -1;
	return reply_parse((const uint8_t *)reply, len, e);
}
