/* SPDX-License-Identifier: Apache-2.0 */
/* The nested map: mapping, splitting, merging, overlays, access states. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/frame.h"
#include "core/gpamap.h"
#include "core/gpamap_entry.h"
#include "core/memory_access.h"
#include "machine.h"
#include "x86/svm/svm.h"
#include <tlfs/memory.h>

#define RW	(GPAMAP_READ | GPAMAP_WRITE)
#define RWX	(RW | GPAMAP_EXECUTE)
#define BASE	UINT64_C(0x4000)	/* a page number, 2 MiB-aligned */

static struct pool pool;
static struct gpamap map;
static struct gpamap_change change;

static void
setup(void)
{
	machine_init();
	pool_init(&pool, false);
	machine_deposit(&pool, 64);
	change = (struct gpamap_change){ 0 };
	cr_assert_eq(gpamap_init(&map, &svm_nested_format, &pool), HV_SUCCESS);
}

static void
teardown(void)
{
	gpamap_reap(&map, &change);
	gpamap_destroy(&map);
	cr_expect_eq(pool_counters(&pool).in_use, 0, "pages have leaked");
}

TestSuite(gpamap, .init = setup, .fini = teardown);

static void
map_page(uint64_t gpn, uint64_t pfn, uint32_t perms)
{
	cr_assert_eq(machine_map(&map, &change, gpn, spa(pfn << PAGE_SHIFT),
	    perms), HV_SUCCESS);
}

static void
map_large(uint64_t gpn, uint64_t pfn, uint32_t perms)
{
	cr_assert_eq(machine_map_large(&map, &change, gpn,
	    spa(pfn << PAGE_SHIFT), perms), HV_SUCCESS);
}

static void
expect_mapped(uint64_t gpn, uint64_t pfn, uint32_t perms)
{
	struct gpamap_entry e = gpamap_query(&map, gpn);

	cr_expect_eq(e.state, GPAMAP_MAPPED, "%#lx is not mapped", gpn);
	cr_expect_eq(e.page.v, pfn << PAGE_SHIFT, "%#lx leads to %#lx", gpn,
	    e.page.v);
	cr_expect_eq(e.perms, perms);
}

/* What the processor does when a guest writes. */
static void
touch(uint64_t gpn, bool write)
{
	unsigned int at;
	uint64_t *entry = gpamap_find(&map, gpn, 1, &at);

	*entry |= map.format->accessed | (write ? map.format->dirty : 0);
}

Test(gpamap, knows_three_states)
{
	map_page(BASE, 0x200, RW);
	map_page(BASE + 1, 0, 0);
	expect_mapped(BASE, 0x200, RW);
	cr_expect_eq(gpamap_query(&map, BASE + 1).state, GPAMAP_NO_ACCESS);
	cr_expect_eq(gpamap_query(&map, BASE + 2).state, GPAMAP_UNMAPPED);
	cr_expect(!change.flush, "nothing was visible before");
}

Test(gpamap, keeps_permissions_apart)
{
	map_page(BASE, 0x200, GPAMAP_READ);
	map_page(BASE + 1, 0x201, GPAMAP_READ | GPAMAP_EXECUTE);
	map_page(BASE + 2, 0x202, RWX);
	map_page(BASE + 3, 0xfe000, RW | GPAMAP_UNCACHED);
	expect_mapped(BASE, 0x200, GPAMAP_READ);
	expect_mapped(BASE + 1, 0x201, GPAMAP_READ | GPAMAP_EXECUTE);
	expect_mapped(BASE + 2, 0x202, RWX);
	expect_mapped(BASE + 3, 0xfe000, RW | GPAMAP_UNCACHED);
}

