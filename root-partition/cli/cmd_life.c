/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that change a partition's state: start to kill. */
#include <errno.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/session.h"
#include "manager/control.h"
#include "manager/integration.h"
#include "manager/publish.h"

#define STOP_SECONDS 60
#define STOP_SECONDS_MAX 86400

/* Nothing that can be known before is left to be found out by the worker. */
static int
start_checks(const struct session *s, struct err *e)
{
	const struct partition *p = &s->partition;

	if (session_need_ended(s, e) < 0)
		return -1;
	if (!p->config_valid) {
		*e = p->config_err;
		return -1;
	}
	if (config_check_files(&p->config, e) < 0 ||
	    publish_check(&p->config, e) < 0)
		return err_prefix(e, "%s", p->name);
	return 0;
}

/* Say why it did not start, which the worker or systemd knows best. */
static int
start_failed(struct session *s, struct err *e)
{
	struct err unused = { 0 };
	const struct partition *p = &s->partition;

	if (session_refresh(s, &unused) == 0 &&
	    p->state == PARTITION_FAILED && p->reason[0] != '\0')
		return err_set(e, EIO,
		    "%s failed to start: %s; journalctl -u mullion-worker@%s "
		    "may tell more", p->name, p->reason, p->name);
	return err_prefix(e, "%s", p->name);
}

int
cmd_start(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;
	const struct partition *p = &s.partition;

	if (session_begin(&s, inv, name, e) < 0 || start_checks(&s, e) < 0)
		return -1;
	/* Somebody may have changed the file by hand. */
	if (unit_enable(s.systemd, name, p->config.start_at_boot, e) < 0)
		return err_prefix(e, "%s", name);
	if (unit_start(s.systemd, name, e) < 0)
		return start_failed(&s, e);
	if (inv->value[OPTION_ATTACH] != NULL)
		return cmd_console(inv, name, e);
	if (session_refresh(&s, e) < 0)
		return -1;
	if (p->state == PARTITION_FAILED)
		return start_failed(&s, e);
	printf("%s: %s\n", name, partition_state_name(p->state));
	return 0;
}

/* Say how it ended; a failure if it did not end well. */
static int
report_end(struct session *s, struct err *e)
{
	const struct partition *p = &s->partition;

	if (session_refresh(s, e) < 0)
		return -1;
	if (p->state == PARTITION_FAILED)
		return err_set(e, EIO, "%s ended, but failed: %s", p->name,
		    p->reason);
	if (p->reason[0] != '\0')
		printf("%s: %s (%s)\n", p->name,
		    partition_state_name(p->state), p->reason);
	else
		printf("%s: %s\n", p->name, partition_state_name(p->state));
	return 0;
}

static int
power_button_press(const struct session *s, struct err *e)
{
	const char *name = s->partition.name;
	struct err why = { 0 };

	if (control_ask(s->site, name, CONTROL_POWER_BUTTON, &why) == 0)
		return 0;
	/* The worker's own no means that the guest cannot hear us. */
	if (why.code == EIO)
		return err_set(e, ERR_STATE,
		    "%s cannot be asked to shut down: %.300s; mullion kill %s "
		    "ends it", name, why.text, name);
	return err_set(e, why.code, "%s: %.400s", name, why.text);
}

/*
 * The guest's own service knows best. One that has none, or whose service does
 * not answer, may still listen to its power button.
 */
static int
shut_down(const struct session *s, struct err *e)
{
	const char *name = s->partition.name;
	struct err why = { 0 };

	if (integration_shutdown(s->site, name, &why) == 0)
		return 0;
	if (why.code == ENOTCONN || why.code == ERR_TIMEOUT ||
	    why.code == EBUSY)
		return power_button_press(s, e);
	return err_set(e, why.code, "%s: %.400s", name, why.text);
}

int
cmd_stop(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	unsigned seconds = STOP_SECONDS;

	if (args_number(inv, OPTION_TIMEOUT, 1, STOP_SECONDS_MAX, &seconds,
		e) < 0)
		return -1;
	if (session_begin(&s, inv, name, e) < 0 ||
	    session_need_running(&s, e) < 0)
		return -1;
	if (shut_down(&s, e) < 0)
		return -1;
	if (unit_wait_end(s.systemd, name, seconds, e) < 0) {
		if (e->code != ERR_TIMEOUT)
			return err_prefix(e, "%s", name);
		return err_set(e, ERR_TIMEOUT,
		    "%s still runs %u seconds after it was asked to shut "
		    "down: wait longer with --timeout, or end it with "
		    "mullion kill %s", name, seconds, name);
	}
	return report_end(&s, e);
}

int
cmd_kill(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.state == PARTITION_STOPPED ||
	    s.partition.state == PARTITION_FAILED)
		return err_set(e, ERR_STATE, "%s is %s: nothing to kill", name,
		    partition_state_name(s.partition.state));
	if (session_kill(&s, e) < 0)
		return -1;
	return report_end(&s, e);
}

int
cmd_pause(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (session_need_running(&s, e) < 0)
		return -1;
	if (control_ask(s.site, name, CONTROL_PAUSE, e) < 0)
		return err_prefix(e, "%s", name);
	printf("%s: paused\n", name);
	return 0;
}

int
cmd_resume(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.state != PARTITION_PAUSED)
		return err_set(e, ERR_STATE, "%s is %s, not paused", name,
		    partition_state_name(s.partition.state));
	if (control_ask(s.site, name, CONTROL_RESUME, e) < 0)
		return err_prefix(e, "%s", name);
	printf("%s: running\n", name);
	return 0;
}
