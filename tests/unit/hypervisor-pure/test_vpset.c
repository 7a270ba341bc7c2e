/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of virtual processors, as hypercalls tell them. */
#include <criterion/criterion.h>
#include <signal.h>

#include "core/vpset.h"
#include <tlfs/interrupt.h>

static bool
contains(const struct vpset *set, unsigned int vp)
{
	return vp < VPSET_MAX && bitmap_test(set->bank, vp);
}

static bool
empty(const struct vpset *set)
{
	return vpset_next(set, 0) == VPSET_MAX;
}

static unsigned int
members(const struct vpset *set)
{
	unsigned int vp, count = 0;

	vpset_for_each(vp, set)
		count++;
	return count;
}

Test(vpset, first_holds_exactly_that_many)
{
	static const unsigned int counts[] = {
		0, 1, 63, 64, 65, 128, 255, 256,
	};
	struct vpset set;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		vpset_first(&set, counts[i]);
		cr_expect_eq(members(&set), counts[i]);
		cr_expect_eq(empty(&set), counts[i] == 0);
		cr_expect_not(contains(&set, counts[i]));
		if (counts[i] > 0)
			cr_expect(contains(&set, counts[i] - 1));
	}
}

Test(vpset, mask_tells_the_first_64)
{
	struct vpset set;

	vpset_from_mask(&set, UINT64_C(0x8000000000000005));
	cr_expect_eq(members(&set), 3);
	cr_expect(contains(&set, 0));
	cr_expect(contains(&set, 2));
	cr_expect(contains(&set, 63));
	cr_expect_not(contains(&set, 1));
}

Test(vpset, banks_follow_the_valid_mask)
{
	const uint64_t banks[] = { 1, UINT64_C(1) << 63 };
	struct vpset set;

	cr_assert_eq(vpset_from_banks(&set, HV_GENERIC_SET_SPARSE_4K, 0xa,
	    banks, 2, 1), HV_SUCCESS);
	cr_expect_eq(vpset_next(&set, 0), 64);
	cr_expect_eq(vpset_next(&set, 65), 255);
	cr_expect_eq(vpset_next(&set, 256), VPSET_MAX);
	cr_expect_eq(members(&set), 2);
}

Test(vpset, all_means_the_vps_there_are)
{
	struct vpset set;

	cr_assert_eq(vpset_from_banks(&set, HV_GENERIC_SET_ALL, 0, NULL, 0, 70),
	    HV_SUCCESS);
	cr_expect_eq(members(&set), 70);
}

Test(vpset, refuses_what_does_not_fit)
{
	const uint64_t banks[] = { 1, 1 };
	struct vpset set = { .bank = { 7 } };

	cr_expect_eq(vpset_from_banks(&set, 2, 1, banks, 1, 1),
	    HV_INVALID_PARAMETER, "unknown format");
	cr_expect_eq(vpset_from_banks(&set, HV_GENERIC_SET_SPARSE_4K, 3, banks,
	    1, 1), HV_INVALID_PARAMETER, "too few banks");
	cr_expect_eq(vpset_from_banks(&set, HV_GENERIC_SET_SPARSE_4K, 1, banks,
	    2, 1), HV_INVALID_PARAMETER, "too many banks");
	cr_expect_eq(vpset_from_banks(&set, HV_GENERIC_SET_SPARSE_4K,
	    UINT64_C(1) << 63, banks, 1, 1), HV_INVALID_PARAMETER,
	    "a VP that cannot be");
	cr_expect_eq(set.bank[0], 7, "failure changes nothing");
}

Test(vpset, empty_high_banks_do_no_harm)
{
	const uint64_t banks[] = { 4, 0 };
	struct vpset set;

	cr_assert_eq(vpset_from_banks(&set, HV_GENERIC_SET_SPARSE_4K,
	    UINT64_C(1) | UINT64_C(1) << 40, banks, 2, 1), HV_SUCCESS);
	cr_expect_eq(members(&set), 1);
	cr_expect_eq(vpset_next(&set, 0), 2);
}

Test(vpset, members_come_and_go)
{
	struct vpset set = { 0 };

	bitmap_set(set.bank, 200);
	cr_expect_eq(vpset_next(&set, 0), 200);
	bitmap_clear(set.bank, 200);
	cr_expect(empty(&set));
}
