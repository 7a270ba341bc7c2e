/* SPDX-License-Identifier: Apache-2.0 */
/* What most commands begin with: systemd reached, the partition looked at. */
#ifndef MULLION_CLI_SESSION_H
#define MULLION_CLI_SESSION_H

#include "cli/commands.h"
#include "manager/partition.h"

struct session {
	const struct site *site;
	struct systemd *systemd;
	struct partition partition;
};

/* The caller ends it with session_end(), also when this fails. */
int session_begin(struct session *s, const struct invocation *inv,
    const char *name, struct err *e);

/* The same for commands that a running or paused partition is needed for. */
int session_begin_alive(struct session *s, const struct invocation *inv,
    const char *name, struct err *e);

/* Look again, after something was done. */
int session_refresh(struct session *s, struct err *e);

void session_end(struct session *s);

#define AUTO_SESSION __attribute__((cleanup(session_end)))

/*
 * ERR_STATE, with what could be done instead, unless the partition is in the
 * one state, or (for _ended) has stopped or failed.
 */
int session_need_running(const struct session *s, struct err *e);
int session_need_ended(const struct session *s, struct err *e);

/* End the partition at once, whatever it does; nothing runs afterwards. */
int session_kill(struct session *s, struct err *e);

#endif
