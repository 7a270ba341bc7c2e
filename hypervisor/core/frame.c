/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames of RAM there are, and which the hypervisor has. */
#include "core/frame.h"

#include "boot/memory_map.h"
#include "core/assert.h"
#include "core/atomic.h"
#include "core/bits.h"

struct frame_limits frame_limits;

static uint64_t *claimed;

/* Set or clear the bits of the frames in [@start, @end). */
static void
bits_fill(uint64_t *map, uint64_t start, uint64_t end, bool set)
{
	for (uint64_t pfn = start; pfn < end; pfn++) {
		if (set && is_aligned(pfn, 64) && end - pfn >= 64) {
			map[pfn / 64] = UINT64_MAX;
			pfn += 63;
		} else if (set) {
			bitmap_set(map, pfn);
		} else {
			bitmap_clear(map, pfn);
		}
	}
}

static void
open_fill(uint64_t *map, uint64_t ram_end)
{
	const struct memory_map *memory = boot_memory_map();
	const struct frame_limits *l = &frame_limits;

	for (size_t i = 0; i < memory->count; i++) {
		const struct memory_range *r = &memory->range[i];
		uint64_t end = MIN(r->end, ram_end) / PAGE_SIZE;

		if (r->type != MEMORY_RESERVED && r->type != MEMORY_UNUSABLE)
			bits_fill(map, align_up(r->start, PAGE_SIZE) /
			    PAGE_SIZE, end, true);
	}
	for (size_t i = 0; i < l->count; i++)
		bits_fill(map, l->region[i].start.v / PAGE_SIZE,
		    l->region[i].end.v / PAGE_SIZE, false);
}

bool
frames_init(void)
{
	uint64_t ram_end = align_down(boot_ram_end().v, PAGE_SIZE);
	uint64_t bytes = ram_end / PAGE_SIZE / 8 + sizeof(uint64_t);
	size_t pages = (size_t)(align_up(bytes, PAGE_SIZE) / PAGE_SIZE);
	uint64_t *open;

	claimed = boot_pages(pages);
	open = boot_pages(pages);
	if (claimed == NULL || open == NULL)
		return false;
	frame_limits.region = boot_private_regions(&frame_limits.count);
	open_fill(open, ram_end);
	frame_limits.open = open;
	frame_limits.ram_end = ram_end;
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
	return (atomic_fetch_or(&claimed[pfn / 64], bit) & bit) == 0;
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
