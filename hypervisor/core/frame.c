/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames of RAM the hypervisor has: one bit a frame. */
#include "core/frame.h"

#include "boot/boot.h"
#include "core/assert.h"
#include "core/atomic.h"
#include "core/memory_access.h"

struct frame_limits frame_limits;

static uint64_t *claimed;

bool
frames_init(void)
{
	uint64_t ram_end = align_up(boot_ram_end().v, PAGE_SIZE);
	size_t bytes = (size_t)(ram_end / PAGE_SIZE / 8 + sizeof(uint64_t));
	const struct hv_region *private;
	size_t count;

	private = boot_private_regions(&count);
	ASSERT(count <= FRAMES_MAX_PRIVATE);
	claimed = boot_pages((size_t)(align_up(bytes, PAGE_SIZE) / PAGE_SIZE));
	if (claimed == NULL)
		return false;
	frame_limits.ram_end = ram_end;
	frame_limits.count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		frame_limits.region[i].start = private[i].start.v;
		frame_limits.region[i].end = private[i].end.v;
	}
	return true;
}

bool
frame_claimed(spa_t page)
{
	uint64_t pfn = page.v / PAGE_SIZE;

	return page.v < frame_limits.ram_end && is_aligned(page.v, PAGE_SIZE) &&
	    (frames_private(page, PAGE_SIZE) ||
	     (atomic_load(&claimed[pfn / 64]) >> (pfn % 64) & 1) != 0);
}

/* A hole between RAM does not keep what is written to it. */
static bool
frame_keeps(spa_t page)
{
	static const uint64_t pattern = UINT64_C(0x5aa5c33c0ff08778);
	uint64_t *word = spa_to_ptr(page);
	uint64_t old = READ_ONCE(*word);
	bool keeps;

	WRITE_ONCE(*word, pattern);
	keeps = READ_ONCE(*word) == pattern;
	WRITE_ONCE(*word, ~pattern);
	keeps = keeps && READ_ONCE(*word) == ~pattern;
	WRITE_ONCE(*word, old);
	return keeps;
}

void
frame_release(spa_t page)
{
	uint64_t pfn = page.v / PAGE_SIZE;
	uint64_t bit = UINT64_C(1) << (pfn % 64);
	uint64_t old;

	ASSERT(page.v < frame_limits.ram_end);
	old = atomic_fetch_and(&claimed[pfn / 64], ~bit);
	ASSERT((old & bit) != 0);
}

bool
frame_claim(spa_t page)
{
	uint64_t pfn = page.v / PAGE_SIZE;
	uint64_t bit = UINT64_C(1) << (pfn % 64);

	if (page.v == 0 || !is_aligned(page.v, PAGE_SIZE) ||
	    !frames_open(page, PAGE_SIZE))
		return false;
	if ((atomic_fetch_or(&claimed[pfn / 64], bit) & bit) != 0)
		return false;
	if (frame_keeps(page))
		return true;
	frame_release(page);
	return false;
}

bool
frames_lendable(spa_t first, uint64_t pages)
{
	uint64_t pfn = first.v / PAGE_SIZE;
	uint64_t end;

	if (!is_aligned(first.v, PAGE_SIZE) ||
	    frames_private(first, pages * PAGE_SIZE))
		return false;
	end = MIN(pfn + pages, frame_limits.ram_end / PAGE_SIZE);
	for (; pfn < end; pfn++) {
		uint64_t word = atomic_load(&claimed[pfn / 64]);

		if (is_aligned(pfn, 64) && word == 0)
			pfn += 63;	/* nothing in all of this word */
		else if ((word >> (pfn % 64) & 1) != 0)
			return false;
	}
	return true;
}
