/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the guest to power off or to restart. */
#ifndef MULLION_INTEGRATION_SHUTDOWN_H
#define MULLION_INTEGRATION_SHUTDOWN_H

#include "integration/icmsg.h"
#include "manager/err.h"

/* The guest answers before it begins to shut down. */
#define SHUTDOWN_LIMIT (5 * IC_SECOND)

enum shutdown_result {
	SHUTDOWN_UNASKED,
	SHUTDOWN_ASKED,
	SHUTDOWN_ACCEPTED,
	SHUTDOWN_REFUSED, /* .status says why */
	SHUTDOWN_SILENT,  /* no answer in time */
	SHUTDOWN_GONE,	  /* the channel was closed instead */
};

struct shutdown {
	struct ic ic;
	enum shutdown_result result; /* of what was asked for last */
	uint32_t status;
};

void shutdown_init(struct shutdown *s);

/*
 * Ask for it. ENOTCONN when the guest has no such service, EBUSY when it has
 * not answered what was asked before.
 */
int shutdown_ask(struct shutdown *s, bool restart, bool forced, uint64_t now,
    struct err *e);

/* 0 when it was accepted; else what became of it, in @e. */
int shutdown_report(const struct shutdown *s, struct err *e);

#endif
