/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that wait for their slot in the guest to be free. */
#ifndef MULLION_VMBUS_MESSAGE_QUEUE_H
#define MULLION_VMBUS_MESSAGE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/gpadl.h"
#include "vmbus/message.h"
#include "vmbus/server.h"
#include "vmbus/server_channel.h"

/*
 * From this many on nothing is taken from the guest. What may come on top of
 * it is bounded: one answer for each list and each open that is under way, an
 * offer and a rescind for each relid, and the end of the offers.
 */
#define MESSAGE_QUEUE_LIMIT	512u
#define MESSAGE_QUEUE_ROOM \
	(MESSAGE_QUEUE_LIMIT + GPADL_COUNT_MAX + 3 * SERVER_RELID_MAX + 2)

struct queued_message {
	uint8_t len;
	uint8_t bytes[MESSAGE_BYTES_MAX];
};

/* First in, first out, to one SINT of one VP. */
struct message_queue {
	struct queued_message *messages;	/* MESSAGE_QUEUE_ROOM */
	uint32_t first, count;
	uint32_t vp;
	uint8_t sint;
	bool busy;		/* deliverable has yet to be told */
	bool flushing;
};

/* False: out of memory. What is not used takes no memory. */
bool message_queue_init(struct message_queue *q);
void message_queue_destroy(struct message_queue *q);

/* Drop what waits; what comes now is for @sint of @vp. */
void message_queue_aim(struct message_queue *q, uint32_t vp, uint8_t sint);

void message_queue_add(struct message_queue *q, const void *message,
    size_t len);

/* Post what can be posted, by op post() of @ops. */
void message_queue_flush(struct message_queue *q,
    const struct server_ops *ops, void *ctx);

#endif
