/* SPDX-License-Identifier: Apache-2.0 */
/* The map of physical memory: painting, searching, and its limits. */

#include <criterion/criterion.h>

#include "boot/memory_map.h"

/* All of [start, end) is of @type. */
static bool
memory_map_covers(const struct memory_map *map, uint64_t start, uint64_t end,
	uint32_t type)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct memory_range *r = &map->range[i];

		/* Neighbours of one type are one range, so it is all in one. */
		if (r->type == type && r->start <= start && end <= r->end)
			return true;
	}
	return false;
}

static struct memory_map
map_of_ram(uint64_t start, uint64_t end)
{
	struct memory_map map = { 0 };

	cr_assert(memory_map_paint(&map, start, end, MEMORY_RAM));
	return map;
}

static void
expect_range(const struct memory_map *map, size_t i, uint64_t start,
	uint64_t end, uint32_t type)
{
	cr_assert_lt(i, map->count);
	cr_expect_eq(map->range[i].start, start);
	cr_expect_eq(map->range[i].end, end);
	cr_expect_eq(map->range[i].type, type);
}

Test(memory_map, splits_a_range_that_is_painted_inside)
{
	struct memory_map map = map_of_ram(0x1000, 0x9000);

	cr_expect(memory_map_paint(&map, 0x3000, 0x4000, MEMORY_RESERVED));
	cr_expect_eq(map.count, 3);
	expect_range(&map, 0, 0x1000, 0x3000, MEMORY_RAM);
	expect_range(&map, 1, 0x3000, 0x4000, MEMORY_RESERVED);
	expect_range(&map, 2, 0x4000, 0x9000, MEMORY_RAM);
}

Test(memory_map, joins_neighbours_of_one_type)
{
	struct memory_map map = map_of_ram(0x1000, 0x2000);

	cr_expect(memory_map_paint(&map, 0x3000, 0x4000, MEMORY_RAM));
	cr_expect_eq(map.count, 2);
	cr_expect(memory_map_paint(&map, 0x2000, 0x3000, MEMORY_RAM));
	cr_expect_eq(map.count, 1);
	expect_range(&map, 0, 0x1000, 0x4000, MEMORY_RAM);
}

Test(memory_map, replaces_all_that_lies_under_the_paint)
{
	struct memory_map map = map_of_ram(0x1000, 0x2000);

	cr_expect(memory_map_paint(&map, 0x4000, 0x5000, MEMORY_ACPI));
	cr_expect(memory_map_paint(&map, 0x6000, 0x8000, MEMORY_NVS));
	cr_expect(memory_map_paint(&map, 0x0, 0x7000, MEMORY_RESERVED));
	cr_expect_eq(map.count, 2);
	expect_range(&map, 0, 0x0, 0x7000, MEMORY_RESERVED);
	expect_range(&map, 1, 0x7000, 0x8000, MEMORY_NVS);
}

Test(memory_map, keeps_the_order_of_addresses)
{
	struct memory_map map = map_of_ram(0x8000, 0x9000);

	cr_expect(memory_map_paint(&map, 0x1000, 0x2000, MEMORY_RAM));
	cr_expect(memory_map_paint(&map, 0x4000, 0x5000, MEMORY_RAM));
	cr_expect_eq(map.count, 3);
	expect_range(&map, 0, 0x1000, 0x2000, MEMORY_RAM);
	expect_range(&map, 1, 0x4000, 0x5000, MEMORY_RAM);
	expect_range(&map, 2, 0x8000, 0x9000, MEMORY_RAM);
}

Test(memory_map, ignores_an_empty_range)
{
	struct memory_map map = map_of_ram(0x1000, 0x2000);

	cr_expect(memory_map_paint(&map, 0x1800, 0x1800, MEMORY_ACPI));
	cr_expect(memory_map_paint(&map, 0x1900, 0x1100, MEMORY_ACPI));
	cr_expect_eq(map.count, 1);
}

