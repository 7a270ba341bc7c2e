/* SPDX-License-Identifier: Apache-2.0 */
/* A channel whose guest writes anything anywhere in the rings meanwhile. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "vmbus/channel.h"

#define RING_BYTES	(2 * RING_PAGE)
#define GUEST_PAGES	4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t guest[GUEST_PAGES * MEMORY_PAGE];
/* From the heap, so that the sanitizer sees what passes their ends. */
static uint8_t *rings[2];
static int bell = -1;

/* One step of the guest: four bytes somewhere, headers more often. */
static void
guest_write(uint8_t op, const uint8_t *argument)
{
	uint8_t *ring = rings[op >> 4 & 1];
	uint16_t at;
	uint32_t value;

	memcpy(&at, argument, sizeof(at));
	memcpy(&value, argument + 2, sizeof(value));
	if ((op & 0x20) != 0)
		memcpy(ring + at % 4 * 4, &value, sizeof(value));
	else
		memcpy(ring + RING_PAGE + at % (RING_PAGE - 3), &value,
		    sizeof(value));
}

static void
receive(struct channel *c)
{
	struct packet p;

	if (channel_receive(c, &p) != CHANNEL_OK)
		return;
	for (size_t i = 0; i < p.page_pieces; i++)
		memset(p.pages[i].iov_base, 1, p.pages[i].iov_len);
	channel_complete(c, p.transaction_id, p.payload, p.payload_size);
}

static void
send_pages(struct channel *c, const uint8_t *argument)
{
	struct packet_range ranges[16] = { { 60, 0 } };

	channel_send_pages(c, argument[1], 0xcafe, ranges, argument[0] % 17,
	    guest, argument[1] * 16u);
}

/* Two packets are looked at and taken, and their bodies sent back. */
static void
in_place(struct channel *c)
{
	struct channel_view v[2];
	struct channel_room room;
	size_t ahead = 0, count = 0;

	while (count < 2 && channel_peek(c, ahead, &v[count]) == CHANNEL_OK)
		ahead += v[count++].bytes;
	for (size_t i = 0; i < count; i++) {
		if (channel_reserve(c, 8, v[i].body_size + 8, &room) ==
		    CHANNEL_OK) {
			for (unsigned j = 0; j < room.body_count; j++)
				memset(room.body[j].iov_base, 1,
				    room.body[j].iov_len);
			assert(channel_commit(c, v[i].head,
			    room.body_size) == CHANNEL_OK);
		}
		channel_skip(c, v[i].bytes);
	}
}

static void
step(struct channel *c, uint8_t op, const uint8_t *argument)
{
	uint32_t fill;

	switch (op % 8) {
	case 0:
	case 1:
		receive(c);
		break;
	case 2:
		send_pages(c, argument);
		break;
	case 3:
		channel_signalled(c);
		break;
	case 4:
		channel_flush(c);
		break;
	case 5:
		if (ring_fill((void *)rings[op / 8 % 2],
		    RING_BYTES - RING_PAGE, &fill))
			assert(fill < RING_BYTES - RING_PAGE);
		break;
	case 6:
		in_place(c);
		break;
	default:
		guest_write(op, argument);
		break;
	}
}

static struct channel *
channel_make(struct memory *memory)
{
	static const struct memory_region region = { 0, sizeof(guest), 0 };
	struct channel_setup s = {
		.ring_in_bytes = RING_BYTES, .ring_out_bytes = RING_BYTES,
		.memory = memory, .packet_max = 2048,
	};
	struct channel *c;
	struct err e;

	assert(memory_set(memory, guest, sizeof(guest), &region, 1));
	for (int i = 0; i < 2; i++) {
		if (rings[i] == NULL)
			rings[i] = aligned_alloc(RING_PAGE, RING_BYTES);
		memset(rings[i], 0, RING_BYTES);
	}
	if (bell < 0)
		bell = eventfd(0, EFD_NONBLOCK);
	s.ring_in = rings[0];
	s.ring_out = rings[1];
	s.call_fd = s.kick_fd = bell;
	c = channel_create(&s, &e);
	assert(c != NULL);
	return c;
}

/* Begins with what the first ring holds and how much; then steps of 7. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory;
	struct channel *c = channel_make(&memory);
	struct ring_header *in = (void *)rings[0];
	size_t len = size > 0 ? data[0] * 8u : 0;

	if (size > 0 && len <= size - 1) {
		memcpy(rings[0] + RING_PAGE, data + 1, len);
		in->write_index = (uint32_t)len;
		data += 1 + len;
		size -= 1 + len;
	}
	for (; size >= 7; data += 7, size -= 7)
		step(c, data[0], data + 1);
	channel_destroy(c);
	return 0;
}
