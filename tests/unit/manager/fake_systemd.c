/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that answers like systemd on its private socket. */
#include "fake_systemd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"
#define UNIT_PATH MANAGER_PATH "/unit/it"
#define UNIT "org.freedesktop.systemd1.Unit"
#define SERVICE "org.freedesktop.systemd1.Service"

#define END_UNIT 'e'
#define END_THREAD 'q'

static void
note_call(struct fake_systemd *f, sd_bus_message *m)
{
	size_t n = strlen(f->calls);

	snprintf(f->calls + n, sizeof(f->calls) - n, "%s ",
	    sd_bus_message_get_member(m));
}

static void
must(int r)
{
	cr_assert_geq(r, 0, "sd-bus: %s", strerror(-r));
}

static int
on_get_unit(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	if (f->active == NULL)
		return sd_bus_error_set(why,
		    "org.freedesktop.systemd1.NoSuchUnit", "not loaded");
	return sd_bus_reply_method_return(m, "o", UNIT_PATH);
}

static int
reply_with_job(struct fake_systemd *f, sd_bus_message *m, const char *result)
{
	sd_bus *bus = sd_bus_message_get_bus(m);
	char job[64];

	snprintf(job, sizeof(job), MANAGER_PATH "/job/%u", ++f->jobs);
	/* One job of somebody else's ends first. */
	must(sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER, "JobRemoved",
	    "uoss", 7, MANAGER_PATH "/job/7", "other.service", "failed"));
	must(sd_bus_reply_method_return(m, "o", job));
	return sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER, "JobRemoved",
	    "uoss", f->jobs, job, "it.service", result);
}

static int
on_start(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	(void)why;
	note_call(f, m);
	f->active = f->after_start;
	return reply_with_job(f, m, f->start_result);
}

static int
on_stop(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	(void)why;
	note_call(f, m);
	f->active = "inactive";
	return reply_with_job(f, m, "done");
}

static int
on_file_state(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	(void)why;
	return sd_bus_reply_method_return(m, "s",
	    f->enabled ? "enabled" : "disabled");
}

static int
on_enable(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	note_call(f, m);
	if (f->refuses_enabling)
		return sd_bus_error_set(why, "org.test.ReadOnly",
		    "read-only file system");
	f->enabled = true;
	return sd_bus_reply_method_return(m, "ba(sss)", 1, 0);
}

static int
on_disable(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	(void)why;
	note_call(f, m);
	f->enabled = false;
	return sd_bus_reply_method_return(m, "a(sss)", 0);
}

static int
on_reset_failed(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct fake_systemd *f = data;

	(void)why;
	note_call(f, m);
	return sd_bus_reply_method_return(m, "");
}

static int
on_subscribe(sd_bus_message *m, void *data, sd_bus_error *why)
{
	(void)data;
	(void)why;
	return sd_bus_reply_method_return(m, "");
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("GetUnit", "s", "o", on_get_unit, 0),
	SD_BUS_METHOD("StartUnit", "ss", "o", on_start, 0),
	SD_BUS_METHOD("StopUnit", "ss", "o", on_stop, 0),
	SD_BUS_METHOD("GetUnitFileState", "s", "s", on_file_state, 0),
	SD_BUS_METHOD("EnableUnitFiles", "asbb", "ba(sss)", on_enable, 0),
	SD_BUS_METHOD("DisableUnitFiles", "asb", "a(sss)", on_disable, 0),
	SD_BUS_METHOD("ResetFailedUnit", "s", "", on_reset_failed, 0),
	SD_BUS_METHOD("Subscribe", "", "", on_subscribe, 0),
	SD_BUS_VTABLE_END,
};

static int
get_property(sd_bus *bus, const char *path, const char *interface,
    const char *property, sd_bus_message *reply, void *data,
    sd_bus_error *why)
{
	const struct fake_systemd *f = data;
	const struct unit_facts *u = &f->facts;

	(void)bus;
	(void)path;
	(void)interface;
	(void)why;
	if (strcmp(property, "ActiveState") == 0)
		return sd_bus_message_append(reply, "s", f->active);
	if (strcmp(property, "Result") == 0)
		return sd_bus_message_append(reply, "s", u->result);
	if (strcmp(property, "ExecMainCode") == 0)
		return sd_bus_message_append(reply, "i", u->exit_code);
	if (strcmp(property, "ExecMainStatus") == 0)
		return sd_bus_message_append(reply, "i", u->exit_status);
	if (strcmp(property, "MainPID") == 0)
		return sd_bus_message_append(reply, "u", u->pid);
	return sd_bus_message_append(reply, "u", u->last_pid);
}

