/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a child's memory. */
#include <criterion/criterion.h>
#include <errno.h>

#include "worker/balloon.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define PAGES(bytes) ((bytes) / BALLOON_PAGE)
#define BLOCK PAGES(MEMMAP_BLOCK)

static struct memmap room;
static struct balloon b;
static struct provider_memory_range out[4];
static struct err e;

static void
begin(uint64_t start, uint64_t most)
{
	room = memmap_with_room(start, most);
	cr_assert_eq(balloon_init(&b, start, &room, &e), 0);
}

static void
teardown(void)
{
	balloon_destroy(&b);
}

TestSuite(balloon, .fini = teardown);

static int
give_up(uint64_t pfn, uint64_t pages)
{
	const struct provider_memory_range r = { pfn, pages };

	return balloon_give_up(&b, &r, 1, &e);
}

Test(balloon, takes_back_what_was_given_up)
{
	begin(64 * MIB, 0);
	cr_assert_eq(give_up(100, 200), 0);
	cr_expect_eq(b.given_up_pages, 200);
	cr_assert_eq(balloon_take(&b, 1000, out, 4), 1);
	cr_expect_eq(out[0].pfn, 100);
	cr_expect_eq(out[0].pages, 200);
	cr_expect_eq(b.given_up_pages, 0);
	cr_expect_eq(balloon_take(&b, 1000, out, 4), 0);
}

Test(balloon, takes_no_more_than_is_asked_for)
{
	begin(64 * MIB, 0);
	cr_assert_eq(give_up(64, 64), 0);
	cr_assert_eq(give_up(1000, 3), 0);
	cr_assert_eq(balloon_take(&b, 65, out, 4), 2);
	cr_expect_eq(out[0].pages, 64);
	cr_expect_eq(out[1].pfn, 1000);
	cr_expect_eq(out[1].pages, 1);
	/* What is given up below is found again. */
	cr_assert_eq(give_up(5, 1), 0);
	cr_assert_eq(balloon_take(&b, 9, out, 1), 1);
	cr_expect_eq(out[0].pfn, 5);
	cr_expect_eq(b.given_up_pages, 2);
}

Test(balloon, all_or_nothing_is_given_up)
{
	const struct provider_memory_range ranges[] = {
		{ 10, 20 }, { 40, 5 }, { 29, 1 },
	};

	begin(64 * MIB, 0);
	cr_expect_eq(balloon_give_up(&b, ranges, 3, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_eq(b.given_up_pages, 0);
	cr_expect_eq(balloon_take(&b, 1000, out, 4), 0);
	cr_expect_eq(balloon_give_up(&b, ranges, 2, &e), 0);
}

Test(balloon, what_the_guest_does_not_have_is_not_given_up)
{
	begin(64 * MIB, 512 * MIB);
	cr_expect_eq(give_up(PAGES(64 * MIB) - 1, 2), -1);
	cr_expect_eq(give_up(PAGES(128 * MIB), 1), -1, "there is room only");
	cr_expect_eq(give_up(0, 0), -1);
	cr_expect_eq(give_up(UINT64_MAX, 1), -1);
	cr_expect_eq(give_up(1, UINT64_MAX), -1);
	cr_expect_eq(give_up(UINT64_MAX / 4096, 2), -1);
}

Test(balloon, adds_at_the_next_block)
{
	begin(300 * MIB, 600 * MIB);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(out[0].pfn, 3 * BLOCK);
	cr_expect_eq(balloon_present(&b), PAGES(300 * MIB) + BLOCK);
	cr_assert_eq(give_up(3 * BLOCK, BLOCK), 0);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(out[0].pfn, 4 * BLOCK);
	cr_expect_eq(give_up(PAGES(300 * MIB), 1), -1, "the gap is no memory");
}

Test(balloon, adds_until_there_is_no_room)
{
	begin(128 * MIB, 256 * MIB);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), -1);
	cr_expect_eq(e.code, ENOSPC);
	cr_expect_eq(balloon_add(&b, UINT64_MAX, 1, out, &e), -1);
	cr_expect_eq(balloon_add(&b, 1, UINT64_MAX, out, &e), -1);
	cr_expect_eq(balloon_add(&b, 0, 0, out, &e), -1);
}

Test(balloon, goes_on_above_the_hole)
{
	begin(3 * GIB - 100 * MIB, 4 * GIB);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(out[0].pfn, PAGES(4 * GIB));
	cr_assert_eq(give_up(PAGES(4 * GIB), 1), 0);
	cr_assert_eq(balloon_take(&b, 5, out, 4), 1);
	cr_expect_eq(out[0].pfn, PAGES(4 * GIB));
}

Test(balloon, ranges_do_not_span_the_hole)
{
	begin(4 * GIB, 0);
	cr_assert_eq(give_up(PAGES(3 * GIB) - 1, 1), 0);
	cr_assert_eq(give_up(PAGES(4 * GIB), 1), 0);
	cr_assert_eq(balloon_take(&b, 5, out, 4), 2);
	cr_expect_eq(out[0].pfn, PAGES(3 * GIB) - 1);
	cr_expect_eq(out[0].pages, 1);
	cr_expect_eq(out[1].pfn, PAGES(4 * GIB));
	cr_expect_eq(give_up(PAGES(3 * GIB) - 1, 2), -1);
}

Test(balloon, drops_what_was_not_wanted)
{
	begin(128 * MIB, 512 * MIB);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(balloon_drop(&b, BLOCK + 1, &e), -1);
	cr_expect_eq(balloon_drop(&b, BLOCK, &e), 0);
	cr_expect_eq(balloon_present(&b), BLOCK);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_expect_eq(out[0].pfn, BLOCK);
	cr_assert_eq(give_up(BLOCK, 1), 0);
	cr_expect_eq(balloon_drop(&b, BLOCK, &e), -1, "it is in use");
}

Test(balloon, forgets_for_another_guest)
{
	uint64_t epoch;

	begin(128 * MIB, 512 * MIB);
	cr_assert_eq(balloon_add(&b, BLOCK, BLOCK, out, &e), 0);
	cr_assert_eq(give_up(7, 7), 0);
	epoch = b.epoch;
	balloon_forget(&b);
	cr_expect_neq(b.epoch, epoch);
	cr_expect_eq(balloon_present(&b), BLOCK);
	cr_expect_eq(b.given_up_pages, 0);
	cr_expect_eq(balloon_take(&b, 100, out, 4), 0);
	cr_expect_eq(give_up(BLOCK, 1), -1);
}
