/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to systemd over its D-Bus interface. */
#include "manager/systemd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "manager/clock.h"

#define SYSTEMD_NAME "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"
#define SYSTEMD_UNIT "org.freedesktop.systemd1.Unit"
#define SYSTEMD_SERVICE "org.freedesktop.systemd1.Service"
#define NO_SUCH_UNIT "org.freedesktop.systemd1.NoSuchUnit"

#define UNIT_PATH_MAX 256
#define NS_PER_S UINT64_C(1000000000)
/* The usual 25 s are not enough for systemd where many children start. */
#define ANSWER_USEC UINT64_C(90000000)

struct systemd {
	sd_bus *bus;
	const char *peer; /* whose signals we take; NULL: only one speaks */
	char job[UNIT_PATH_MAX]; /* that we wait for */
	char job_result[32];	 /* empty until it has ended */
};

static void
cleanup_message(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}

static void
cleanup_slot(sd_bus_slot **s)
{
	sd_bus_slot_unref(*s);
}

#define AUTO_MESSAGE __attribute__((cleanup(cleanup_message)))
#define AUTO_SLOT __attribute__((cleanup(cleanup_slot)))
#define AUTO_BUS_ERROR __attribute__((cleanup(sd_bus_error_free)))

static int
bus_failed(struct err *e, int r, const sd_bus_error *why)
{
	int code = r == -EACCES || r == -EPERM ? EACCES : EIO;

	if (why != NULL && why->message != NULL)
		return err_set(e, code, "systemd: %s", why->message);
	return err_set(e, code, "systemd: %s", strerror(-r));
}

/*
 * Root talks to systemd itself, which works in a parent that has no message
 * bus, too; everybody else can only come over the bus.
 */
static int
bus_open(const struct site *site, struct systemd *s)
{
	char path[SITE_PATH_MAX], address[SITE_PATH_MAX + 16];
	int r;

	site_systemd(site, path);
	if (access(path, W_OK) < 0) {
		s->peer = SYSTEMD_NAME;
		r = sd_bus_open_system(&s->bus);
	} else {
		snprintf(address, sizeof(address), "unix:path=%s", path);
		r = sd_bus_new(&s->bus);
		if (r >= 0)
			r = sd_bus_set_address(s->bus, address);
		if (r >= 0)
			r = sd_bus_start(s->bus);
	}
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(s->bus, ANSWER_USEC);
	return r;
}

struct systemd *
systemd_open(const struct site *site, struct err *e)
{
	struct systemd *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL) {
		err_set(e, ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	r = bus_open(site, s);
	if (r < 0) {
		err_set(e, -r, "cannot reach systemd: %s", strerror(-r));
		systemd_close(s);
		return NULL;
	}
	return s;
}

void
systemd_close(struct systemd *s)
{
	if (s == NULL)
		return;
	sd_bus_flush_close_unref(s->bus);
	free(s);
}

/* The bus path of the unit; empty when systemd has not loaded it. */
static int
unit_path(struct systemd *s, const char *name, char out[UNIT_PATH_MAX],
    struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	AUTO_MESSAGE sd_bus_message *m = NULL;
	char unit[SITE_UNIT_MAX];
	const char *path;
	int r;

	out[0] = '\0';
	site_unit(name, unit);
	r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
	    SYSTEMD_MANAGER, "GetUnit", &why, &m, "s", unit);
	if (r < 0 && sd_bus_error_has_name(&why, NO_SUCH_UNIT))
		return 0;
	if (r >= 0)
		r = sd_bus_message_read(m, "o", &path);
	if (r < 0)
		return bus_failed(e, r, &why);
	snprintf(out, UNIT_PATH_MAX, "%s", path);
	return 0;
}

static enum unit_active
active_from(const char *word)
{
	if (strcmp(word, "active") == 0 || strcmp(word, "reloading") == 0)
		return UNIT_ACTIVE;
	if (strcmp(word, "activating") == 0)
		return UNIT_ACTIVATING;
	if (strcmp(word, "deactivating") == 0)
		return UNIT_DEACTIVATING;
	if (strcmp(word, "failed") == 0)
		return UNIT_FAILED;
	return UNIT_INACTIVE;
}