static const sd_bus_vtable unit_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ActiveState", "s", get_property, 0,
	    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable service_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Result", "s", get_property, 0, 0),
	SD_BUS_PROPERTY("ExecMainCode", "i", get_property, 0, 0),
	SD_BUS_PROPERTY("ExecMainStatus", "i", get_property, 0, 0),
	SD_BUS_PROPERTY("MainPID", "u", get_property, 0, 0),
	SD_BUS_PROPERTY("ExecMainPID", "u", get_property, 0, 0),
	SD_BUS_VTABLE_END,
};

/* Serve one client; with one at a time, the others wait to be accepted. */
static sd_bus *
client_accept(struct fake_systemd *f)
{
	int fd = accept4(f->listen_fd, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	sd_id128_t id = SD_ID128_MAKE(00, 01, 02, 03, 04, 05, 06, 07, 10, 11,
	    12, 13, 14, 15, 16, 17);
	sd_bus *bus;

	must(fd);
	must(sd_bus_new(&bus));
	must(sd_bus_set_fd(bus, fd, fd));
	must(sd_bus_set_server(bus, 1, id));
	must(sd_bus_add_object_vtable(bus, NULL, MANAGER_PATH, MANAGER,
	    manager_table, f));
	must(sd_bus_add_object_vtable(bus, NULL, UNIT_PATH, UNIT, unit_table,
	    f));
	must(sd_bus_add_object_vtable(bus, NULL, UNIT_PATH, SERVICE,
	    service_table, f));
	must(sd_bus_start(bus));
	return bus;
}

/* False when the thread is to end. */
static bool
take_wish(struct fake_systemd *f, sd_bus *bus)
{
	char wish;

	if (read(f->wake[0], &wish, 1) != 1 || wish == END_THREAD)
		return false;
	f->active = "inactive";
	f->facts.pid = 0;
	if (bus != NULL)
		must(sd_bus_emit_properties_changed(bus, UNIT_PATH, UNIT,
		    "ActiveState", NULL));
	return true;
}

static void *
serve(void *data)
{
	struct fake_systemd *f = data;
	sd_bus *bus = NULL;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = f->wake[0], .events = POLLIN },
			{ .fd = f->listen_fd, .events = POLLIN },
		};

		if (bus != NULL) {
			int r;

			do
				r = sd_bus_process(bus, NULL);
			while (r > 0);
			if (r < 0)
				bus = sd_bus_close_unref(bus);
		}
		if (bus != NULL) {
			p[1].fd = sd_bus_get_fd(bus);
			p[1].events = (short)sd_bus_get_events(bus);
		}
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[0].revents != 0 && !take_wish(f, bus))
			break;
		if (bus == NULL && p[1].revents != 0)
			bus = client_accept(f);
	}
	sd_bus_close_unref(bus);
	return NULL;
}

void
fake_systemd_start(struct fake_systemd *f, const struct test_root *r)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	test_root_write(r, "run/systemd/private", "");
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/systemd/private",
	    r->path);
	unlink(at.sun_path);
	f->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(f->listen_fd, 0);
	cr_assert_eq(bind(f->listen_fd, (struct sockaddr *)&at, sizeof(at)),
	    0);
	cr_assert_eq(listen(f->listen_fd, 8), 0);
	cr_assert_eq(pipe(f->wake), 0);
	if (f->facts.result[0] == '\0')
		strcpy(f->facts.result, "success");
	cr_assert_eq(pthread_create(&f->thread, NULL, serve, f), 0);
}

static void
wish(struct fake_systemd *f, char what)
{
	cr_assert_eq(write(f->wake[1], &what, 1), 1);
}

void
fake_systemd_stop(struct fake_systemd *f)
{
	wish(f, END_THREAD);
	pthread_join(f->thread, NULL);
	close(f->wake[0]);
	close(f->wake[1]);
	close(f->listen_fd);
}

void
fake_systemd_end_unit(struct fake_systemd *f)
{
	wish(f, END_UNIT);
}
