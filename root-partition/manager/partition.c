/* SPDX-License-Identifier: Apache-2.0 */
/* What state a partition is in, and since when and why. */
#include "manager/partition.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "manager/file.h"

#define STATUS_TEXT_MAX 4096

static const char *const state_names[] = {
	[PARTITION_STOPPED] = "stopped",
	[PARTITION_STARTING] = "starting",
	[PARTITION_RUNNING] = "running",
	[PARTITION_PAUSED] = "paused",
	[PARTITION_STOPPING] = "stopping",
	[PARTITION_FAILED] = "failed",
};

const char *
partition_state_name(enum partition_state state)
{
	return state_names[state];
}

static bool
died_by_signal(const struct unit_facts *u)
{
	return u->exit_code == CLD_KILLED || u->exit_code == CLD_DUMPED;
}

/* What systemd saw of the worker's end. */
static void
unit_reason(const struct unit_facts *u, char out[STATUS_REASON_MAX])
{
	if (strcmp(u->result, "timeout") == 0)
		snprintf(out, STATUS_REASON_MAX,
		    "worker took too long to start or to end");
	else if (strcmp(u->result, "watchdog") == 0)
		snprintf(out, STATUS_REASON_MAX, "worker hung");
	else if (strcmp(u->result, "oom-kill") == 0)
		snprintf(out, STATUS_REASON_MAX,
		    "worker killed: the parent ran out of memory");
	else if (died_by_signal(u))
		snprintf(out, STATUS_REASON_MAX,
		    "worker killed by signal %d (%s)", u->exit_status,
		    strsignal(u->exit_status));
	else if (u->exit_code == CLD_EXITED)
		snprintf(out, STATUS_REASON_MAX,
		    "worker ended with exit status %d", u->exit_status);
	else
		snprintf(out, STATUS_REASON_MAX,
		    "worker did not start (%s)", u->result);
}

/* Whether @s is of the unit's last worker and says how that ended. */
static bool
is_last_word(const struct unit_facts *u, const struct status *s)
{
	if (s->state != STATUS_STOPPED && s->state != STATUS_FAILED)
		return false;
	if (s->pid != 0 && u->last_pid != 0 && s->pid != u->last_pid)
		return false;
	return !(u->active == UNIT_FAILED && died_by_signal(u));
}

static enum partition_state
unit_state(const struct unit_facts *unit, const struct status *status)
{
	switch (unit->active) {
	case UNIT_ACTIVATING:
		return PARTITION_STARTING;
	case UNIT_ACTIVE:
		return status != NULL && status->state == STATUS_PAUSED
		    ? PARTITION_PAUSED : PARTITION_RUNNING;
	case UNIT_DEACTIVATING:
		return PARTITION_STOPPING;
	case UNIT_FAILED:
		return PARTITION_FAILED;
	case UNIT_INACTIVE:
		break;
	}
	return PARTITION_STOPPED;
}

void
partition_judge(struct partition *p, const struct unit_facts *unit,
    const struct status *status)
{
	p->state = unit_state(unit, status);
	p->pid = unit->pid;
	p->reason[0] = '\0';
	p->started = 0;
	p->ended = 0;
	if (p->state == PARTITION_RUNNING || p->state == PARTITION_PAUSED) {
		p->started = status != NULL ? status->started : 0;
		return;
	}
	if (p->state != PARTITION_STOPPED && p->state != PARTITION_FAILED)
		return;
	/* A worker that was killed could not say so: its status is stale. */
	if (status != NULL && is_last_word(unit, status)) {
		p->started = status->started;
		p->ended = status->ended;
		memcpy(p->reason, status->reason, sizeof(p->reason));
	}
	if (p->state == PARTITION_FAILED && p->reason[0] == '\0')
		unit_reason(unit, p->reason);
}

static int
load_status(const struct site *site, const char *name, struct status *out,
    struct err *e)
{
	char path[SITE_PATH_MAX], text[STATUS_TEXT_MAX];
	size_t len;

	site_runtime(site, name, "status.json", path);
	if (file_read(path, text, sizeof(text), &len, e) < 0)
		return -1;
	return status_parse((const uint8_t *)text, len, out, e);
}

int
partition_load(const struct site *site, struct systemd *s, const char *name,
    struct partition *out, struct err *e)
{
	struct err no_status = { 0 };
	struct unit_facts unit;
	struct status status;
	char path[SITE_PATH_MAX];
	bool has_status;

	memset(out, 0, sizeof(*out));
	if (partition_check_defined(site, name, e) < 0)
		return -1;
	snprintf(out->name, sizeof(out->name), "%s", name);
	site_config(site, name, path);
	out->config_valid =
	    config_load(path, &out->config, &out->config_err) == 0;
	if (unit_query(s, name, &unit, e) < 0)
		return -1;
	has_status = load_status(site, name, &status, &no_status) == 0;
	partition_judge(out, &unit, has_status ? &status : NULL);
	return 0;
}
