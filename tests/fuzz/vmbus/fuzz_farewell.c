/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves any bytes as rings of a guest whose provider is gone. */
#include <assert.h>
#include <string.h>

#include "vmbus/farewell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RING_PAGES 2u
#define HEADER_USED 16u

static uint8_t ram[2 * RING_PAGES * MEMORY_PAGE]
    __attribute__((aligned(MEMORY_PAGE)));

static union {
	struct gpadl g;
	uint8_t room[sizeof(struct gpadl) + 2 * RING_PAGES * sizeof(uint64_t)];
} rings;

/* The headers' first bytes, then what is in the ring from the guest. */
static void
rings_fill(const uint8_t *data, size_t size)
{
	static uint8_t *const parts[] = {
		ram, ram + RING_PAGES * MEMORY_PAGE, ram + MEMORY_PAGE,
	};
	static const size_t most[] = { HEADER_USED, HEADER_USED, MEMORY_PAGE };

	memset(ram, 0, sizeof(ram));
	for (unsigned i = 0; i < 3; i++) {
		size_t len = size < most[i] ? size : most[i];

		memcpy(parts[i], data, len);
		data += len;
		size -= len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct memory_region region = { .size = sizeof(ram) };
	struct memory memory;

	rings_fill(data, size);
	assert(memory_set(&memory, ram, sizeof(ram), &region, 1));
	rings.g.page_count = 2 * RING_PAGES;
	for (unsigned i = 0; i < 2 * RING_PAGES; i++)
		rings.g.pfns[i] = i;
	farewell_say(&memory, &rings.g, RING_PAGES, "farewell", 8);
	/* What is empty stays so: nothing is answered twice. */
	farewell_say(&memory, &rings.g, RING_PAGES, "farewell", 8);
	return 0;
}
