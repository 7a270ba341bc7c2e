/* SPDX-License-Identifier: Apache-2.0 */
/* A worker: one child, from its configuration to its end. */
#ifndef MULLION_WORKER_WORKER_H
#define MULLION_WORKER_WORKER_H

#include <limits.h>

#include "manager/config.h"
#include "worker/backend.h"
#include "worker/console.h"
#include "worker/control.h"
#include "worker/loop.h"
#include "worker/machine.h"
#include "worker/status_file.h"
#include "worker/vmbus_host.h"

/*
 * How a worker exits. A payload that ends itself with code v makes it
 * (v << 1) | 1, so that these are even.
 */
enum worker_exit {
	WORKER_EXIT_DONE = 0,
	WORKER_EXIT_SETUP = 2,		/* the child could not be built */
	WORKER_EXIT_FAILED = 4,		/* the child came to a bad end */
	WORKER_EXIT_RESET = 6,		/* it wants to be started anew */
};

struct worker_options {
	char config[PATH_MAX];
	char run_dir[PATH_MAX];
	char log[PATH_MAX];
	/* Signals on VMBus pass through us, as without our hypervisor. */
	bool slow_signals;
};

struct worker {
	struct config config;
	struct loop loop;
	struct machine machine;
	struct vmbus_host vmbus;
	struct console console;
	struct control control;
	struct status_file status;
	int signal_fd;
	int flush_timer;
	int patience_timer;
	bool flush_armed;
	uint64_t flushed_at;	/* in ns, of the monotonic clock */
	bool asked_to_end;
};

/* Build the child and everything around it, and give up all privileges. */
int worker_setup(struct worker *w, const struct worker_options *o,
    const struct backend *backend, struct err *e);

/* Run it to its end. Returns the exit status of the process. */
int worker_run(struct worker *w);

/* Answer a request; the reply is for client @index. */
void worker_request(struct worker *w, unsigned index,
    const struct request *request);

#endif
