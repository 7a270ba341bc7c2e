/* SPDX-License-Identifier: Apache-2.0 */
/* The main program of a provider's process. */
#ifndef MULLION_SERVICES_PROCESS_H
#define MULLION_SERVICES_PROCESS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "manager/config.h"
#include "manager/err.h"

struct process {
	const char *program;	/* its name, for messages */

	/* Whether a partition so configured needs this process. */
	bool (*wanted)(const struct config *config);

	/*
	 * Serve partition @name, whose worker is reached in @run_dir, from the
	 * loop @event on. -1: failed; end() is called all the same.
	 */
	int (*begin)(sd_event *event, const char *name,
	    const struct config *config, const char *run_dir, struct err *e);
	void (*end)(void);
};

/*
 * Op lost() of a provider: a worker that has ended (ECONNRESET) takes us along;
 * all else, that it gave us up among it, has us started anew.
 */
void process_lost(sd_event *event, const struct err *why);

/*
 * Run it as the arguments say; its exit status. SIGTERM and SIGINT end it.
 *
 *	PROGRAM [--wanted] NAME
 *	PROGRAM --config FILE --run-dir DIR NAME
 *
 * --wanted only tells, by the status, whether partition NAME needs it.
 */
int process_main(const struct process *p, int argc, char **argv);

#endif
