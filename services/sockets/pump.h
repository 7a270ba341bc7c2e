/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one connection, between a channel's rings and a socket. */
#ifndef MULLION_SOCKETS_PUMP_H
#define MULLION_SOCKETS_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "vmbus/channel.h"

/*
 * Nothing is kept here: bytes go from the ring into the socket, and from the
 * socket into the ring, without a stop. What one side does not take stays
 * where it is, until the other side is full and waits.
 */

/* The most that the guest takes in one packet. */
#define PUMP_PACKET_MAX 16384u
/* Packets that are sent on at once. */
#define PUMP_BATCH 32u
/* After so many bytes others have their turn. */
#define PUMP_TURN (UINT32_C(256) << 10)

/* The socket: like sendmsg(2) and so on, never waiting. */
struct pump_ops {
	ssize_t (*send)(void *ctx, const struct iovec *pieces,
	    unsigned count);
	ssize_t (*receive)(void *ctx, const struct iovec *pieces,
	    unsigned count);
	/* Nothing more will be sent. */
	void (*finish)(void *ctx);
	/* Let others run, among them the guest, who may have more to send. */
	void (*give_way)(void *ctx);
};

enum pump_result {
	PUMP_IDLE,	/* until there is something new to be moved */
	PUMP_BLOCKED,	/* until the receiving side takes more */
	PUMP_MORE,	/* others' turn, then again */
	PUMP_ENDED,	/* and the other side was told */
	PUMP_BROKEN,	/* an end is gone, or the guest breaks the rules */
};

struct pump {
	const struct pump_ops *ops;
	void *ctx;
	struct channel *channel;
	size_t offset;		/* of the next packet, what was sent of it */
	bool guest_ended;
	bool host_ended;	/* read; the guest may not know yet */
	bool host_end_told;
	uint64_t to_host, to_guest;	/* bytes */
};

void pump_init(struct pump *p, const struct pump_ops *ops, void *ctx,
    struct channel *c);

/* Move what is there. The caller sees to channel_flush(). */
enum pump_result pump_to_host(struct pump *p);
enum pump_result pump_to_guest(struct pump *p);

/* True when both directions have ended. */
bool pump_done(const struct pump *p);

/* How many bytes the guest has sent and pump_to_host() has not moved. */
size_t pump_waiting(struct pump *p);

/*
 * Copy what the guest has sent and pump_to_host() has not moved, up to @room
 * bytes of it, to @out; returns how many there are.
 */
size_t pump_rest(struct pump *p, uint8_t *out, size_t room);

#endif
