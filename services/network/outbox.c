/* SPDX-License-Identifier: Apache-2.0 */
/* A short queue of packets. */
#include "network/outbox.h"

#include <assert.h>
#include <string.h>

#include "network/nvsp_wire.h"

struct outbox_entry
outbox_entry_make(enum packet_type type, uint64_t transaction_id,
    const void *payload, size_t len)
{
	struct outbox_entry entry = {
		.type = type,
		.transaction_id = transaction_id,
		.size = len,
	};

	assert(len <= sizeof(entry.payload));
	memcpy(entry.payload, payload, len);
	return entry;
}

bool
outbox_push(struct outbox *o, const struct outbox_entry *entry)
{
	if (o->count == OUTBOX_ENTRIES)
		return false;
	o->entries[o->count++] = *entry;
	return true;
}

struct packet_out
outbox_packet(const struct outbox_entry *entry, struct iovec *iov)
{
	iov->iov_base = (void *)(uintptr_t)entry->payload;
	iov->iov_len = entry->size;
	return (struct packet_out){
		.type = entry->type,
		.wants_completion = entry->wants_completion,
		.can_wait = entry->can_wait,
		.transaction_id = entry->transaction_id,
		.payload = iov,
		.payload_count = entry->size > 0,
		.ranges = entry->has_range ? &entry->range : NULL,
		.range_count = entry->has_range,
		.page_set = entry->has_range ? NVSP_PAGE_SET : 0,
	};
}

void
outbox_pop(struct outbox *o)
{
	assert(o->count > 0);
	o->count--;
	memmove(&o->entries[0], &o->entries[1],
	    o->count * sizeof(o->entries[0]));
}

void
outbox_drop_ranges(struct outbox *o)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < o->count; i++)
		if (!o->entries[i].has_range)
			o->entries[kept++] = o->entries[i];
	o->count = kept;
}
