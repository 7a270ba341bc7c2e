/* SPDX-License-Identifier: Apache-2.0 */
/* Emptying the ring of a guest: what it holds is dropped, and answered. */
#include "vmbus/farewell.h"

#include "vmbus/packet.h"
#include "vmbus/ring.h"

/* The longest packet of any driver, and what the shortest takes of a ring. */
#define PACKET_ROOM	8192u
#define PACKET_LEAST	(sizeof(struct packet_descriptor) + RING_TRAILER)

struct farewell {
	const struct memory *memory;
	struct ring_reader in;
	struct ring_writer out;
	struct iovec payload;
};

/* Pages @first to @end of the list, if they follow one another. */
static void *
pages_at(const struct memory *memory, const struct gpadl *g, uint32_t first,
    uint32_t end)
{
	for (uint32_t i = first + 1; i < end; i++)
		if (g->pfns[i] != g->pfns[i - 1] + 1)
			return NULL;
	return memory_at(memory, g->pfns[first] << MEMORY_PAGE_SHIFT,
	    (size_t)(end - first) * MEMORY_PAGE);
}

static bool
rings_attach(struct farewell *f, const struct gpadl *g, uint32_t downstream)
{
	void *in, *out;

	if (downstream == 0 || downstream >= g->page_count)
		return false;
	in = pages_at(f->memory, g, 0, downstream);
	out = pages_at(f->memory, g, downstream, g->page_count);
	return in != NULL && out != NULL &&
	    ring_reader_attach(&f->in, in,
		(size_t)downstream * MEMORY_PAGE) &&
	    ring_writer_attach(&f->out, out,
		(size_t)(g->page_count - downstream) * MEMORY_PAGE);
}

/* False: nothing more can be said. */
static bool
packet_answer(struct farewell *f, const struct packet *p)
{
	struct packet_out out = {
		.type = PACKET_COMPLETION,
		.transaction_id = p->transaction_id,
		.payload = &f->payload,
		.payload_count = 1,
	};
	struct packet_image image;
	bool signal = false;

	if (p->type == PACKET_COMPLETION || !p->wants_completion)
		return true;
	return packet_build(&out, &image) &&
	    ring_writer_push(&f->out, image.pieces, image.count,
		&signal) == RING_OK;
}

/*
 * The provider may have died between an answer and the signal for it. A guest
 * that goes on sending is heard for one full ring, as others wait for us.
 */
bool
farewell_say(const struct memory *memory, const struct gpadl *rings,
    uint32_t downstream, const void *payload, size_t len)
{
	static uint8_t bytes[PACKET_ROOM] __attribute__((aligned(8)));
	static struct iovec pieces[PACKET_ROOM / 8];
	struct farewell f = {
		.memory = memory,
		.payload = { (void *)(uintptr_t)payload, len },
	};
	struct packet p;
	size_t size, left;

	if (len > FAREWELL_MAX || !rings_attach(&f, rings, downstream))
		return false;
	left = f.in.size / PACKET_LEAST;
	do {
		for (; left > 0 && ring_reader_pop(&f.in, bytes, sizeof(bytes),
		    &size) == RING_OK; left--)
			if (!packet_parse(bytes, size, memory, pieces,
			    PACKET_ROOM / 8, &p) || !packet_answer(&f, &p))
				return true;
		ring_reader_publish(&f.in);
	} while (left > 0 && ring_reader_unmask(&f.in) == RING_OK);
	return true;
}
