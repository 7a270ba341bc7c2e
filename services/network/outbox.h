/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that wait for room in a ring. */
#ifndef MULLION_NETWORK_OUTBOX_H
#define MULLION_NETWORK_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/packet.h"

#define OUTBOX_PAYLOAD_MAX	104u	/* an NVSP message with a send table */

/* One packet of the guest causes three at most, the link another. */
#define OUTBOX_ENTRIES		4u

struct outbox_entry {
	enum packet_type type;
	uint64_t transaction_id;
	bool wants_completion;
	bool can_wait;
	bool has_range;
	struct packet_range range;
	size_t size;
	uint8_t payload[OUTBOX_PAYLOAD_MAX];
};

struct outbox {
	unsigned count;
	struct outbox_entry entries[OUTBOX_ENTRIES];
};

/* An entry without range that holds the @len bytes at @payload. */
struct outbox_entry outbox_entry_make(enum packet_type type,
    uint64_t transaction_id, const void *payload, size_t len);

/* Append; false if it is full. */
bool outbox_push(struct outbox *o, const struct outbox_entry *entry);

/* An entry as it is to be sent; @iov becomes its payload. */
struct packet_out outbox_packet(const struct outbox_entry *entry,
    struct iovec *iov);

/* The first was sent. */
void outbox_pop(struct outbox *o);

/* Forget those with a range: their buffer is gone. */
void outbox_drop_ranges(struct outbox *o);

#endif
