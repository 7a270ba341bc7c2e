/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, names and errors: the words that people write and read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/name.h"
#include "manager/size.h"

Test(size, units_are_powers_of_1024)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0K", 0 },
		{ "1k", 1024 },
		{ "256M", UINT64_C(256) << 20 },
		{ "3g", UINT64_C(3) << 30 },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		uint64_t bytes = 1;

		cr_expect_eq(size_parse(cases[i].text, &bytes, &e), 0,
		    "%s: %s", cases[i].text, e.text);
		cr_expect_eq(bytes, cases[i].bytes, "%s", cases[i].text);
	}
}

Test(size, nonsense_is_refused)
{
	static const char *const cases[] = { "", "M", "12", "-1M", "1.5G",
		"1MB", " 1M", "1 M", "0x10M", "1P", "16777216T",
		"99999999999999999999M", "18446744073709551616K" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 42;
		struct err e = { 0 };

		cr_expect_eq(size_parse(cases[i], &bytes, &e), -1, "%s",
		    cases[i]);
		cr_expect_eq(e.code, EINVAL);
		cr_expect_eq(bytes, 42);
	}
}

Test(size, is_written_with_the_largest_whole_unit)
{
	char text[SIZE_TEXT_MAX];

	size_format(UINT64_C(256) << 20, text);
	cr_expect_str_eq(text, "256M");
	size_format(UINT64_C(1) << 40, text);
	cr_expect_str_eq(text, "1T");
	size_format((UINT64_C(1) << 30) + 1024, text);
	cr_expect_str_eq(text, "1048577K");
	size_format(1023, text);
	cr_expect_str_eq(text, "1023");
	size_format(0, text);
	cr_expect_str_eq(text, "0");
	size_format(UINT64_MAX, text);
	cr_expect_str_eq(text, "18446744073709551615");
}

Test(name, good_ones_are_accepted)
{
	static const char *const cases[] = { "a", "0", "demo", "web-1", "a-",
		"abcdefghijklmnopqrstuvwxyz012345" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };

		cr_expect_eq(name_check(cases[i], &e), 0, "%s: %s", cases[i],
		    e.text);
	}
}

Test(name, bad_ones_say_why)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "", "needs a name" },
		{ "-a", "first character" },
		{ "Demo", "only a to z" },
		{ "a/b", "only a to z" },
		{ "..", "only a to z" },
		{ "a_b", "only a to z" },
		{ "a\n", "only a to z" },
		{ "abcdefghijklmnopqrstuvwxyz0123456", "at most 32" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };

		cr_expect_eq(name_check(cases[i].name, &e), -1, "%s",
		    cases[i].name);
		cr_expect_not_null(strstr(e.text, cases[i].part), "%s",
		    e.text);
	}
}

Test(err, prefix_goes_before_and_keeps_the_code)
{
	struct err e = { 0 };

	cr_expect_eq(err_set(&e, EIO, "it %s", "broke"), -1);
	cr_expect_eq(err_prefix(&e, "line %d", 3), -1);
	cr_expect_eq(e.code, EIO);
	cr_expect_str_eq(e.text, "line 3: it broke");
}

Test(err, too_long_a_text_is_cut)
{
	struct err e = { 0 };

	err_set(&e, EIO, "%0600d", 0);
	cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
	err_prefix(&e, "where");
	cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
	cr_expect_eq(strncmp(e.text, "where: 0", 8), 0);
}