Test(gpamap, refuses_what_it_cannot_express)
{
	cr_expect_eq(machine_map(&map, &change, BASE, spa(0x200000),
	    GPAMAP_WRITE), HV_INVALID_PARAMETER);
	cr_expect_eq(machine_map(&map, &change, GPAMAP_MAX_GPN, spa(0x200000),
	    RW), HV_INVALID_PARAMETER);
	cr_expect_eq(machine_map_large(&map, &change, BASE + 1, spa(0x200000),
	    RW), HV_INVALID_PARAMETER);
	cr_expect_eq(machine_map_large(&map, &change, BASE, spa(0x201000), RW),
	    HV_INVALID_PARAMETER);
	cr_expect_eq(gpamap_query(&map, BASE).state, GPAMAP_UNMAPPED);
}

Test(gpamap, taking_a_page_away_needs_a_flush)
{
	map_page(BASE, 0x200, RW);
	map_page(BASE, 0, 0);
	cr_expect(change.flush);
	cr_expect_eq(gpamap_query(&map, BASE).state, GPAMAP_NO_ACCESS);
}

Test(gpamap, mapping_the_same_again_needs_none)
{
	map_page(BASE, 0x200, RW);
	map_page(BASE, 0x200, RW);
	cr_expect(!change.flush);
}

Test(gpamap, a_page_inside_a_large_one_splits_it)
{
	map_large(BASE, 0x400, RWX);
	map_page(BASE + 7, 0x9, RW);
	expect_mapped(BASE + 6, 0x406, RWX);
	expect_mapped(BASE + 7, 0x9, RW);
	expect_mapped(BASE + 8, 0x408, RWX);
	cr_expect(change.flush);
	cr_expect_eq(map.pages_2m, 0);
	cr_expect_eq(map.pages_4k, 512);
}

Test(gpamap, a_large_page_merges_what_was_small)
{
	uint64_t used;

	map_page(BASE, 0x9, RW);
	map_page(BASE + 5, 0, 0);
	used = pool_counters(&pool).in_use;
	map_large(BASE, 0x400, RWX);
	expect_mapped(BASE, 0x400, RWX);
	expect_mapped(BASE + 511, 0x5ff, RWX);
	cr_expect_eq(map.pages_4k, 0);
	cr_expect_eq(map.pages_2m, 1);
	cr_expect(change.flush);
	cr_expect_not_null(change.pages);
	cr_expect_eq(pool_counters(&pool).in_use, used,
	    "a table was freed before the flush");
	gpamap_reap(&map, &change);
	cr_expect_eq(pool_counters(&pool).in_use, used - 1);
}

Test(gpamap, absent_pages_need_no_table_once_all_are)
{
	uint64_t used = pool_counters(&pool).in_use;

	for (uint64_t i = 0; i < 512; i++)
		map_page(BASE + i, 0, 0);
	gpamap_reap(&map, &change);
	cr_expect_eq(pool_counters(&pool).in_use, used + 2,
	    "only the tables above it are left");
	cr_expect_eq(gpamap_query(&map, BASE + 100).state, GPAMAP_NO_ACCESS);
	map_page(BASE + 100, 0x200, RW);
	expect_mapped(BASE + 100, 0x200, RW);
	cr_expect_eq(gpamap_query(&map, BASE + 101).state, GPAMAP_NO_ACCESS);
}

Test(gpamap, unmapping_the_unmapped_takes_no_memory)
{
	uint64_t used = pool_counters(&pool).in_use;

	cr_expect_eq(machine_unmap(&map, &change, BASE), HV_SUCCESS);
	cr_expect_eq(machine_unmap_large(&map, &change, BASE), HV_SUCCESS);
	cr_expect_eq(pool_counters(&pool).in_use, used);
}

Test(gpamap, without_memory_nothing_changes)
{
	void *rest[64];
	size_t n = 0;

	map_large(BASE, 0x400, RW);
	while ((rest[n] = pool_alloc(&pool)) != NULL)
		n++;
	cr_expect_eq(machine_map(&map, &change, BASE + 1, spa(0x9000), RW),
	    HV_INSUFFICIENT_MEMORY);
	cr_expect_eq(gpamap_overlay_set(&map, &change, BASE + 1,
	    spa(0x9000), RW), HV_INSUFFICIENT_MEMORY);
	expect_mapped(BASE + 1, 0x401, RW);
	while (n-- > 0)
		pool_free(&pool, rest[n]);
	map_page(BASE + 1, 0x9, RW);
	expect_mapped(BASE + 1, 0x9, RW);
}

