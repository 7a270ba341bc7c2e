/* SPDX-License-Identifier: Apache-2.0 */
/* Where everything goes: nothing overlaps, and too little memory is said. */

#include <criterion/criterion.h>

#include "boot/plan.h"

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

#define MIB(n)		((uint64_t)(n) << 20)

static struct memory_map memory;
static struct bzimage kernel;
static struct plan_input in;
static struct plan plan;

/* A machine of 1 GiB as a PC's firmware describes it. */
static void
machine_reset(void)
{
	memory.count = 0;
	memory_map_paint(&memory, 0, 0x9f000, MEMORY_RAM);
	memory_map_paint(&memory, 0xf0000, 0x100000, MEMORY_RESERVED);
	memory_map_paint(&memory, MIB(1), MIB(1023), MEMORY_RAM);
	memory_map_paint(&memory, MIB(1023), MIB(1024), MEMORY_ACPI);
	kernel = (struct bzimage){
		.alignment = MIB(2), .preferred = MIB(16),
		.init_size = MIB(40),
	};
	in = (struct plan_input){
		.memory = &memory,
		.image = { MIB(2), 0x30000 },
		.taken = { { MIB(64), MIB(10) }, { MIB(900), MIB(50) } },
		.processors = 4,
		.huge_pages = true,
		.kernel = &kernel,
		.handover_size = 0xa000,
	};
}

TestSuite(plan, .init = machine_reset);

static bool
overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

Test(plan, puts_the_kernel_where_it_likes_to_be)
{
	cr_assert_null(plan_make(&in, &plan));
	cr_expect_eq(plan.kernel, MIB(16));
}

Test(plan, moves_the_kernel_above_what_is_in_its_way)
{
	in.taken[0].start = MIB(20) + 0x1000;
	cr_assert_null(plan_make(&in, &plan));
	cr_expect_eq(plan.kernel, MIB(32));
}

Test(plan, puts_the_kernel_lower_if_there_is_no_room_above)
{
	kernel.preferred = MIB(1000);
	cr_assert_null(plan_make(&in, &plan));
	cr_expect_eq(plan.kernel, MIB(4));
}

Test(plan, keeps_areas_apart)
{
	struct plan_area area[8];
	size_t count = 0;
	size_t i;
	size_t j;

	cr_assert_null(plan_make(&in, &plan));
	area[count++] = in.image;
	area[count++] = in.taken[0];
	area[count++] = in.taken[1];
	area[count++] = plan.private;
	area[count++] = plan.shared;
	area[count++] = (struct plan_area){ plan.trampoline, PAGE_SIZE };
	area[count++] = (struct plan_area){ plan.kernel, kernel.init_size };
	area[count++] = (struct plan_area){ plan.handover, in.handover_size };
	for (i = 0; i < count; i++) {
		cr_expect(memory_map_covers(&memory, area[i].start,
		    area[i].start + area[i].size, MEMORY_RAM), "area %zu", i);
		for (j = 0; j < i; j++)
			cr_expect_not(overlap(area[i].start, area[i].size,
			    area[j].start, area[j].size), "%zu, %zu", i, j);
	}
}

Test(plan, takes_what_is_ours_out_of_the_parents_memory)
{
	const struct memory_map *map = &plan.parent_memory;

	cr_assert_null(plan_make(&in, &plan));
	cr_expect(memory_map_covers(map, in.image.start,
	    in.image.start + in.image.size, MEMORY_RESERVED));
	cr_expect(memory_map_covers(map, plan.private.start,
	    plan.shared.start + plan.shared.size, MEMORY_RESERVED));
	cr_expect_eq(memory_map_type(map, plan.trampoline), MEMORY_RESERVED);
	cr_expect_eq(memory_map_ram(&memory) - memory_map_ram(map),
	    in.image.size + plan.private.size + plan.shared.size + PAGE_SIZE);
	/* The rest stays as the firmware has it, modules included. */
	cr_expect_eq(memory_map_type(map, MIB(64)), MEMORY_RAM);
	cr_expect_eq(memory_map_type(map, MIB(1023)), MEMORY_ACPI);
	cr_expect_eq(memory_map_type(map, plan.handover), MEMORY_RAM);
}

Test(plan, places_the_trampoline_below_1_mib)
{
	cr_assert_null(plan_make(&in, &plan));
	cr_expect_eq(plan.trampoline, 0x9e000);
}

Test(plan, stays_below_4_mib_and_two_thousandths_of_ram)
{
	uint32_t processors;

	for (processors = 1; processors <= 16; processors++) {
		in.processors = processors;
		cr_assert_null(plan_make(&in, &plan));
		cr_expect_leq(in.image.size + plan.private.size +
		    plan.shared.size,
		    MIB(4) + memory_map_ram(&memory) / 500);
	}
}

Test(plan, keeps_more_for_page_tables_without_pages_of_1_gib)
{
	uint64_t with;

	memory_map_paint(&memory, MIB(4096), MIB(4096 * 64), MEMORY_RAM);
	cr_assert_null(plan_make(&in, &plan));
	with = plan.private.size;
	in.huge_pages = false;
	cr_assert_null(plan_make(&in, &plan));
	cr_expect_gt(plan.private.size, with);
	cr_expect_leq(plan.private.size, MIB(4) + MIB(4096 * 64) / 500);
	cr_expect_lt(plan.private.start, MIB(4096));
}

Test(plan, says_when_there_is_no_room_for_the_kernel)
{
	kernel.init_size = MIB(900);
	cr_expect_not_null(plan_make(&in, &plan));
}

Test(plan, says_when_there_is_no_room_for_the_hypervisor)
{
	memory_map_paint(&memory, MIB(57), MIB(1023), MEMORY_RESERVED);
	memory_map_paint(&memory, MIB(3), MIB(16), MEMORY_RESERVED);
	cr_expect_not_null(plan_make(&in, &plan));
}

Test(plan, says_when_there_is_no_page_to_start_processors_from)
{
	memory_map_paint(&memory, 0, MIB(1), MEMORY_RESERVED);
	cr_expect_not_null(plan_make(&in, &plan));
}
