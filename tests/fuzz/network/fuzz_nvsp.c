/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a guest that sends any packets in any order, and closes at will. */
#include <assert.h>
#include <string.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 48

enum move {
	MOVE_IN_BAND,
	MOVE_DIRECT,
	MOVE_COMPLETE,
	MOVE_OTHER,
	MOVE_FRAME,
	MOVE_ROOM,
	MOVE_OPEN,
	MOVE_CLOSE,
	MOVE_LINK,
	MOVE_START,
	MOVE_REMOVE,
	MOVES,
};

struct step {
	uint8_t move;
	uint8_t queue;
	uint8_t argument;
	uint8_t length;		/* of the bytes that follow */
};

static void
packet_play(struct guest *g, const struct step *s, unsigned queue,
    const uint8_t *bytes)
{
	struct iovec page = {
		memory_at(&g->memory, (g->data_pfn << MEMORY_PAGE_SHIFT) +
		    s->argument, MEMORY_PAGE), MEMORY_PAGE - s->argument,
	};
	size_t len = s->length > 64 ? 64 : s->length;

	if (!g->adapter.queues[queue].open)
		return;
	switch (s->move % MOVES) {
	case MOVE_IN_BAND:
		guest_packet(g, queue, PACKET_IN_BAND, bytes, len, NULL, 0);
		break;
	case MOVE_DIRECT:
		guest_packet(g, queue, PACKET_GPA_DIRECT, bytes, len, &page,
		    s->argument % 2);
		break;
	case MOVE_COMPLETE:
		guest_complete(g, queue, s->argument);
		break;
	default:
		guest_packet(g, queue, (enum packet_type)s->argument, bytes,
		    len, NULL, 0);
		break;
	}
}

static void
frame_play(struct guest *g)
{
	uint8_t frame[256];
	size_t len = guest_tcp_frame(frame, false, 100);

	if (g->waiting.count < GUEST_FRAMES_MAX)
		guest_port_put(g, frame, len, NULL);
	guest_poll(g);
}

static void
start_play(struct guest *g)
{
	for (unsigned i = ADAPTER_QUEUES_MAX; i-- > 0;)
		if (g->adapter.queues[i].open)
			adapter_closed(&g->adapter, i);
	adapter_opened(&g->adapter, 0);
	adapter_set_link(&g->adapter, true);
	g->packet_count = 0;
	g->room = GUEST_PACKETS_MAX;
	guest_start(g, NVSP_VERSION_61);
}

static void
step_play(struct guest *g, const struct step *s, const uint8_t *bytes)
{
	unsigned queue = s->queue % ADAPTER_QUEUES_MAX;
	bool open = g->adapter.queues[queue].open;

	switch (s->move % MOVES) {
	case MOVE_FRAME:
		frame_play(g);
		break;
	case MOVE_ROOM:
		g->room = s->argument % GUEST_PACKETS_MAX;
		for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
			adapter_writable(&g->adapter, i);
		break;
	case MOVE_OPEN:
		if (!open && queue <= g->adapter.granted)
			adapter_opened(&g->adapter, queue);
		break;
	case MOVE_CLOSE:
		if (open)
			adapter_closed(&g->adapter, queue);
		break;
	case MOVE_LINK:
		adapter_set_link(&g->adapter, s->argument % 2 == 0);
		break;
	case MOVE_START:
		start_play(g);
		break;
	case MOVE_REMOVE:
		adapter_gpadl_removed(&g->adapter,
		    s->argument % 2 == 0 ? g->receive : g->send);
		break;
	default:
		packet_play(g, s, queue, bytes);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest *g = guest_create(4, 0, false);

	for (int i = 0; i < STEPS_MAX && size >= sizeof(struct step); i++) {
		struct step s;

		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		if (s.length > size)
			s.length = (uint8_t)size;
		step_play(g, &s, data);
		adapter_check(g);
		data += s.length;
		size -= s.length;
	}
	guest_destroy(g);
	return 0;
}