Test(gpamap, an_overlay_shadows_and_gives_back)
{
	map_page(BASE, 0x200, RW);
	cr_assert_eq(gpamap_overlay_set(&map, &change, BASE, spa(0x9000),
	    GPAMAP_READ), HV_SUCCESS);
	expect_mapped(BASE, 0x9, GPAMAP_READ);
	cr_expect(gpamap_query(&map, BASE).overlay);
	cr_expect(change.flush);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	expect_mapped(BASE, 0x200, RW);
	cr_expect(!gpamap_query(&map, BASE).overlay);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	expect_mapped(BASE, 0x200, RW);
}

Test(gpamap, changes_under_an_overlay_come_out_later)
{
	gpamap_overlay_set(&map, &change, BASE + 3, spa(0x9000), RW);
	map_large(BASE, 0x400, RWX);
	expect_mapped(BASE + 3, 0x9, RW);
	expect_mapped(BASE + 2, 0x402, RWX);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	expect_mapped(BASE + 3, 0x403, RWX);
	gpamap_overlay_set(&map, &change, BASE + 3, spa(0x9000), RW);
	cr_assert_eq(machine_unmap_large(&map, &change, BASE), HV_SUCCESS);
	expect_mapped(BASE + 3, 0x9, RW);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	cr_expect_eq(gpamap_query(&map, BASE + 3).state, GPAMAP_UNMAPPED);
}

Test(gpamap, of_two_overlays_the_newer_is_seen)
{
	map_page(BASE, 0x200, RW);
	gpamap_overlay_set(&map, &change, BASE, spa(0x9000), RW);
	gpamap_overlay_set(&map, &change, BASE, spa(0xa000), GPAMAP_READ);
	expect_mapped(BASE, 0xa, GPAMAP_READ);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	expect_mapped(BASE, 0xa, GPAMAP_READ);
	map_page(BASE, 0x201, RWX);
	gpamap_overlay_clear(&map, &change, spa(0xa000));
	expect_mapped(BASE, 0x201, RWX);
}

Test(gpamap, many_overlays_fit)
{
	for (uint64_t i = 0; i < 300; i++)
		cr_assert_eq(gpamap_overlay_set(&map, &change, BASE + i,
		    spa((i + 1) << PAGE_SHIFT), RW), HV_SUCCESS);
	for (uint64_t i = 0; i < 300; i += 2)
		gpamap_overlay_clear(&map, &change,
		    spa((i + 1) << PAGE_SHIFT));
	expect_mapped(BASE + 1, 2, RW);
	cr_expect_eq(gpamap_query(&map, BASE + 2).state, GPAMAP_UNMAPPED);
}

Test(gpamap, an_overlay_takes_its_tables_with_it)
{
	uint64_t before = pool_counters(&pool).in_use;
	uint64_t first;

	/* One in each 512 GiB: far more tables than there are pages. */
	for (uint64_t i = 1; i < 200; i++) {
		uint64_t gpn = i << 27;

		cr_assert_eq(gpamap_overlay_set(&map, &change, gpn,
		    spa(0x9000), RW), HV_SUCCESS, "overlay %lu", i);
		expect_mapped(gpn, 0x9, RW);
		gpamap_overlay_clear(&map, &change, spa(0x9000));
		cr_expect(change.flush);
		gpamap_reap(&map, &change);
		cr_expect_eq(gpamap_query(&map, gpn).state, GPAMAP_UNMAPPED);
	}
	/* The page of the list of overlays stays. */
	cr_expect_eq(pool_counters(&pool).in_use, before + 1);
	/* Not those of others. */
	map_page(BASE, 0x200, RW);
	first = pool_counters(&pool).in_use;
	cr_assert_eq(gpamap_overlay_set(&map, &change, BASE + 1, spa(0x9000),
	    RW), HV_SUCCESS);
	gpamap_overlay_clear(&map, &change, spa(0x9000));
	expect_mapped(BASE, 0x200, RW);
	cr_expect_eq(pool_counters(&pool).in_use, first);
}

