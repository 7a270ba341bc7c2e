/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the hypervisor's counters, and the figures taken from them. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/counters.h"
#include "worker/figures.h"

static const char vp_text[] =
	"VpTotalRunTime                             : 50\n"
	"VpHypercallsCount                          : 7\n"
	"VpHypercallsTime                           : 8\n"
	"VpHltInstructionsCount                     : 9\n"
	"VpMsrAccessesCount                         : 18446744073709551615\n";

static bool
find(const char *text, const char *name, uint64_t *value)
{
	return counters_find(text, strlen(text), name, value);
}

Test(counters, are_found_by_their_whole_name)
{
	uint64_t v;

	cr_assert(find(vp_text, "VpHypercallsCount", &v));
	cr_expect_eq(v, 7);
	cr_assert(find(vp_text, "VpMsrAccessesCount", &v));
	cr_expect_eq(v, UINT64_MAX);
	cr_expect(!find(vp_text, "VpHypercalls", &v));
	cr_expect(!find(vp_text, "HypercallsCount", &v));
}

Test(counters, that_are_no_numbers_are_not_found)
{
	uint64_t v;

	cr_expect(!find("A : 12x\n", "A", &v));
	cr_expect(!find("A : \n", "A", &v));
	cr_expect(!find("A 12\n", "A", &v));
	cr_expect(!find("A : 18446744073709551616\n", "A", &v));
	cr_expect(!find("A", "A", &v));
	cr_expect(!find("", "A", &v));
}

Test(counters, the_last_line_needs_no_end)
{
	uint64_t v;

	cr_assert(find("B:1\nA : 12", "A", &v));
	cr_expect_eq(v, 12);
}

Test(figures, of_a_processor_come_from_its_text)
{
	struct vp_stats s = { .run_time_ns = 1 };

	figures_add_vp_text(vp_text, sizeof(vp_text) - 1, &s);
	cr_expect_eq(s.run_time_ns, 5000);
	cr_expect_eq(s.hypercalls, 7);
	cr_assert_eq(s.exit_kinds, 2);
	cr_expect_str_eq(s.exits[0].name, "hlt");
	cr_expect_eq(s.exits[0].count, 9);
	cr_expect_str_eq(s.exits[1].name, "msr");
}

Test(figures, without_a_text_stay_as_they_are)
{
	struct vp_stats s = { .run_time_ns = 1 };
	struct partition_stats p = { .memory = 2 };

	figures_add_vp_text("", 0, &s);
	figures_add_partition_text("", 0, &p);
	cr_expect_eq(s.run_time_ns, 1);
	cr_expect_eq(s.exit_kinds, 0);
	cr_expect(!p.has_deposited);
}

Test(figures, of_the_partition_are_bytes)
{
	static const char text[] = "PtDepositedPages     : 300\n"
		"PtPlaceholder1       : 200\n";
	struct partition_stats p = { .memory = 2 };

	figures_add_partition_text(text, sizeof(text) - 1, &p);
	cr_assert(p.has_deposited);
	cr_expect_eq(p.deposited, 300 * 4096);
	cr_assert(p.has_in_use);
	cr_expect_eq(p.in_use, 200 * 4096);
}
