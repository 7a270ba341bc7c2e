/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of integration.sock. */
#include "manager/integration.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "manager/call.h"
#include "manager/status.h"

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
		.seconds = seconds, .fd = -1 };
}

static int
ask(const struct site *site, const char *name, const struct call *c,
    const char *request, struct err *e)
{
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (call_make(site, name, c, request, reply, &len, e) < 0)
		return -1;
	return reply_parse((const uint8_t *)reply, len, e);
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

	return ask(site, name, &c, "{\"op\":\"shutdown\"}", e);
}

int
integration_restart(const struct site *site, const char *name, struct err *e)
{
	struct call c = call_to(ANSWER_SECONDS);

	return ask(site, name, &c, "{\"op\":\"restart\"}", e);
}

/* Takes @request, which is NULL when there is no memory. */
static int
ask_object(const struct site *site, const char *name, const struct call *c,
    json_object *request, struct err *e)
{
	const char *text = json_object_to_json_string_ext(request,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	int ret = text != NULL ? ask(site, name, c, text, e)
			       : err_set(e, ENOMEM, "%s", strerror(ENOMEM));

	json_object_put(request);
	return ret;
}

static json_object *
request_new(const char *op)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "op", json_object_new_string(op));
	return o;
}

int
integration_copy_file(const struct site *site, const char *name,
    const struct integration_copy *copy, struct err *e)
{
	/* As long as the guest goes on: its provider sees to that. */
	struct call c = call_to(0);
	json_object *o = request_new("copy");

	c.fd = copy->fd;
	json_object_object_add(o, "path", json_object_new_string(copy->path));
	json_object_object_add(o, "overwrite",
	    json_object_new_boolean(copy->overwrite));
	json_object_object_add(o, "make_path",
	    json_object_new_boolean(copy->make_path));
	return ask_object(site, name, &c, o, e);
}

int
integration_freeze(const struct site *site, const char *name,
    unsigned seconds, struct err *e)
{
	struct call c = call_to(seconds + DAEMON_SECONDS);
	json_object *o = request_new("freeze");

	json_object_object_add(o, "seconds",
	    json_object_new_int64((int64_t)seconds));
	return ask_object(site, name, &c, o, e);
}

int
integration_thaw(const struct site *site, const char *name, struct err *e)
{
	struct call c = call_to(2 * DAEMON_SECONDS);

	return ask(site, name, &c, "{\"op\":\"thaw\"}", e);
}