Test(gpamap, an_overlay_that_fails_leaves_no_tables)
{
	void *rest[64];
	size_t n = 0;

	/* The list has its page already. */
	gpamap_overlay_set(&map, &change, BASE, spa(0x9000), RW);
	while (n < 64 && (rest[n] = pool_alloc(&pool)) != NULL)
		n++;
	pool_free(&pool, rest[--n]);
	cr_expect_eq(gpamap_overlay_set(&map, &change, UINT64_C(1) << 27,
	    spa(0xa000), RW), HV_INSUFFICIENT_MEMORY);
	gpamap_reap(&map, &change);
	cr_expect_eq(pool_counters(&pool).deposited -
	    pool_counters(&pool).in_use, 1);
	while (n-- > 0)
		pool_free(&pool, rest[n]);
}

Test(gpamap, tells_and_clears_access_states)
{
	map_page(BASE, 0x200, RW);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0), 0);
	touch(BASE, true);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE,
	    HV_GPA_CLEAR_DIRTY), HV_GPA_STATE_ACCESSED | HV_GPA_STATE_DIRTY);
	cr_expect(change.flush, "the processor must set it again");
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0),
	    HV_GPA_STATE_ACCESSED);
	gpamap_access_state(&map, &change, BASE,
	    HV_GPA_SET_DIRTY | HV_GPA_CLEAR_ACCESSED);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0),
	    HV_GPA_STATE_DIRTY);
}

Test(gpamap, clears_the_state_of_one_page_of_a_large_one)
{
	map_large(BASE, 0x400, RW);
	touch(BASE, true);
	gpamap_access_state(&map, &change, BASE + 5, HV_GPA_CLEAR_DIRTY);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE + 5, 0),
	    HV_GPA_STATE_ACCESSED);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE + 6, 0),
	    HV_GPA_STATE_ACCESSED | HV_GPA_STATE_DIRTY);
	expect_mapped(BASE + 5, 0x405, RW);
}

Test(gpamap, loses_no_state_without_memory)
{
	void *rest[64];
	size_t n = 0;

	map_large(BASE, 0x400, RW);
	touch(BASE, true);
	while ((rest[n] = pool_alloc(&pool)) != NULL)
		n++;
	gpamap_access_state(&map, &change, BASE, HV_GPA_CLEAR_DIRTY);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE + 5, 0),
	    HV_GPA_STATE_ACCESSED | HV_GPA_STATE_DIRTY);
	while (n-- > 0)
		pool_free(&pool, rest[n]);
}

Test(gpamap, remapping_the_same_page_keeps_its_state)
{
	map_page(BASE, 0x200, RW);
	touch(BASE, true);
	map_page(BASE, 0x200, RWX);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0),
	    HV_GPA_STATE_ACCESSED | HV_GPA_STATE_DIRTY);
	map_page(BASE, 0x201, RWX);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0), 0);
}

Test(gpamap, copies_where_it_is_permitted)
{
	uint64_t pfn = machine_pfn(1000);
	uint8_t in[16] = "fifteen letters", out[16];

	map_page(BASE, pfn, RW);
	map_page(BASE + 1, pfn, GPAMAP_READ);
	map_page(BASE + 2, 0, 0);
	cr_assert_eq(gpamap_copy(&map, gpa((BASE << 12) + 100), in, 16, true),
	    GPAMAP_MAPPED);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0),
	    HV_GPA_STATE_ACCESSED | HV_GPA_STATE_DIRTY);
	cr_assert_eq(gpamap_copy(&map, gpa(((BASE + 1) << 12) + 100), out, 16,
	    false), GPAMAP_MAPPED);
	cr_expect_arr_eq(in, out, 16);
	cr_expect_eq(gpamap_copy(&map, gpa((BASE + 1) << 12), in, 16, true),
	    GPAMAP_NO_ACCESS);
	cr_expect_eq(gpamap_copy(&map, gpa((BASE + 2) << 12), out, 16, false),
	    GPAMAP_NO_ACCESS);
	cr_expect_eq(gpamap_copy(&map, gpa((BASE + 3) << 12), out, 16, false),
	    GPAMAP_UNMAPPED);
}

