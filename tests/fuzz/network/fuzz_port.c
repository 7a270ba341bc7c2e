/* SPDX-License-Identifier: Apache-2.0 */
/* Has any frame arrive at the port, long and short, and reads it as a guest. */
#include <assert.h>
#include <string.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first bytes: how the frame is repeated, and its header. */
struct arrival {
	uint8_t repeat;		/* to make it long */
	uint8_t flags;		/* coalesce */
	struct virtio_net_hdr header;
};

static uint8_t frame[65536];
static struct guest_frames got;

static void
frames_take(struct guest *g)
{
	unsigned queue;
	uint64_t id;

	while ((id = guest_receive(g, &queue, &got)) != 0)
		guest_complete(g, queue, id);
	for (unsigned i = 0; i < got.count; i++)
		assert(got.frames[i].len <= sizeof(frame));
	guest_frames_free(&got);
	assert(g->adapter.queues[0].stats.bad_messages == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t all = RNDIS_FILTER_PROMISCUOUS;
	struct guest *g;
	struct arrival a;
	size_t len = 0;

	if (size < sizeof(a))
		return 0;
	memcpy(&a, data, sizeof(a));
	data += sizeof(a);
	size -= sizeof(a);
	for (int i = 0; i <= a.repeat && len + size <= sizeof(frame); i++) {
		memcpy(frame + len, data, size);
		len += size;
	}
	g = guest_create(4, 0, false);
	guest_start(g, NVSP_VERSION_61);
	guest_set(g, OID_GEN_CURRENT_PACKET_FILTER, &all, sizeof(all));
	guest_set_coalesce(g, (a.flags & 1) != 0);
	guest_port_put(g, frame, len, &a.header);
	guest_port_put(g, frame, len, &a.header);
	guest_poll(g);
	frames_take(g);
	adapter_check(g);
	guest_destroy(g);
	return 0;
}
