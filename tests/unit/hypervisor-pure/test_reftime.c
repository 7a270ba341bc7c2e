/* SPDX-License-Identifier: Apache-2.0 */
/* Reference time from the TSC, its inverse, and the page that tells it. */
#include <criterion/criterion.h>

#include "core/reftime.h"
#include <tlfs/msr.h>

#define GHZ	UINT64_C(1000000000)

static const uint64_t rates[] = {
	10000001, 24000000, GHZ, 1193182 * UINT64_C(1000), 2893202000, 5 * GHZ,
};
#define RATES	(sizeof(rates) / sizeof(rates[0]))

static uint64_t
page_time(const struct hv_reference_tsc_page *page, uint64_t tsc)
{
	return (uint64_t)(((unsigned __int128)tsc * page->tsc_scale) >> 64) +
	    (uint64_t)page->tsc_offset;
}

Test(reftime, a_second_of_ticks_is_ten_million_units)
{
	for (size_t i = 0; i < RATES; i++) {
		struct reftime_rate rate = reftime_rate(rates[i]);
		uint64_t hour = reftime_of_tsc(&rate, rates[i] * 3600);

		cr_expect_leq(hour, UINT64_C(36000000000));
		cr_expect_geq(hour, UINT64_C(36000000000) - 1);
	}
}

Test(reftime, scale_is_the_exact_quotient)
{
	for (size_t i = 0; i < RATES; i++) {
		unsigned __int128 n = (unsigned __int128)10000000 << 64;

		cr_expect_eq(reftime_rate(rates[i]).scale,
		    (uint64_t)(n / rates[i]));
		cr_expect_eq(reftime_rate(rates[i]).ticks,
		    (uint64_t)(((unsigned __int128)rates[i] << 32) /
		    10000000) + 1);
	}
}

Test(reftime, deadline_is_reached_when_its_tsc_is)
{
	for (size_t i = 0; i < RATES; i++) {
		struct reftime_rate rate = reftime_rate(rates[i]);
		struct reftime t = { .offset = 12345 };

		for (uint64_t delta = 1; delta < UINT64_C(1) << 50;
		    delta = delta * 7 + 3) {
			uint64_t tsc = rates[i] * 100 + delta % 1000;
			uint64_t time = reftime_now(&t, &rate, tsc) + delta;
			uint64_t at = reftime_to_tsc(&t, &rate, tsc, time);

			cr_assert_gt(at, tsc);
			cr_assert_geq(reftime_now(&t, &rate, at), time);
			cr_assert_leq(reftime_now(&t, &rate, at),
			    time + 1 + (delta >> 28));
		}
	}
}

Test(reftime, past_and_unreachable_times)
{
	struct reftime_rate rate = reftime_rate(GHZ);
	struct reftime t = { 0 };

	cr_expect_eq(reftime_to_tsc(&t, &rate, 1001, 10), 1001);
	cr_expect_eq(reftime_to_tsc(&t, &rate, 1001, 9), 1001);
	cr_expect_eq(reftime_to_tsc(&t, &rate, 1001, UINT64_MAX), UINT64_MAX);
}

Test(reftime, partition_time_starts_where_it_is_set)
{
	struct reftime_rate rate = reftime_rate(GHZ);
	struct reftime t = { 0 };

	reftime_set(&t, &rate, 5 * GHZ, 0);
	cr_expect_eq(reftime_now(&t, &rate, 5 * GHZ), 0);
	cr_expect_eq(reftime_now(&t, &rate, 6 * GHZ), 10000000);
}

Test(reftime, frozen_time_stands_still_and_goes_on)
{
	struct reftime_rate rate = reftime_rate(GHZ);
	struct reftime t = { 0 };
	uint64_t before = reftime_now(&t, &rate, GHZ);

	reftime_freeze(&t, &rate, GHZ);
	reftime_freeze(&t, &rate, 2 * GHZ);
	cr_expect_eq(reftime_now(&t, &rate, 3 * GHZ), before);
	cr_expect_eq(reftime_to_tsc(&t, &rate, 3 * GHZ, before + 1),
	    UINT64_MAX);
	reftime_thaw(&t, &rate, 3 * GHZ);
	reftime_thaw(&t, &rate, 4 * GHZ);
	cr_expect_eq(reftime_now(&t, &rate, 3 * GHZ), before);
	cr_expect_eq(reftime_now(&t, &rate, 4 * GHZ), before + 10000000);
}

Test(reftime, frozen_time_can_be_set)
{
	struct reftime_rate rate = reftime_rate(GHZ);
	struct reftime t = { 0 };

	reftime_freeze(&t, &rate, GHZ);
	reftime_set(&t, &rate, 2 * GHZ, 777);
	cr_expect_eq(reftime_now(&t, &rate, 9 * GHZ), 777);
	reftime_thaw(&t, &rate, 9 * GHZ);
	cr_expect_eq(reftime_now(&t, &rate, 9 * GHZ), 777);
}

Test(reftime, page_tells_the_same_time)
{
	static const uint64_t ahead[] = { 0, 1, GHZ, 0 - 1ul, 0 - GHZ };

	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		struct reftime_rate rate = reftime_rate(2893202000);
		struct hv_reference_tsc_page page = { 0 };
		struct reftime t = { .offset = 999 };
		uint64_t now, told;

		reftime_fill_page(&t, &rate, ahead[i], &page);
		now = reftime_now(&t, &rate, 77 * GHZ);
		told = page_time(&page, 77 * GHZ + ahead[i]);
		cr_expect_leq(now > told ? now - told : told - now, 1);
	}
}

Test(reftime, page_sequence_is_valid_and_changes)
{
	struct reftime_rate rate = reftime_rate(GHZ);
	struct hv_reference_tsc_page page = { 0 };
	struct reftime t = { .sequence = UINT32_MAX - 2 };
	uint32_t last = 0;

	for (unsigned int i = 0; i < 4; i++) {
		reftime_fill_page(&t, &rate, 0, &page);
		cr_expect_neq(page.tsc_sequence, 0);
		cr_expect_neq(page.tsc_sequence, UINT32_MAX);
		cr_expect_neq(page.tsc_sequence, last);
		last = page.tsc_sequence;
	}
	reftime_freeze(&t, &rate, GHZ);
	reftime_fill_page(&t, &rate, 0, &page);
	cr_expect_eq(page.tsc_sequence, 0, "frozen: ask the MSR");
}
