/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a provider without a worker behind it. */
#ifndef MULLION_TESTS_INTEGRATION_FAKE_PROVIDER_H
#define MULLION_TESTS_INTEGRATION_FAKE_PROVIDER_H

#include "integration/icmsg.h"
#include "integration/services.h"
#include "vmbus/provider.h"

/* One channel; .service is its place in the order of the offers. */
struct channel {
	bool full;   /* sending fails */
	bool closed; /* offer_closed() was called */
	size_t sent; /* bytes of the last packet */
	uint8_t packet[IC_PACKET_MAX];
	size_t waiting; /* bytes of the packet that is received next */
	unsigned empty; /* packets of no bytes that come before it */
	unsigned resumed; /* channel_resume() was called so often */
	uint8_t answer[IC_PACKET_MAX + 8];
};

struct offer {
	const struct offer_ops *ops;
	void *ctx;
	struct offer_setup setup;
	bool open;
	struct channel channel;
};

struct fake_provider {
	const struct provider_ops *ops;
	void *ctx;
	bool sandboxed;
	bool destroyed;
	unsigned times_asked;
	unsigned offers;
	struct offer offer[2 * SERVICES];
};

extern struct fake_provider fake;

/* The guest opens the channel of offer @o and takes the first packet. */
void fake_open(struct offer *o);

/* The guest sends back what it was sent last, as @o's next answer. */
void fake_echo(struct offer *o, uint32_t status);

/* The same after it chose the newest versions. */
void fake_negotiate(struct offer *o);

#endif
