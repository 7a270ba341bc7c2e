/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers, and lies that go for all classes of channels. */
#include "lies.h"

#include "lib/payload.h"

#define CONNECTION_NEW 4u

static uint64_t state = 1;

void
lies_seed(uint64_t seed)
{
	state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static uint64_t
random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

uint32_t
lies_below(uint32_t limit)
{
	return (uint32_t)((random_number() >> 16) % limit);
}

bool
lies_chance(uint32_t percent)
{
	return lies_below(100) < percent;
}

uint32_t
lies_number(void)
{
	static const uint32_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 24, 0x7f, 0x80, 0xff, 0x100,
		0x7ff, 0x800, 0xfff, 0x1000, 0x1001, 0x7fff, 0x8000, 0xffff,
		0x10000, 0xffffff, 0x7fffffff, 0x80000000, 0xfffff000,
		0xfffffff8, 0xfffffffe, 0xffffffff,
	};

	return lies_chance(70) ?
	    edges[lies_below(sizeof(edges) / sizeof(edges[0]))] :
	    (uint32_t)random_number();
}

void
lies_spoil(void *bytes, uint32_t len, uint32_t most)
{
	for (uint32_t n = lies_below(most + 1); n > 0 && len >= 4; n--) {
		uint32_t at = lies_below(len - 3);

		switch (lies_below(3)) {
		case 0:
			((uint8_t *)bytes)[at] = (uint8_t)lies_number();
			break;
		case 1:
			put16(bytes, at & ~1u, lies_number());
			break;
		default:
			put32(bytes, at & ~3u, lies_number());
			break;
		}
	}
}

/* A relid or a handle that may be one. */
static uint32_t
some_relid(void)
{
	return lies_chance(70) ? bus_channels[lies_below(8)].relid :
	    lies_number();
}

static uint32_t
some_handle(void)
{
	return lies_chance(50) ? bus_channels[lies_below(8)].gpadl :
	    lies_number();
}

static uint32_t
header_make(uint8_t *m)
{
	uint32_t pages = lies_below(27);

	put32(m, 8, some_relid());
	put32(m, 12, lies_chance(50) ? bus_handle() : some_handle());
	put16(m, 16, 8 + 8 * pages);
	put16(m, 18, 1);
	put32(m, 20, pages * PAGE);
	for (uint32_t i = 0; i < pages; i++)
		put64(m, 28 + 8 * i, lies_chance(80) ? 0x1000 + i :
		    (uint64_t)lies_number() << lies_below(33));
	return 28 + 8 * pages;
}

static uint32_t
body_make(uint8_t *m)
{
	put32(m, 8, lies_number());
	put32(m, 12, some_handle());
	for (uint32_t i = 16; i < BUS_MESSAGE_MAX; i += 8)
		put64(m, i, lies_number());
	return 16 + 8 * lies_below(29);
}

static uint32_t
open_make(uint8_t *m)
{
	put32(m, 8, some_relid());
	put32(m, 12, lies_number());
	put32(m, 16, some_handle());
	put32(m, 20, lies_number());
	put32(m, 24, lies_number());
	return 148;
}

void
lies_message(void)
{
	/* Connect, unload and release end what others are about. */
	static const uint8_t types[] = {
		BUS_OPEN, BUS_GPADL_HEADER, BUS_GPADL_BODY, BUS_OPEN,
		BUS_GPADL_HEADER, BUS_GPADL_BODY, BUS_GPADL_TEARDOWN,
		BUS_CLOSE, BUS_REQUEST_OFFERS, 19, 21, 22, 0, 23, 26, 255,
	};
	uint8_t m[BUS_MESSAGE_MAX] = { 0 };
	uint32_t len;

	m[0] = types[lies_below(sizeof(types))];
	switch (m[0]) {
	case BUS_GPADL_HEADER:
		len = header_make(m);
		break;
	case BUS_GPADL_BODY:
		len = body_make(m);
		break;
	case BUS_OPEN:
		len = open_make(m);
		break;
	default:
		put32(m, 8, some_relid());
		put32(m, 12, some_handle());
		len = 8 + lies_below(BUS_MESSAGE_MAX - 8);
		break;
	}
	if (lies_chance(50))
		lies_spoil(m + 8, len - 8, 3);
	if (lies_chance(10))
		len = lies_number();
	bus_post(lies_chance(95) ? CONNECTION_NEW : lies_number(), m, len);
	bus_poll();
}

void
lies_ring(struct bus_channel *c)
{
	struct bus_ring *r = lies_chance(50) ? c->out : c->in;

	switch (lies_below(6)) {
	case 0:
		r->write = lies_number();
		break;
	case 1:
		r->read = lies_number();
		break;
	case 2:
		r->write = lies_below(BUS_RING_DATA / 8) * 8;
		break;
	case 3:
		r->read = lies_below(BUS_RING_DATA / 8) * 8;
		break;
	case 4:
		r->pending = lies_number();
		break;
	default:
		r->mask = lies_number();
		break;
	}
	bus_signal(c);
}
