/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a provider without a worker; its rings are two memory files. */
#ifndef TESTS_RAW_FAKE_PROVIDER_H
#define TESTS_RAW_FAKE_PROVIDER_H

#include "vmbus/lend.h"

#define FAKE_RING_BYTES (4 * 4096)

struct offer {
	struct offer_setup setup;
	const struct offer_ops *ops;
	void *ctx;
	bool left_alone;
	bool closed;
	bool rescinded;
};

struct fake_provider {
	const struct provider_ops *ops;
	void *ctx;
	bool confined;
	unsigned offers;	/* that were ever made */
	struct offer offer;	/* the last one */
	int rings_fd, figures_fd, kick_fd, call_fd;
};

extern struct fake_provider fake;

/* The guest opens or closes the channel of the last offer. */
void fake_open(void);
void fake_close(void);

#endif
