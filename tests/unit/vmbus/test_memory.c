/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of guest memory, and pages as pieces. */
#include <criterion/criterion.h>

#include "vmbus/memory.h"

#define FILE_PAGES 16u

/* Pages 0-7 below a hole, 8-15 of the file from page 0x100000 on. */
static const struct memory_region regions[] = {
	{ .gpa = 0, .size = 8 * MEMORY_PAGE, .offset = 0 },
	{ .gpa = UINT64_C(1) << 32, .size = 8 * MEMORY_PAGE,
	    .offset = 8 * MEMORY_PAGE },
};
static uint8_t bytes[FILE_PAGES * MEMORY_PAGE];

static struct memory
memory_make(void)
{
	struct memory m;

	cr_assert(memory_set(&m, bytes, sizeof(bytes), regions, 2));
	return m;
}

Test(memory, finds_pages_of_each_region)
{
	struct memory m = memory_make();

	cr_expect_eq(memory_page_offset(&m, 7), 7 * MEMORY_PAGE);
	cr_expect_eq(memory_page_offset(&m, 8), -1);
	cr_expect_eq(memory_page_offset(&m, 0x100000), 8 * MEMORY_PAGE);
	cr_expect_eq(memory_page_offset(&m, 0x100008), -1);
}

Test(memory, has_no_page_whose_number_wraps)
{
	struct memory m = memory_make();

	cr_expect_eq(memory_page_offset(&m, UINT64_C(1) << 52), -1);
	cr_expect_eq(memory_page_offset(&m, UINT64_MAX), -1);
}

Test(memory, gives_ranges_of_one_region_only)
{
	struct memory m = memory_make();

	cr_expect_eq(memory_at(&m, 100, 50), bytes + 100);
	cr_expect_null(memory_at(&m, 8 * MEMORY_PAGE - 1, 2));
	cr_expect_null(memory_at(&m, 0, UINT64_MAX));
	cr_expect_null(memory_at(&m, UINT64_MAX, 2));
}

Test(memory, refuses_tables_that_make_no_sense)
{
	static const struct memory_region wrong[][2] = {
		{ { 0, 0, 0 }, { 0 } },
		{ { 1, MEMORY_PAGE, 0 }, { 0 } },
		{ { 0, MEMORY_PAGE, 16 * MEMORY_PAGE }, { 0 } },
		{ { 0, 17 * MEMORY_PAGE, 0 }, { 0 } },
		{ { 0, 2 * MEMORY_PAGE, 0 },
		    { MEMORY_PAGE, MEMORY_PAGE, 0 } },
		{ { -(uint64_t)MEMORY_PAGE, 2 * MEMORY_PAGE, 0 }, { 0 } },
		{ { 0, MEMORY_PAGE, -(uint64_t)MEMORY_PAGE }, { 0 } },
	};
	struct memory m;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_not(memory_set(&m, bytes, sizeof(bytes), wrong[i],
		    wrong[i][1].size != 0 ? 2 : 1), "table %zu", i);
	cr_expect_not(memory_set(&m, bytes, sizeof(bytes), regions, 0));
	cr_expect_not(memory_set(&m, bytes, sizeof(bytes), regions,
	    MEMORY_REGIONS_MAX + 1));
}

Test(memory, joins_neighbours_and_keeps_the_rest_apart)
{
	static const uint64_t pfns[] = { 2, 3, 5, 0x100000 };
	struct memory m = memory_make();
	struct iovec iov[4];

	cr_assert_eq(memory_pieces(&m, pfns, 4, 100, 3 * MEMORY_PAGE, iov, 4),
	    3);
	cr_expect_eq(iov[0].iov_base, bytes + 2 * MEMORY_PAGE + 100);
	cr_expect_eq(iov[0].iov_len, 2 * MEMORY_PAGE - 100);
	cr_expect_eq(iov[1].iov_base, bytes + 5 * MEMORY_PAGE);
	cr_expect_eq(iov[1].iov_len, MEMORY_PAGE);
	cr_expect_eq(iov[2].iov_base, bytes + 8 * MEMORY_PAGE);
	cr_expect_eq(iov[2].iov_len, 100);
}

Test(memory, refuses_pieces_beyond_pages_room_or_memory)
{
	static const uint64_t pfns[] = { 2, 4, 8 };
	struct memory m = memory_make();
	struct iovec iov[4];

	cr_expect_eq(memory_pieces(&m, pfns, 2, 1, 2 * MEMORY_PAGE, iov, 4),
	    -1);
	cr_expect_eq(memory_pieces(&m, pfns, 2, 0, 2 * MEMORY_PAGE, iov, 1),
	    -1);
	cr_expect_eq(memory_pieces(&m, pfns, 3, 0, 3 * MEMORY_PAGE, iov, 4),
	    -1);
	cr_expect_eq(memory_pieces(&m, pfns, 2, MEMORY_PAGE, 1, iov, 4), -1);
}
