/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's sockets without a worker behind them, for tests. */
#ifndef MULLION_TESTS_FAKE_WORKER_H
#define MULLION_TESTS_FAKE_WORKER_H

#include <pthread.h>

#include "fake_systemd.h"
#include "test_root.h"

/* Set before the start; .asked is for after the stop. */
struct fake_worker {
	const char *reply; /* to each request; NULL: hang up instead */
	/* Whose unit ends when the worker was asked something; or NULL. */
	struct fake_systemd *ends;
	char asked[512]; /* requests, each with a space behind it */
	unsigned fds;	 /* descriptors that came with them */

	int listen_fd;
	int wake[2];
	pthread_t thread;
};

/* Serve the control socket of the partition @name. */
void fake_worker_start(struct fake_worker *w, const struct test_root *r,
    const char *name);

/* The same for the socket @file of another process. */
void fake_service_start(struct fake_worker *w, const struct test_root *r,
    const char *name, const char *file);
void fake_worker_stop(struct fake_worker *w);

/* Listen on the socket @file of @name; the caller owns the descriptor. */
int fake_listen(const struct test_root *r, const char *name,
    const char *file, int type);

#endif
