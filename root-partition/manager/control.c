/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of control.sock and console.sock. */
#include "manager/control.h"

#include <stdio.h>
#include <sys/socket.h>

#include "manager/call.h"

static const char *const op_names[] = {
	[CONTROL_PAUSE] = "pause",
	[CONTROL_RESUME] = "resume",
	[CONTROL_POWER_BUTTON] = "powerbutton",
	[CONTROL_QUIT] = "quit",
};

static const struct call worker = {
	.socket = "control.sock",
	.peer = "the worker",
	.seconds = CONTROL_TIMEOUT_MS / 1000,
};

/* Send @op and leave the answer in @reply. */
static int
control_call(const struct site *site, const char *name, const char *op,
    char reply[CALL_REPLY_MAX], size_t *len, struct err *e)
{
	char request[64];

	snprintf(request, sizeof(request), "{\"op\":\"%s\"}", op);
	if (call_make(site, name, &worker, request, reply, len, e) < 0)
		return -1;
	return reply_parse((const uint8_t *)reply, *len, e);
}

int
control_ask(const struct site *site, const char *name, enum control_op op,
    struct err *e)
{
	char reply[CALL_REPLY_MAX];
	size_t len;

	return control_call(site, name, op_names[op], reply, &len, e);
}

int
control_status(const struct site *site, const char *name, struct status *out,
    struct err *e)
{
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (control_call(site, name, "status", reply, &len, e) < 0)
		return -1;
	return status_parse((const uint8_t *)reply, len, out, e);
}

int
control_stats(const struct site *site, const char *name,
    struct partition_stats *out, struct err *e)
{
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (control_call(site, name, "stats", reply, &len, e) < 0)
		return -1;
	return stats_parse((const uint8_t *)reply, len, out, e);
}

int
console_connect(const struct site *site, const char *name, struct err *e)
{
	static const struct call console = {
		.socket = "console.sock", .peer = "the worker",
	};

	return call_connect(site, name, &console, SOCK_STREAM, e);
}
