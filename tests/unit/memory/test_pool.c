/* SPDX-License-Identifier: Apache-2.0 */
/* Pools and the record of frames. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/frame.h"
#include "core/memory_access.h"
#include "core/pool.h"
#include "machine.h"

static struct pool pool;

static void
setup(void)
{
	machine_init();
	pool_init(&pool, false);
}

TestSuite(pool, .init = setup);
TestSuite(frame, .init = setup);

static spa_t
page_at(uint32_t n)
{
	return spa(machine_pfn(n) << PAGE_SHIFT);
}

Test(pool, gives_zeroed_pages_until_it_is_empty)
{
	uint8_t zero[PAGE_SIZE] = { 0 };

	machine_deposit(&pool, 2);
	for (int i = 0; i < 2; i++) {
		void *page = pool_alloc(&pool);

		cr_assert_not_null(page);
		cr_expect_arr_eq(page, zero, PAGE_SIZE);
		memset(page, 0xff, PAGE_SIZE);
	}
	cr_expect_null(pool_alloc(&pool));
}

Test(pool, counts_what_is_deposited_and_in_use)
{
	struct pool_counters c;
	void *page;

	machine_deposit(&pool, 3);
	page = pool_alloc(&pool);
	c = pool_counters(&pool);
	cr_expect_eq(c.deposited, 3);
	cr_expect_eq(c.in_use, 1);
	pool_free(&pool, page);
	c = pool_counters(&pool);
	cr_expect_eq(c.deposited, 3);
	cr_expect_eq(c.in_use, 0);
}

Test(pool, withdraws_only_free_pages_each_once)
{
	spa_t first, second, none;
	void *used;

	machine_deposit(&pool, 3);
	used = pool_alloc(&pool);
	cr_assert(pool_withdraw(&pool, &first));
	cr_assert(pool_withdraw(&pool, &second));
	cr_expect_neq(first.v, second.v);
	cr_expect_neq(first.v, ptr_to_spa(used).v);
	cr_expect_neq(second.v, ptr_to_spa(used).v);
	cr_expect(!pool_withdraw(&pool, &none));
	cr_expect_eq(pool_counters(&pool).deposited, 1);
}

Test(pool, withdrawn_pages_tell_nothing)
{
	uint8_t zero[PAGE_SIZE] = { 0 };
	void *page;
	spa_t out;

	machine_deposit(&pool, 1);
	page = pool_alloc(&pool);
	memset(page, 0x77, PAGE_SIZE);
	pool_free(&pool, page);
	cr_assert(pool_withdraw(&pool, &out));
	cr_expect_arr_eq(page, zero, PAGE_SIZE);
}

Test(pool, survives_a_parent_that_writes_into_free_pages)
{
	machine_deposit(&pool, 4);
	/* The page on top of the list, which the parent still sees. */
	memset(spa_to_ptr(page_at(3)), 0xee, PAGE_SIZE);
	cr_expect_not_null(pool_alloc(&pool));
	cr_expect_null(pool_alloc(&pool));
	machine_deposit(&pool, 1);
	cr_expect_not_null(pool_alloc(&pool));
}

Test(pool, grows_from_boot_pages_if_it_may)
{
	void *first, *again;

	pool_init(&pool, true);
	first = pool_alloc(&pool);
	cr_assert_not_null(first);
	pool_free(&pool, first);
	again = pool_alloc(&pool);
	cr_expect_eq(again, first);
	cr_expect_eq(pool_counters(&pool).deposited, 1);
}

Test(frame, is_claimed_once)
{
	cr_expect(frame_claim(page_at(5)));
	cr_expect(!frame_claim(page_at(5)));
	frame_release(page_at(5));
	cr_expect(frame_claim(page_at(5)));
}

Test(frame, that_is_private_or_no_ram_is_refused)
{
	cr_expect(!frame_claim(spa(MACHINE_PRIVATE_START)));
	cr_expect(!frame_claim(spa(0)));
	cr_expect(!frame_claim(spa(MACHINE_HOLE)));
	cr_expect(!frame_claim(spa(MACHINE_RAM_START +
	    MACHINE_RAM_PAGES * PAGE_SIZE)));
	cr_expect(!frame_claim(spa(page_at(5).v + 8)));
}

Test(frame, is_open_if_all_of_it_is_ram_that_is_not_private)
{
	uint64_t end = MACHINE_RAM_START + MACHINE_RAM_PAGES * PAGE_SIZE;

	cr_expect(frames_open(spa(MACHINE_RAM_START), PAGE_SIZE));
	cr_expect(frames_open(spa(end - 8), 8));
	cr_expect(!frames_open(spa(end - 8), 9));
	cr_expect(!frames_open(spa(MACHINE_RAM_START - 1), 8));
	cr_expect(frames_open(spa(MACHINE_HOLE - 8), 8));
	cr_expect(!frames_open(spa(MACHINE_HOLE - 8), 9));
	cr_expect(!frames_open(spa(MACHINE_PRIVATE_START - 1), 2));
	cr_expect(!frames_open(spa(UINT64_MAX), 1));
	cr_expect(!frames_open(spa(MACHINE_RAM_START), UINT64_MAX));
}

Test(frame, can_be_lent_unless_the_hypervisor_has_it)
{
	uint64_t device = UINT64_C(0xfe000000);

	cr_expect(frames_lendable(page_at(0), 512));
	cr_assert(frame_claim(page_at(511)));
	cr_expect(!frames_lendable(page_at(0), 512));
	cr_expect(frames_lendable(page_at(0), 511));
	cr_expect(!frames_lendable(spa(MACHINE_PRIVATE_START), 1));
	cr_expect(frames_lendable(spa(device), 512), "devices are the parent's");
}

Test(frame, private_ranges_are_found_at_both_ends)
{
	uint64_t start = MACHINE_PRIVATE_START, end = MACHINE_PRIVATE_END;

	cr_expect(!frames_private(spa(start - 8), 8));
	cr_expect(frames_private(spa(start - 8), 9));
	cr_expect(frames_private(spa(end - 1), 1));
	cr_expect(!frames_private(spa(end), 64));
}
