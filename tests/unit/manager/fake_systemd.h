/* SPDX-License-Identifier: Apache-2.0 */
/* Enough of systemd's D-Bus interface, with one unit, for tests. */
#ifndef MULLION_TESTS_FAKE_SYSTEMD_H
#define MULLION_TESTS_FAKE_SYSTEMD_H

#include <pthread.h>
#include <stdbool.h>

#include "manager/systemd.h"
#include "test_root.h"

/*
 * Set before fake_systemd_start(); read after fake_systemd_stop(), which
 * waits for the thread behind it.
 */
struct fake_systemd {
	const char *active;	  /* ActiveState, as it is now */
	const char *after_start;  /* the same, once a start job is done */
	const char *start_result; /* "done", "failed", ... */
	struct unit_facts facts;  /* but .active */
	bool enabled;
	bool refuses_enabling;
	char calls[512]; /* names of methods, each with a space behind it */

	int listen_fd;
	int wake[2]; /* a byte here has the unit end */
	pthread_t thread;
	unsigned jobs;
};

void fake_systemd_start(struct fake_systemd *f, const struct test_root *r);
void fake_systemd_stop(struct fake_systemd *f);

/* The unit becomes inactive, as if its worker had ended by itself. */
void fake_systemd_end_unit(struct fake_systemd *f);

#endif
