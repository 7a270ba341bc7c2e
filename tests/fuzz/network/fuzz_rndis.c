/* SPDX-License-Identifier: Apache-2.0 */
/* Sends any bytes as RNDIS messages, control and data. */
#include <string.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUES 4

/* The first bytes say how the others travel. */
struct way {
	uint8_t channel;
	uint8_t queue;
	uint16_t in_section;
};

/* Have all sub-channels that there can be. */
static void
queues_open(struct guest *g)
{
	struct nvsp_message m = { .type = NVSP_SUBCHANNEL }, answer;
	struct guest_packet table;

	m.subchannel = (struct nvsp_subchannel){
		NVSP_SUBCHANNEL_ALLOCATE, QUEUES - 1,
	};
	guest_nvsp(g, &m, &answer);
	guest_take(g, &table);
	for (unsigned i = 1; i < QUEUES; i++)
		if (!g->adapter.queues[i].open)
			adapter_opened(&g->adapter, i);
}

/* What it set, if it did, also decides what becomes of a frame. */
static void
control_send(struct guest *g, const uint8_t *bytes, size_t len)
{
	static uint8_t frame[GUEST_FRAME_BYTES];
	uint8_t reply[CONTROL_REPLY_MAX];
	size_t size = guest_tcp_frame(frame, false, 100);

	queues_open(g);
	guest_control(g, bytes, len, reply, sizeof(reply));
	guest_port_put(g, frame, size, NULL);
	guest_poll(g);
}

static void
data_send(struct guest *g, const struct way *w, const uint8_t *bytes,
    size_t len)
{
	size_t in_section = w->in_section < len ? w->in_section : len;
	unsigned queue = w->queue % QUEUES;

	if (!g->adapter.queues[queue].open)
		adapter_opened(&g->adapter, queue);
	guest_send(g, queue, bytes, len, w->queue % 8 == 0 ?
	    NVSP_NO_SECTION : w->queue % 16u, w->queue % 8 == 0 ? 0 :
	    in_section);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest *g;
	struct way w;

	if (size < sizeof(w))
		return 0;
	memcpy(&w, data, sizeof(w));
	data += sizeof(w);
	size -= sizeof(w);
	g = guest_create(QUEUES, 0, false);
	guest_start(g, NVSP_VERSION_61);
	if (w.channel % 2 == 0)
		data_send(g, &w, data, size);
	else
		control_send(g, data, size);
	adapter_check(g);
	guest_destroy(g);
	return 0;
}
