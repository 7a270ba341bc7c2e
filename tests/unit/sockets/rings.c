/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of two rings in plain memory. */
#include "rings.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static uint8_t page[MEMORY_PAGE];
static struct memory memory;

void
rings_create(struct rings *r)
{
	static const struct memory_region region = { 0, sizeof(page), 0 };
	struct channel_setup s = {
		.ring_in = r->memory, .ring_in_bytes = RINGS_BYTES,
		.ring_out = r->memory + RINGS_BYTES,
		.ring_out_bytes = RINGS_BYTES,
		.memory = &memory,
		.duplex = true,
	};
	struct err e;

	memset(r, 0, sizeof(*r));
	cr_assert(memory_set(&memory, page, sizeof(page), &region, 1));
	s.call_fd = r->call_fd = eventfd(0, EFD_NONBLOCK);
	s.kick_fd = r->kick_fd = eventfd(0, EFD_NONBLOCK);
	r->channel = channel_create(&s, &e);
	cr_assert_not_null(r->channel);
	cr_assert(ring_writer_attach(&r->out, r->memory, RINGS_BYTES));
	cr_assert(ring_reader_attach(&r->in, r->memory + RINGS_BYTES,
	    RINGS_BYTES));
}

void
rings_destroy(struct rings *r)
{
	channel_destroy(r->channel);
	close(r->call_fd);
	close(r->kick_fd);
}

bool
rings_send_as(struct rings *r, uint32_t type, uint32_t size,
    const void *bytes, size_t len)
{
	static const uint8_t zeros[8];
	size_t padding = (8 - len % 8) % 8;
	uint16_t descriptor[8] = { PACKET_IN_BAND, 2,
		(uint16_t)((24 + len + padding) / 8) };
	uint32_t head[2] = { type, size };
	struct iovec iov[] = {
		{ descriptor, sizeof(descriptor) },
		{ head, sizeof(head) },
		{ (void *)(uintptr_t)bytes, len },
		{ (void *)(uintptr_t)zeros, padding },
	};
	enum ring_result result;
	bool signal = false;

	result = ring_writer_push(&r->out, iov, 4, &signal);
	r->signals += signal;
	cr_assert(result == RING_OK || result == RING_FULL);
	return result == RING_OK;
}

bool
rings_send(struct rings *r, const void *bytes, size_t len)
{
	return rings_send_as(r, 1, (uint32_t)len, bytes, len);
}

int
rings_receive(struct rings *r, void *out, size_t room)
{
	static _Alignas(8) uint8_t packet[RINGS_BYTES];
	uint32_t head[2];
	size_t len;

	if (ring_reader_pop(&r->in, packet, sizeof(packet), &len) != RING_OK)
		return -1;
	cr_assert_geq(len, 24);
	memcpy(head, packet + 16, sizeof(head));
	cr_assert_eq(head[0], 1);
	cr_assert_leq(head[1], 16384);
	cr_assert_leq(head[1], len - 24);
	cr_assert_lt(len - 24 - head[1], 8, "no more than padding");
	cr_assert_leq(head[1], room);
	cr_assert_not(r->ended, "bytes behind the end");
	r->ended = head[1] == 0;
	memcpy(out, packet + 24, head[1]);
	return (int)head[1];
}

uint64_t
rings_bell(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) < 0 ? 0 : count;
}
