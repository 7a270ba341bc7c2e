/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning a command, and checking that the partition's state allows it. */
#include "cli/session.h"

#include <string.h>

#include "manager/control.h"

/* For the worker to take a partition down. */
#define QUIT_SECONDS 10

int
session_begin(struct session *s, const struct invocation *inv,
    const char *name, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->site = &inv->site;
	if (partition_check_defined(s->site, name, e) < 0)
		return -1;
	s->systemd = systemd_open(s->site, e);
	if (s->systemd == NULL)
		return err_prefix(e, "%s", name);
	if (partition_load(s->site, s->systemd, name, &s->partition, e) < 0)
		return err_prefix(e, "%s", name);
	return 0;
}

int
session_refresh(struct session *s, struct err *e)
{
	char name[NAME_LETTERS_MAX + 1];

	strcpy(name, s->partition.name);
	if (partition_load(s->site, s->systemd, name, &s->partition, e) < 0)
		return err_prefix(e, "%s", name);
	return 0;
}

void
session_end(struct session *s)
{
	systemd_close(s->systemd);
	s->systemd = NULL;
}

/* What to do about a partition that is in the wrong state. */
static const char *
remedy(enum partition_state state)
{
	switch (state) {
	case PARTITION_STOPPED:
	case PARTITION_FAILED:
		return "mullion start starts it";
	case PARTITION_PAUSED:
		return "mullion resume lets it go on, mullion kill ends it";
	case PARTITION_RUNNING:
		return "mullion stop or mullion kill ends it";
	case PARTITION_STARTING:
	case PARTITION_STOPPING:
		break;
	}
	return "wait, or end it with mullion kill";
}

static int
wrong_state(const struct session *s, struct err *e)
{
	const struct partition *p = &s->partition;

	return err_set(e, ERR_STATE, "%s is %s: %s", p->name,
	    partition_state_name(p->state), remedy(p->state));
}

int
session_need_running(const struct session *s, struct err *e)
{
	if (s->partition.state == PARTITION_RUNNING)
		return 0;
	return wrong_state(s, e);
}

int
session_need_ended(const struct session *s, struct err *e)
{
	if (s->partition.state == PARTITION_STOPPED ||
	    s->partition.state == PARTITION_FAILED)
		return 0;
	return wrong_state(s, e);
}

/*
 * The worker's own way is the fastest: a SIGTERM would have it ask the guest
 * first. systemd makes sure of the rest, with SIGKILL in the end.
 */
int
session_kill(struct session *s, struct err *e)
{
	const char *name = s->partition.name;
	struct err unused = { 0 };

	if (control_ask(s->site, name, CONTROL_QUIT, &unused) == 0)
		unit_wait_end(s->systemd, name, QUIT_SECONDS, &unused);
	/* That a stubborn worker had to be shot is no failure: so we asked. */
	if (unit_stop(s->systemd, name, e) < 0 ||
	    unit_forget_failure(s->systemd, name, e) < 0)
		return err_prefix(e, "%s", name);
	return 0;
}

int
session_begin_alive(struct session *s, const struct invocation *inv,
    const char *name, struct err *e)
{
	if (session_begin(s, inv, name, e) < 0)
		return -1;
	if (s->partition.state == PARTITION_PAUSED)
		return 0;
	return session_need_running(s, e);
}
