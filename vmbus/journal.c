/* SPDX-License-Identifier: Apache-2.0 */
/* The journal. A release store is never moved before another one. */
#include "vmbus/journal.h"

#include <stdlib.h>
#include <string.h>

#define PACKETS_ALIGN 64u

static size_t
packets_at(uint32_t slots)
{
	size_t bytes = sizeof(struct journal_header) +
	    slots * sizeof(struct journal_slot);

	return (bytes + PACKETS_ALIGN - 1) / PACKETS_ALIGN * PACKETS_ALIGN;
}

size_t
journal_bytes(uint32_t slots, uint32_t room)
{
	return packets_at(slots) + (size_t)slots * room;
}

static void
mark_set(_Atomic uint64_t *mark, uint64_t value)
{
	atomic_store_explicit(mark, value, memory_order_release);
}

static uint64_t
mark_of(uint32_t slot, uint32_t index)
{
	return (uint64_t)(slot + 1) << 32 | index;
}

static void
slot_use(struct journal *j, uint32_t slot, uint32_t used)
{
	atomic_store_explicit(&j->header->slots[slot].used, used,
	    memory_order_release);
}

/*
 * A mark that is left: has @ring_index moved on from what it was? The slot is
 * to be freed if its packet was not taken, or its answer was sent.
 */
static void
mark_settle(struct journal *j, _Atomic uint64_t *mark, uint32_t ring_index,
    bool free_if_moved)
{
	uint64_t value = atomic_load(mark);
	uint64_t slot = value >> 32;

	if (slot > 0 && slot <= j->slots &&
	    (ring_index != (uint32_t)value) == free_if_moved)
		slot_use(j, (uint32_t)slot - 1, 0);
	mark_set(mark, 0);
}

/* Insertion from the end: they are in order but for a few. */
static void
again_add(struct journal *j, uint32_t slot)
{
	const struct journal_slot *slots = j->header->slots;
	uint32_t at = j->again_count++;

	while (at > 0 && slots[j->again[at - 1]].order > slots[slot].order) {
		j->again[at] = j->again[at - 1];
		at--;
	}
	j->again[at] = slot;
}

static void
slots_sort(struct journal *j)
{
	for (uint32_t i = 0; i < j->slots; i++) {
		const struct journal_slot *s = &j->header->slots[i];

		if (atomic_load(&s->used) == 0)
			continue;
		again_add(j, i);
		j->busy[i] = true;
		if (s->order >= j->order)
			j->order = s->order + 1;
	}
	/* The lowest are on top. */
	for (uint32_t i = j->slots; i-- > 0;)
		if (!j->busy[i])
			j->free[j->free_count++] = i;
}

bool
journal_attach(struct journal *j, void *base, uint32_t slots, uint32_t room,
    const struct ring_header *in, const struct ring_header *out)
{
	*j = (struct journal){
		.header = base,
		.packets = (uint8_t *)base + packets_at(slots),
		.slots = slots,
		.room = room,
		.busy = calloc(slots, sizeof(j->busy[0])),
		.free = calloc(slots, sizeof(j->free[0])),
		.again = calloc(slots, sizeof(j->again[0])),
	};
	if (j->busy == NULL || j->free == NULL || j->again == NULL) {
		journal_detach(j);
		return false;
	}
	mark_settle(j, &j->header->taking, atomic_load(&in->read_index),
	    false);
	mark_settle(j, &j->header->answering, atomic_load(&out->write_index),
	    true);
	slots_sort(j);
	return true;
}

void
journal_detach(struct journal *j)
{
	free(j->busy);
	free(j->free);
	free(j->again);
	*j = (struct journal){ .header = NULL };
}

int
journal_again(struct journal *j, void *out, size_t room, size_t *length)
{
	uint32_t slot;

	if (j->again_next == j->again_count)
		return -1;
	slot = j->again[j->again_next++];
	*length = j->header->slots[slot].length;
	if (room > j->room)
		room = j->room;
	if (*length > room)
		*length = room;
	memcpy(out, j->packets + (size_t)slot * j->room, *length);
	return (int)slot;
}

int
journal_slot(struct journal *j)
{
	return j->free_count > 0 ? (int)j->free[j->free_count - 1] : -1;
}

void
journal_take(struct journal *j, int slot, const void *packet,
    size_t length, struct ring_reader *in)
{
	uint32_t i = (uint32_t)slot;
	struct journal_slot *s = &j->header->slots[i];

	/* Not before the slot was free. */
	atomic_signal_fence(memory_order_seq_cst);
	j->free_count--;
	j->busy[i] = true;
	memcpy(j->packets + (size_t)i * j->room, packet, length);
	s->length = (uint32_t)length;
	s->order = j->order++;
	mark_set(&j->header->taking, mark_of(i, in->exposed));
	slot_use(j, i, 1);
	ring_reader_expose(in);
	mark_set(&j->header->taking, 0);
}

void
journal_answer(struct journal *j, int slot, struct ring_writer *out,
    uint32_t next, bool *signal)
{
	uint32_t i = (uint32_t)slot;

	mark_set(&j->header->answering, mark_of(i, out->write));
	if (ring_writer_commit(out, next))
		*signal = true;
	slot_use(j, i, 0);
	mark_set(&j->header->answering, 0);
	j->busy[i] = false;
	j->free[j->free_count++] = i;
}

bool
journal_has(const struct journal *j, uint32_t slot)
{
	return slot < j->slots && j->busy[slot];
}
