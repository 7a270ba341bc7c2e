/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a provider without a worker behind it; channels are real. */
#ifndef TESTS_SOCKETS_FAKE_PROVIDER_H
#define TESTS_SOCKETS_FAKE_PROVIDER_H

#include "rings.h"
#include "vmbus/provider.h"

#define FAKE_OFFERS 4096u

struct offer {
	const struct offer_ops *ops;
	void *ctx;
	struct offer_setup setup;
	struct rings *rings;	/* while it is open */
	bool in_op, closing, closed, rescinding, rescinded, released;
};

struct fake_provider {
	const struct provider_ops *ops;
	void *ctx;
	uint32_t guest_version;
	unsigned offers, refusals;
	struct guid refused_endpoint, refused_service;
	struct offer offer[FAKE_OFFERS];
};

extern struct fake_provider fake;

/* The guest opens the channel of an offer; -1: it was refused. */
int fake_open(struct offer *o);

/* The bell was rung, if it was: ops writable() and receive(). */
void fake_kick(struct offer *o);

/* The guest closes; it is told nothing of the rings any more. */
void fake_close(struct offer *o);

/* The worker lets go of it: after a rescind, or because the guest is gone. */
void fake_release(struct offer *o, int status);

#endif
