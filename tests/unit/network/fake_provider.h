/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a provider without a worker behind it. */
#ifndef MULLION_TESTS_NETWORK_FAKE_PROVIDER_H
#define MULLION_TESTS_NETWORK_FAKE_PROVIDER_H

#include "vmbus/provider.h"

#define FAKE_PAYLOAD_MAX 128u
#define FAKE_OFFERS_MAX 32u

/* One channel: a packet on its way to the provider, and the last from it. */
struct channel {
	bool full;		/* sending fails */
	bool waiting;		/* there is a packet to be received */
	bool resumed;
	unsigned sent;		/* packets */
	unsigned flushed;
	bool held;		/* the guest was not signalled of all */
	enum packet_type type;
	uint16_t page_set;
	struct packet_range range;	/* the first */
	uint8_t payload[FAKE_PAYLOAD_MAX] __attribute__((aligned(8)));
	size_t size;
	struct packet in;
	uint8_t in_payload[FAKE_PAYLOAD_MAX] __attribute__((aligned(8)));
};

struct offer {
	const struct offer_ops *ops;
	void *ctx;
	struct offer_setup setup;
	bool rescinded;
	bool released;
	bool closed;		/* offer_closed() was called */
	bool open;
	struct channel channel;
};

struct fake_provider {
	struct memory memory;
	unsigned offer_count;
	struct offer offers[FAKE_OFFERS_MAX];
	const struct gpadl *gpadl;	/* of every handle */
	uint32_t gpadl_removed;
};

extern struct fake_provider fake;

/* The guest opens the channel of an offer, and closes it. */
void fake_open(struct offer *o);
void fake_close(struct offer *o);

/* The guest is told of a rescinded offer's end, and agrees. */
void fake_release(struct offer *o);

/* The guest sends an in-band packet, which asks for an answer. */
void fake_send(struct offer *o, const void *payload, size_t len);

/* The newest offer of sub-channel @sub that is not released, or NULL. */
struct offer *fake_find(unsigned sub);

#endif
