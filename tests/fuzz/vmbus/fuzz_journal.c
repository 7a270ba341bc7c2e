/* SPDX-License-Identifier: Apache-2.0 */
/* Rings and a journal as a provider that was deceived may leave them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "vmbus/channel.h"
#include "vmbus/journal.h"

#define RING_BYTES	(2 * RING_PAGE)
#define PACKET_MAX	128u
#define SLOTS		6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t guest[MEMORY_PAGE];

/* Memory of its own, for the sanitizer; as much of the input as there is. */
static void *
memory_take(const uint8_t **data, size_t *size, size_t bytes, size_t fill)
{
	uint8_t *memory = aligned_alloc(RING_PAGE,
	    (bytes + RING_PAGE - 1) / RING_PAGE * RING_PAGE);
	size_t n = *size < fill ? *size : fill;

	assert(memory != NULL);
	memset(memory, 0, bytes);
	memcpy(memory, *data, n);
	*data += n;
	*size -= n;
	return memory;
}

static void
serve(struct channel *c)
{
	unsigned answered = 0;
	struct packet p;

	while (channel_receive(c, &p) == CHANNEL_OK) {
		for (size_t i = 0; i < p.page_pieces; i++)
			memset(p.pages[i].iov_base, 1, p.pages[i].iov_len);
		assert(p.ticket < SLOTS);
		if (channel_answer(c, p.ticket, p.payload, p.payload_size) !=
		    CHANNEL_OK)
			continue;
		assert(channel_answer(c, p.ticket, NULL, 0) != CHANNEL_OK);
		answered++;
	}
	channel_flush(c);
	/* A packet takes 24 bytes of a ring, whatever it says. */
	assert(answered <= SLOTS + RING_PAGE / 24);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct memory_region region = { 0, sizeof(guest), 0 };
	static int bell = -1;
	struct channel_setup s = {
		.ring_in_bytes = RING_BYTES, .ring_out_bytes = RING_BYTES,
		.packet_max = PACKET_MAX, .journal_slots = SLOTS,
		.resumed = true,
	};
	struct memory memory;
	struct channel *c;
	struct err e;

	assert(memory_set(&memory, guest, sizeof(guest), &region, 1));
	if (bell < 0)
		bell = eventfd(0, EFD_NONBLOCK);
	s.memory = &memory;
	s.call_fd = s.kick_fd = bell;
	s.journal = memory_take(&data, &size,
	    journal_bytes(SLOTS, PACKET_MAX),
	    journal_bytes(SLOTS, PACKET_MAX));
	/* Indices and masks, and then what is in the first. */
	s.ring_out = memory_take(&data, &size, RING_BYTES, 16);
	s.ring_in = memory_take(&data, &size, RING_BYTES, 16);
	if (size > RING_PAGE)
		size = RING_PAGE;
	memcpy((uint8_t *)s.ring_in + RING_PAGE, data, size);
	c = channel_create(&s, &e);
	if (c != NULL) {
		serve(c);
		channel_destroy(c);
	}
	free(s.journal);
	free(s.ring_out);
	free(s.ring_in);
	return 0;
}