static int
get_word(struct systemd *s, const char *path, const char *interface,
    const char *property, char *out, size_t size, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	char *word = NULL;
	int r = sd_bus_get_property_string(s->bus, SYSTEMD_NAME, path,
	    interface, property, &why, &word);

	if (r < 0)
		return bus_failed(e, r, &why);
	snprintf(out, size, "%s", word);
	free(word);
	return 0;
}

/* @out is an int32_t or uint32_t as @type, "i" or "u", says. */
static int
get_number(struct systemd *s, const char *path, const char *property,
    const char *type, void *out, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	int r = sd_bus_get_property_trivial(s->bus, SYSTEMD_NAME, path,
	    SYSTEMD_SERVICE, property, &why, type[0], out);

	return r < 0 ? bus_failed(e, r, &why) : 0;
}

int
unit_query(struct systemd *s, const char *name, struct unit_facts *out,
    struct err *e)
{
	char path[UNIT_PATH_MAX], word[32];

	memset(out, 0, sizeof(*out));
	strcpy(out->result, "success");
	if (unit_path(s, name, path, e) < 0)
		return -1;
	if (path[0] == '\0')
		return 0;
	if (get_word(s, path, SYSTEMD_UNIT, "ActiveState", word, sizeof(word),
		e) < 0)
		return -1;
	out->active = active_from(word);
	if (get_word(s, path, SYSTEMD_SERVICE, "Result", out->result,
		sizeof(out->result), e) < 0 ||
	    get_number(s, path, "ExecMainCode", "i", &out->exit_code, e) < 0 ||
	    get_number(s, path, "ExecMainStatus", "i", &out->exit_status,
		e) < 0 ||
	    get_number(s, path, "MainPID", "u", &out->pid, e) < 0 ||
	    get_number(s, path, "ExecMainPID", "u", &out->last_pid, e) < 0)
		return -1;
	return 0;
}

static int
job_removed(sd_bus_message *m, void *data, sd_bus_error *why)
{
	struct systemd *s = data;
	const char *job, *unit, *result;
	uint32_t id;

	(void)why;
	if (sd_bus_message_read(m, "uoss", &id, &job, &unit, &result) >= 0 &&
	    strcmp(job, s->job) == 0)
		snprintf(s->job_result, sizeof(s->job_result), "%s", result);
	return 0;
}

/*
 * Deal with one message; only when there is none, wait for more, at most
 * @usec: what came in since the caller last looked may be what it waits for.
 */
static int
bus_turn(struct systemd *s, uint64_t usec)
{
	int r = sd_bus_process(s->bus, NULL);

	return r != 0 ? r : sd_bus_wait(s->bus, usec);
}

static int
job_wait(struct systemd *s, const char *what, struct err *e)
{
	while (s->job_result[0] == '\0') {
		int r = bus_turn(s, UINT64_MAX);

		if (r < 0 && r != -EINTR)
			return bus_failed(e, r, NULL);
	}
	if (strcmp(s->job_result, "done") == 0)
		return 0;
	if (strcmp(s->job_result, "timeout") == 0)
		return err_set(e, ERR_TIMEOUT, "the %s took too long", what);
	if (strcmp(s->job_result, "canceled") == 0)
		return err_set(e, EIO, "the %s was cancelled by another", what);
	return err_set(e, EIO, "the %s failed", what);
}

/* Call @method, which makes a job of the unit, and wait for the job's end. */
static int
unit_job(struct systemd *s, const char *name, const char *method,
    const char *what, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	AUTO_MESSAGE sd_bus_message *m = NULL;
	AUTO_SLOT sd_bus_slot *slot = NULL;
	char unit[SITE_UNIT_MAX];
	const char *job;
	int r;

	site_unit(name, unit);
	s->job_result[0] = '\0';
	r = sd_bus_match_signal(s->bus, &slot, s->peer, SYSTEMD_PATH,
	    SYSTEMD_MANAGER, "JobRemoved", job_removed, s);
	if (r >= 0)
		r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
		    SYSTEMD_MANAGER, "Subscribe", &why, NULL, "");
	if (r >= 0)
		r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
		    SYSTEMD_MANAGER, method, &why, &m, "ss", unit, "replace");
	if (r >= 0)
		r = sd_bus_message_read(m, "o", &job);
	if (r < 0)
		return bus_failed(e, r, &why);
	snprintf(s->job, sizeof(s->job), "%s", job);
	return job_wait(s, what, e);
}

