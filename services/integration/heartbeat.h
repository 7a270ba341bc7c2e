/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the guest's kernel is alive. */
#ifndef MULLION_INTEGRATION_HEARTBEAT_H
#define MULLION_INTEGRATION_HEARTBEAT_H

#include "integration/icmsg.h"

#define HEARTBEAT_PERIOD (2 * IC_SECOND)
/* A guest that was only busy, or paused for a moment, is not lost. */
#define HEARTBEAT_MISSES 5

enum heartbeat_state {
	HEARTBEAT_NONE, /* the guest has no such service, or not yet */
	HEARTBEAT_OK,
	HEARTBEAT_LOST, /* HEARTBEAT_MISSES in a row */
};

struct heartbeat {
	struct ic ic;
	enum heartbeat_state state;
	uint64_t sequence;	/* sent last */
	uint64_t answered_at;	/* 0: never */
	unsigned missed;	/* in a row */
	uint64_t missed_total;
};

void heartbeat_init(struct heartbeat *h);

/* "ok" for HEARTBEAT_OK and so on. */
const char *heartbeat_state_name(enum heartbeat_state state);

#endif
