/* SPDX-License-Identifier: Apache-2.0 */
/* Counting parts, looking at what left the adapter. */
#include "check.h"

#include <assert.h>
#include <string.h>

static void
parts_check(const struct adapter *a)
{
	uint32_t free = 0, taken = 0, held = a->spares.count;

	for (uint32_t i = 0; i < a->pool.count; i++) {
		free += a->pool.entries[i].state == POOL_FREE;
		taken += a->pool.entries[i].state == POOL_TAKEN;
	}
	assert(free == a->pool.free_count);
	/* Between calls only spares are taken, and batches were sent. */
	assert(taken == held);
}

static void
packet_check(const struct guest *g, const struct guest_packet *p)
{
	const struct adapter *a = &g->adapter;

	assert(p->queue < ADAPTER_QUEUES_MAX && a->queues[p->queue].open);
	if (a->receive_buffer == NULL)
		return;
	for (unsigned i = 0; i < p->range_count; i++) {
		assert(p->ranges[i].offset % a->pool.size == 0);
		assert(p->ranges[i].offset / a->pool.size < a->pool.count);
		assert(p->ranges[i].length <= a->pool.size);
	}
}

void
adapter_check(struct guest *g)
{
	for (unsigned i = 0; i < g->packet_count; i++)
		packet_check(g, &g->packets[i]);
	for (unsigned i = 0; i < g->sent.count; i++) {
		const struct guest_frame *f = &g->sent.frames[i];

		assert(f->len >= FRAME_HEADER && f->len <= 65535 + 18);
		assert(memcmp(f->bytes + FRAME_MAC, guest_mac, FRAME_MAC) ==
		    0);
		assert(!address_feigned(f->bytes, f->len, guest_mac));
		assert(f->header.gso_type != VIRTIO_NET_HDR_GSO_NONE ||
		    f->len <= 1500 + FRAME_HEADER + 2 * FRAME_TAG);
		assert((f->header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0 ||
		    f->header.csum_start + f->header.csum_offset + 2u <=
			f->len);
	}
	g->packet_count = 0;
	guest_frames_free(&g->sent);
	parts_check(&g->adapter);
}
