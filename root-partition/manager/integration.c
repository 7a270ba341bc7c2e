/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of integration.sock. */
#include "manager/integration.h"

#include "manager/call.h"
#include "manager/json_read.h"
#include "manager/json_write.h"

#define PEER "the integration of the partition"
#define ANSWER_SECONDS 10
/* What the guest's daemons are given, and a little more. */
#define DAEMON_SECONDS 40
/* List and info are not to be held up. */
#define STATUS_SECONDS 2

static struct call
call_to(unsigned seconds)
{
	return (struct call){ .socket = "integration.sock", .peer = PEER,
		.seconds = seconds };
}

/* Takes over @request. */
static int
ask(const struct site *site, const char *name, const struct call *c,
    json_object *request, struct err *e)
{
	AUTO_JSON json_object *o = call_ask(site, name, c, request, e);

	return o != NULL ? 0 : -1;
}

int
integration_status(const struct site *site, const char *name,
    struct guest_status *out, struct err *e)
{
	struct call c = call_to(STATUS_SECONDS);
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (call_make(site, name, &c, "{\"op\":\"status\"}", reply, &len,
		e) < 0)
		return -1;
	return guest_status_parse((const uint8_t *)reply, len, out, e);
}

int
integration_shutdown(const struct site *site, const char *name, struct err *e)
{
	struct call c = call_to(ANSWER_SECONDS);

	return ask(site, name, &c, call_request("shutdown"), e);
}

int
integration_restart(const struct site *site, const char *name, struct err *e)
{
	struct call c = call_to(ANSWER_SECONDS);

	return ask(site, name, &c, call_request("restart"), e);
}

int
integration_copy_file(const struct site *site, const char *name,
    const struct integration_copy *copy, struct err *e)
{
	/* As long as the guest goes on: its provider sees to that. */
	struct call c = call_to(0);
	json_object *o = call_request("copy");

	c.fds = &copy->fd;
	c.fd_count = 1;
	json_add_text(o, "path", copy->path);
	json_add_bool(o, "overwrite", copy->overwrite);
	json_add_bool(o, "make_path", copy->make_path);
	return ask(site, name, &c, o, e);
}

int
integration_freeze(const struct site *site, const char *name,
    unsigned seconds, struct err *e)
{
	struct call c = call_to(seconds + DAEMON_SECONDS);
	json_object *o = call_request("freeze");

	json_add_number(o, "seconds", seconds);
	return ask(site, name, &c, o, e);
}

int
integration_thaw(const struct site *site, const char *name, struct err *e)
{
	struct call c = call_to(2 * DAEMON_SECONDS);

	return ask(site, name, &c, call_request("thaw"), e);
}
