/* SPDX-License-Identifier: Apache-2.0 */
/* The child's address space. */
#include <criterion/criterion.h>

#include "worker/memmap.h"

#define GIB (UINT64_C(1) << 30)

Test(memmap, small_memory_lies_below_the_hole)
{
	struct memmap m = memmap_of(256 << 20);

	cr_expect_eq(m.low, 256 << 20);
	cr_expect_eq(m.high, 0);
}

Test(memmap, large_memory_goes_on_above_4_gib)
{
	struct memmap m = memmap_of(5 * GIB);

	cr_expect_eq(m.low, 3 * GIB);
	cr_expect_eq(m.high, 2 * GIB);
	cr_expect_eq(memmap_high_window(&m), 6 * GIB);
}

Test(memmap, ranges_are_sorted_and_disjoint_and_sum_up)
{
	struct memmap m = memmap_of(5 * GIB);
	struct memmap_range r[MEMMAP_E820_MAX];
	size_t n = memmap_ranges(&m, r);
	uint64_t end = 0, ram = 0;

	for (size_t i = 0; i < n; i++) {
		cr_expect_geq(r[i].start, end);
		end = r[i].start + r[i].size;
		if (r[i].type == MEMMAP_RAM)
			ram += r[i].size;
	}
	cr_expect_eq(end, 6 * GIB);
	cr_expect_eq(ram, 5 * GIB - (MEMMAP_KERNEL_MIN - MEMMAP_LOW_END));
}

Test(memmap, offsets_follow_the_hole)
{
	struct memmap m = memmap_of(5 * GIB);

	cr_expect_eq(memmap_offset(&m, 0, 4096), 0);
	cr_expect_eq(memmap_offset(&m, 3 * GIB - 1, 1),
	    (int64_t)(3 * GIB - 1));
	cr_expect_eq(memmap_offset(&m, 4 * GIB, 1), (int64_t)(3 * GIB));
	cr_expect_eq(memmap_offset(&m, 6 * GIB - 1, 1),
	    (int64_t)(5 * GIB - 1));
}

Test(memmap, what_is_no_ram_has_no_offset)
{
	struct memmap m = memmap_of(5 * GIB);

	cr_expect_eq(memmap_offset(&m, 3 * GIB - 1, 2), -1);
	cr_expect_eq(memmap_offset(&m, MEMMAP_IOAPIC, 4), -1);
	cr_expect_eq(memmap_offset(&m, 6 * GIB, 1), -1);
	cr_expect_eq(memmap_offset(&m, 4 * GIB, 2 * GIB + 1), -1);
	cr_expect_eq(memmap_offset(&m, UINT64_MAX, UINT64_MAX), -1);
}

Test(memmap, room_begins_at_a_block)
{
	struct memmap m = memmap_with_room(300 << 20, 500 << 20);

	cr_expect_eq(m.low, 384 * UINT64_C(1048576) + 2 * MEMMAP_BLOCK);
	cr_expect_eq(m.high, 0);
	m = memmap_with_room(300 << 20, 0);
	cr_expect_eq(m.low, 300 << 20);
}

Test(memmap, addresses_are_those_of_offsets)
{
	struct memmap m = memmap_of(5 * GIB);

	cr_expect_eq(memmap_address(&m, 3 * GIB - 1), 3 * GIB - 1);
	cr_expect_eq(memmap_address(&m, 3 * GIB), 4 * GIB);
	cr_expect_eq(memmap_address(&m, 5 * GIB - 1), 6 * GIB - 1);
}
