/* SPDX-License-Identifier: Apache-2.0 */
/* What a lasting channel has under way, in memory that outlives a process. */
#ifndef MULLION_VMBUS_JOURNAL_H
#define MULLION_VMBUS_JOURNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/ring.h"

/*
 * A provider that is killed leaves this behind, and the one that follows finds
 * each request of the guest once: in the ring, or here under way, or answered.
 * Two marks tell which, for the one packet that was being taken and the one
 * answer that was being sent when the end came. Each holds the index of its
 * ring from before; if the ring's still is the same, it has not happened.
 *
 *	take:	fill a slot; mark {slot, read index}; slot used;
 *		ring's read index moves; unmark
 *	answer:	lay the packet into the ring; mark {slot, write index};
 *		ring's write index moves; slot free; unmark
 *
 * Only one process writes here at a time. What it wrote is checked by the next
 * like what a guest wrote: it may have been made to write anything.
 */

/* For the provider's own use: what it has to know of the channel. */
#define JOURNAL_NOTE_BYTES	64u
#define JOURNAL_SLOTS_MAX	4096u
#define JOURNAL_BYTES_MAX	(UINT32_C(32) << 20)

struct journal_slot {
	_Atomic uint32_t used;
	uint32_t length;		/* of the packet */
	uint64_t order;			/* of those used */
};

struct journal_header {
	_Atomic uint64_t taking;	/* a mark: slot + 1, index; or 0 */
	_Atomic uint64_t answering;	/* likewise */
	uint8_t note[JOURNAL_NOTE_BYTES];
	uint8_t padding[48];
	struct journal_slot slots[];	/* then the packets, one room each */
};
_Static_assert(offsetof(struct journal_header, slots) == 128, "layout");

struct journal {
	struct journal_header *header;
	uint8_t *packets;
	uint32_t slots;
	uint32_t room;		/* for a packet, in bytes */
	uint64_t order;		/* of the next that is taken */
	bool *busy;		/* what we made of @used */
	uint32_t *free;		/* a stack: few slots are ever touched */
	uint32_t free_count;
	uint32_t *again;	/* under way when the journal was taken over */
	uint32_t again_count;
	uint32_t again_next;
};

/* The memory that a journal takes, of packets up to @room bytes. */
size_t journal_bytes(uint32_t slots, uint32_t room);

/*
 * Use the journal at @base, of journal_bytes(), zeros if it is a new one. The
 * rings are those of the channel, as the guest sees them: they settle what was
 * in the middle of happening. False: no memory.
 */
bool journal_attach(struct journal *j, void *base, uint32_t slots,
    uint32_t room, const struct ring_header *in,
    const struct ring_header *out);
void journal_detach(struct journal *j);

/*
 * The slot of the next that was under way, in the order in which they came; a
 * copy of it in @out, of *@length bytes, at most @room. -1: no more.
 */
int journal_again(struct journal *j, void *out, size_t room, size_t *length);

/* A slot for one more packet, or -1: too many are under way. */
int journal_slot(struct journal *j);

/*
 * Have @slot stand for a packet of the guest that was copied from its ring,
 * and give the packet's place in the ring back.
 */
void journal_take(struct journal *j, int slot, const void *packet,
    size_t length, struct ring_reader *in);

/*
 * Send the packet that ring_writer_stage() has laid, up to @next, as the
 * answer to @slot, which is free then. @signal as with ring_writer_push().
 */
void journal_answer(struct journal *j, int slot, struct ring_writer *out,
    uint32_t next, bool *signal);

/* Is it one of a packet that is under way? */
bool journal_has(const struct journal *j, uint32_t slot);

#endif
