/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of the heap, so that the sanitizer sees what passes their ends. */
#include "rings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

uint8_t rings_guest[RINGS_GUEST];

static uint8_t *rings[2];
static int bell = -1;

struct channel *
rings_channel(struct memory *memory, size_t packet_max)
{
	static const struct memory_region region = { 0, RINGS_GUEST, 0 };
	struct channel_setup s = {
		.ring_in_bytes = RINGS_BYTES, .ring_out_bytes = RINGS_BYTES,
		.memory = memory, .packet_max = packet_max,
	};
	struct channel *c;
	struct err e;

	assert(memory_set(memory, rings_guest, RINGS_GUEST, &region, 1));
	for (int i = 0; i < 2; i++) {
		if (rings[i] == NULL)
			rings[i] = aligned_alloc(RING_PAGE, RINGS_BYTES);
		memset(rings[i], 0, RINGS_BYTES);
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

struct ring_header *
rings_header(unsigned ring)
{
	return (void *)rings[ring];
}

size_t
rings_fill(const uint8_t *data, size_t size)
{
	struct ring_header *in = (void *)rings[0];
	size_t len = size > 0 ? data[0] * 8u : 0;

	if (size == 0 || len > size - 1)
		return 0;
	memcpy(rings[0] + RING_PAGE, data + 1, len);
	in->write_index = (uint32_t)len;
	return 1 + len;
}

void
rings_write(uint8_t op, const uint8_t *argument)
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
