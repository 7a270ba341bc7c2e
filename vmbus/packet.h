/* SPDX-License-Identifier: Apache-2.0 */
/* What travels in a ring: descriptors, range lists, payload. */
#ifndef MULLION_VMBUS_PACKET_H
#define MULLION_VMBUS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmbus/memory.h"

enum packet_type {
	PACKET_IN_BAND = 6,
	PACKET_TRANSFER_PAGES = 7,
	PACKET_GPA_DIRECT = 9,
	PACKET_COMPLETION = 11,
};

#define PACKET_WANTS_COMPLETION UINT16_C(1)

struct packet_descriptor {
	uint16_t type;
	uint16_t offset8;	/* of the payload, in units of 8 bytes */
	uint16_t length8;	/* of all, without the trailer */
	uint16_t flags;
	uint64_t transaction_id;
};
_Static_assert(sizeof(struct packet_descriptor) == 16, "wire layout");

/* Follows the descriptor of a packet with transfer pages, before ranges. */
struct packet_page_set {
	uint16_t id;
	uint8_t sender_owns;
	uint8_t reserved;
	uint32_t range_count;
};
_Static_assert(sizeof(struct packet_page_set) == 8, "wire layout");

/* Of a page set: where, in a buffer that both sides know. */
struct packet_range {
	uint32_t length;
	uint32_t offset;
};
_Static_assert(sizeof(struct packet_range) == 8, "wire layout");

/* The longest that a descriptor can tell, and what Linux copies by default. */
#define PACKET_LENGTH_MAX	(UINT16_MAX * 8u)
#define PACKET_LINUX_MAX	4096u

/*
 * One packet that came, checked. All it points to belongs to whoever parsed it
 * and lasts until the next packet: nobody else can change it, except the bytes
 * behind @pages, which are the guest's memory.
 */
struct packet {
	enum packet_type type;
	bool wants_completion;
	uint64_t transaction_id;	/* a cookie of the peer, no index */
	const uint8_t *payload;		/* padded: a multiple of 8 bytes */
	size_t payload_size;
	/* PACKET_GPA_DIRECT: the ranges one after the other, as pieces. */
	const struct iovec *pages;
	size_t page_pieces;
	uint64_t page_bytes;
	/* PACKET_TRANSFER_PAGES */
	const struct packet_range *ranges;
	size_t range_count;
	uint16_t page_set;
	/* Of a lasting channel: names it until channel_answer(). */
	uint32_t ticket;
};

/*
 * Take the @len bytes at @bytes, a private copy that is aligned to 8, apart.
 * Ranges are translated by @memory to at most @room pieces in @pieces; @room
 * of @len / 8 always does. False: malformed, or not the child's memory.
 */
bool packet_parse(const uint8_t *bytes, size_t len,
    const struct memory *memory, struct iovec *pieces, size_t room,
    struct packet *p);

/* One packet to be sent; what is not of its type is zero. */
struct packet_out {
	enum packet_type type;
	bool wants_completion;
	bool can_wait;			/* see channel_held() */
	uint64_t transaction_id;
	const struct iovec *payload;	/* any length: padded with zeros */
	unsigned payload_count;
	/* PACKET_TRANSFER_PAGES */
	const struct packet_range *ranges;
	unsigned range_count;
	uint16_t page_set;
};

#define PACKET_PAYLOAD_PIECES 8
/* Descriptor, page set, ranges, payload, padding. */
#define PACKET_OUT_PIECES (PACKET_PAYLOAD_PIECES + 4)

/* The parts of a packet that are not the caller's, and all its pieces. */
struct packet_image {
	struct packet_descriptor descriptor;
	struct packet_page_set page_set;
	struct iovec pieces[PACKET_OUT_PIECES];
	unsigned count;
	size_t bytes;			/* a multiple of 8, no trailer */
};

/*
 * Lay @out out as pieces for ring_writer_push(); they point into @image and
 * to what @out points to. False if it is too long or has too many pieces.
 */
bool packet_build(const struct packet_out *out, struct packet_image *image);

#endif