Test(memory_map, refuses_paint_when_it_is_full_and_stays_as_it_was)
{
	static struct memory_map map;
	uint64_t at = 0;
	size_t count;

	while (memory_map_paint(&map, at, at + 0x1000, MEMORY_RAM))
		at += 0x2000;
	count = map.count;
	cr_expect_gt(count, MEMORY_RANGES_MAX - 4);
	cr_expect_leq(count, MEMORY_RANGES_MAX);
	cr_expect_not(memory_map_paint(&map, 0x100, 0x200, MEMORY_ACPI));
	cr_expect_eq(map.count, count);
	expect_range(&map, 0, 0, 0x1000, MEMORY_RAM);
}

Test(memory_map, tells_the_type_at_an_address)
{
	struct memory_map map = map_of_ram(0x1000, 0x2000);

	cr_expect_eq(memory_map_type(&map, 0xfff), 0);
	cr_expect_eq(memory_map_type(&map, 0x1000), MEMORY_RAM);
	cr_expect_eq(memory_map_type(&map, 0x1fff), MEMORY_RAM);
	cr_expect_eq(memory_map_type(&map, 0x2000), 0);
}

Test(memory_map, covers_only_what_is_all_of_the_type)
{
	struct memory_map map = map_of_ram(0x1000, 0x5000);

	cr_expect(memory_map_covers(&map, 0x1000, 0x5000, MEMORY_RAM));
	cr_expect_not(memory_map_covers(&map, 0x1000, 0x5001, MEMORY_RAM));
	cr_expect_not(memory_map_covers(&map, 0x1000, 0x2000, MEMORY_NVS));
}

Test(memory_map, finds_the_lowest_and_the_highest_aligned_place)
{
	struct memory_map map = map_of_ram(0x1800, 0x9800);
	struct memory_request want = {
		.size = 0x2000, .align = 0x1000, .max = UINT64_MAX,
	};
	uint64_t at = 0;

	cr_expect(memory_map_find(&map, &want, &at));
	cr_expect_eq(at, 0x2000);
	want.from_top = true;
	cr_expect(memory_map_find(&map, &want, &at));
	cr_expect_eq(at, 0x7000);
}

Test(memory_map, keeps_within_the_limits_of_the_request)
{
	struct memory_map map = map_of_ram(0x1000, 0x9000);
	struct memory_request want = {
		.size = 0x1000, .align = 0x1000, .min = 0x4000, .max = 0x6000,
	};
	uint64_t at = 0;

	cr_expect(memory_map_find(&map, &want, &at));
	cr_expect_eq(at, 0x4000);
	want.from_top = true;
	cr_expect(memory_map_find(&map, &want, &at));
	cr_expect_eq(at, 0x5000);
	want.size = 0x3000;
	cr_expect_not(memory_map_find(&map, &want, &at));
}

Test(memory_map, finds_nothing_where_alignment_leaves_no_room)
{
	struct memory_map map = map_of_ram(0x1800, 0x3000);
	struct memory_request want = {
		.size = 0x1000, .align = 0x2000, .max = 0x2800,
	};
	uint64_t at = 0;

	cr_expect_not(memory_map_find(&map, &want, &at));
	want.from_top = true;
	cr_expect_not(memory_map_find(&map, &want, &at));
}

Test(memory_map, finds_nothing_when_aligning_passes_the_last_address)
{
	struct memory_map map = map_of_ram(UINT64_MAX - 0x1fff, UINT64_MAX);
	struct memory_request want = {
		.size = 0x10, .align = SIZE_1G, .max = UINT64_MAX,
	};
	uint64_t at = 0;

	cr_expect_not(memory_map_find(&map, &want, &at));
}

Test(memory_map, sums_ram_only)
{
	struct memory_map map = map_of_ram(0x1000, 0x3000);

	cr_expect(memory_map_paint(&map, 0x8000, 0x9000, MEMORY_RAM));
	cr_expect(memory_map_paint(&map, 0xa000, 0xb000, MEMORY_RESERVED));
	cr_expect_eq(memory_map_ram(&map), 0x3000);
	cr_expect_eq(memory_map_ram_end(&map), 0x9000);
}