Test(gpamap, exchanges_a_word_only_if_nobody_else_has)
{
	gpa_t at = gpa((BASE << 12) + 8);
	uint64_t word = 0x1111222233334444, seen;

	map_page(BASE, machine_pfn(1000), RW);
	map_page(BASE + 1, machine_pfn(1000), GPAMAP_READ);
	cr_assert_eq(gpamap_copy(&map, at, &word, 8, true), GPAMAP_MAPPED);
	gpamap_exchange(&map, at, 8, word + 1, 5);
	gpamap_exchange(&map, at, 4, 0x33334445, 5);
	gpamap_exchange(&map, gpa(at.v + 0x1000), 8, word, 5);
	gpamap_exchange(&map, gpa(at.v + 0x2000), 8, word, 5);
	cr_assert_eq(gpamap_copy(&map, at, &seen, 8, false), GPAMAP_MAPPED);
	cr_expect_eq(seen, word);
	gpamap_exchange(&map, at, 4, 0x33334444, 5);
	cr_assert_eq(gpamap_copy(&map, at, &seen, 8, false), GPAMAP_MAPPED);
	cr_expect_eq(seen, 0x1111222200000005);
	gpamap_exchange(&map, at, 8, seen, 6);
	cr_assert_eq(gpamap_copy(&map, at, &seen, 8, false), GPAMAP_MAPPED);
	cr_expect_eq(seen, 6);
}

Test(gpamap, identity_leaves_private_memory_out)
{
	uint64_t private = MACHINE_PRIVATE_START >> PAGE_SHIFT;
	uint64_t after = MACHINE_PRIVATE_END >> PAGE_SHIFT;

	gpamap_identity(&map);
	map.huge = true;
	cr_expect_eq(gpamap_identity_fault(&map, private), HV_ACCESS_DENIED);
	cr_expect_eq(gpamap_identity_fault(&map, private - 1), HV_SUCCESS);
	cr_expect_eq(gpamap_identity_fault(&map, after), HV_SUCCESS);
	cr_expect_eq(gpamap_identity_fault(&map, 0x40000), HV_SUCCESS);
	cr_expect_eq(gpamap_identity_fault(&map, 0x40000), HV_SUCCESS);
	expect_mapped(private - 1, private - 1, RWX);
	expect_mapped(after, after, RWX);
	expect_mapped(0x7ffff, 0x7ffff, RWX);
	cr_expect_eq(gpamap_query(&map, private).state, GPAMAP_UNMAPPED);
	cr_expect_eq(gpamap_query(&map, after - 1).state, GPAMAP_UNMAPPED);
	cr_expect_eq(map.pages_1g, 1);
	cr_expect_eq(gpamap_identity_fault(&map, GPAMAP_MAX_GPN),
	    HV_INVALID_PARAMETER);
}

Test(gpamap, what_is_destroyed_answers_as_empty)
{
	map_page(BASE, 0x200, RW);
	gpamap_destroy(&map);
	cr_expect_eq(gpamap_root(&map).v, 0);
	cr_expect_eq(gpamap_query(&map, BASE).state, GPAMAP_UNMAPPED);
	cr_expect_eq(gpamap_access_state(&map, &change, BASE, 0), 0);
	cr_expect_eq(machine_map(&map, &change, BASE, spa(0x200000), RW),
	    HV_INVALID_PARTITION_STATE);
}
