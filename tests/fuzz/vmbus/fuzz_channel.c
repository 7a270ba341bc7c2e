/* SPDX-License-Identifier: Apache-2.0 */
/* A channel whose guest writes anything anywhere in the rings meanwhile. */
#include <assert.h>
#include <string.h>

#include "rings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	    rings_guest, argument[1] * 16u);
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
		if (ring_fill(rings_header(op / 8 % 2),
		    RINGS_BYTES - RING_PAGE, &fill))
			assert(fill < RINGS_BYTES - RING_PAGE);
		break;
	case 6:
		in_place(c);
		break;
	default:
		rings_write(op, argument);
		break;
	}
}

/* Begins with what the first ring holds; then steps of 7. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory;
	struct channel *c = rings_channel(&memory, 2048);
	size_t used = rings_fill(data, size);

	data += used;
	size -= used;
	for (; size >= 7; data += 7, size -= 7)
		step(c, data[0], data + 1);
	channel_destroy(c);
	return 0;
}
