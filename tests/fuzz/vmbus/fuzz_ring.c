/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a ring whose writer is a guest: indices and packets, and lies. */
#include <assert.h>
#include <string.h>

#include "vmbus/packet.h"
#include "vmbus/ring.h"

#define DATA RING_PAGE
#define GUEST_PAGES 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(RING_PAGE) uint8_t ring[RING_PAGE + DATA];
static uint8_t guest[GUEST_PAGES * MEMORY_PAGE];
static struct ring_header *const header = (void *)ring;

/* The next word of the input, for what the guest writes meanwhile. */
static uint32_t
word_next(const uint8_t **data, size_t *size)
{
	uint32_t v = 0;

	if (*size < sizeof(v))
		return 0;
	memcpy(&v, *data, sizeof(v));
	*data += sizeof(v);
	*size -= sizeof(v);
	return v;
}

static void
packet_look(const uint8_t *bytes, size_t len)
{
	static const struct memory_region region = { 0, sizeof(guest), 0 };
	struct iovec pieces[DATA / 8];
	struct memory memory;
	struct packet p;
	uint64_t sum = 0;

	assert(memory_set(&memory, guest, sizeof(guest), &region, 1));
	if (!packet_parse(bytes, len, &memory, pieces, len / 8, &p))
		return;
	assert(p.payload >= bytes + 16);
	assert(p.payload + p.payload_size == bytes + len);
	for (size_t i = 0; i < p.page_pieces; i++) {
		const uint8_t *at = p.pages[i].iov_base;

		assert(at >= guest && p.pages[i].iov_len > 0);
		assert(at + p.pages[i].iov_len <= guest + sizeof(guest));
		sum += p.pages[i].iov_len;
	}
	assert(sum == p.page_bytes);
	if (p.range_count > 0)
		assert((const uint8_t *)(p.ranges + p.range_count) <=
		    p.payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_Alignas(8) uint8_t out[DATA];
	struct ring_reader r;
	enum ring_result result = RING_OK;
	size_t len = 0;

	memset(ring, 0, sizeof(ring));
	header->write_index = word_next(&data, &size);
	header->read_index = word_next(&data, &size);
	header->pending_size = word_next(&data, &size);
	memcpy(ring + RING_PAGE, data, size < DATA ? size : DATA);
	if (!ring_reader_attach(&r, ring, sizeof(ring)))
		return 0;
	while (result == RING_OK) {
		result = ring_reader_pop(&r, out, sizeof(out), &len);
		if (result == RING_OK) {
			assert(len >= 16 && len % 8 == 0);
			packet_look(out, len);
		}
		if (len % 16 == 0)
			header->write_index = word_next(&data, &size);
		ring_reader_publish(&r);
		assert(header->read_index < DATA);
	}
	if (result == RING_CORRUPT)
		assert(ring_reader_unmask(&r) == RING_CORRUPT);
	return 0;
}