int
unit_start(struct systemd *s, const char *name, struct err *e)
{
	return unit_job(s, name, "StartUnit", "start", e);
}

int
unit_stop(struct systemd *s, const char *name, struct err *e)
{
	return unit_job(s, name, "StopUnit", "end", e);
}

/* Only to have the signal delivered: the state is asked for afterwards. */
static int
unit_changed(sd_bus_message *m, void *data, sd_bus_error *why)
{
	(void)m;
	(void)data;
	(void)why;
	return 0;
}

int
unit_wait_end(struct systemd *s, const char *name, unsigned seconds,
    struct err *e)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	AUTO_SLOT sd_bus_slot *slot = NULL;
	char path[UNIT_PATH_MAX];
	struct unit_facts facts;
	int r;

	if (unit_path(s, name, path, e) < 0)
		return -1;
	if (path[0] == '\0')
		return 0;
	s->job_result[0] = '\0';
	r = sd_bus_match_signal(s->bus, &slot, s->peer, path,
	    "org.freedesktop.DBus.Properties", "PropertiesChanged",
	    unit_changed, NULL);
	if (r >= 0)
		r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
		    SYSTEMD_MANAGER, "Subscribe", NULL, NULL, "");
	if (r < 0)
		return bus_failed(e, r, NULL);
	for (;;) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		if (unit_query(s, name, &facts, e) < 0)
			return -1;
		if (facts.active == UNIT_INACTIVE ||
		    facts.active == UNIT_FAILED)
			return 0;
		if (now >= end)
			return err_set(e, ERR_TIMEOUT,
			    "still running after %u seconds", seconds);
		r = bus_turn(s, (end - now) / 1000 + 1);
		if (r < 0 && r != -EINTR)
			return bus_failed(e, r, NULL);
	}
}

int
unit_forget_failure(struct systemd *s, const char *name, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	char unit[SITE_UNIT_MAX];
	int r;

	site_unit(name, unit);
	r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
	    SYSTEMD_MANAGER, "ResetFailedUnit", &why, NULL, "s", unit);
	if (r < 0 && !sd_bus_error_has_name(&why, NO_SUCH_UNIT))
		return bus_failed(e, r, &why);
	return 0;
}

static int
unit_is_enabled(struct systemd *s, const char *unit, bool *on, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	AUTO_MESSAGE sd_bus_message *m = NULL;
	const char *state;
	int r;

	r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
	    SYSTEMD_MANAGER, "GetUnitFileState", &why, &m, "s", unit);
	if (r >= 0)
		r = sd_bus_message_read(m, "s", &state);
	if (r < 0)
		return bus_failed(e, r, &why);
	*on = strcmp(state, "enabled") == 0;
	return 0;
}

int
unit_enable(struct systemd *s, const char *name, bool on, struct err *e)
{
	AUTO_BUS_ERROR sd_bus_error why = SD_BUS_ERROR_NULL;
	char unit[SITE_UNIT_MAX];
	bool is_on = !on;
	int r;

	site_unit(name, unit);
	if (unit_is_enabled(s, unit, &is_on, e) < 0)
		return -1;
	if (is_on == on)
		return 0;
	if (on)
		r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
		    SYSTEMD_MANAGER, "EnableUnitFiles", &why, NULL, "asbb", 1,
		    unit, 0, 0);
	else
		r = sd_bus_call_method(s->bus, SYSTEMD_NAME, SYSTEMD_PATH,
		    SYSTEMD_MANAGER, "DisableUnitFiles", &why, NULL, "asb", 1,
		    unit, 0);
	return r < 0 ? bus_failed(e, r, &why) : 0;
}
