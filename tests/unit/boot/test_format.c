/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted text is what the C library makes of it. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/print.h"

/* The same format and values through both. */
#define SAME(...) \
	do { \
		char ours[128]; \
		char theirs[128]; \
		size_t n = format_text(ours, sizeof(ours), __VA_ARGS__); \
		int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		cr_expect_str_eq(ours, theirs); \
		cr_expect_eq(n, (size_t)m); \
	} while (0)

Test(format, numbers_of_all_sizes)
{
	SAME("%d %d %d", 0, -1, INT32_MIN);
	SAME("%u %u", 0u, UINT32_MAX);
	SAME("%ld %lu", INT64_MIN, UINT64_MAX);
	SAME("%zu", (size_t)123);
	SAME("%x %lx", 0xbeefu, 0xdeadbeefcafeul);
}

Test(format, widths_and_flags)
{
	SAME("[%5d] [%05d]", 42, 42);
	SAME("[%08x] [%016lx]", 0xabcu, 0x123ul);
	SAME("[%#x] [%2u]", 0x1fu, 12345u);
	SAME("[%06d]", -42);
}

Test(format, strings_and_characters)
{
	SAME("%s|%10s|%.2s|%c%%", "abc", "abc", "abc", 'x');
	SAME("%.0s", "abc");
	SAME("no conversion");
}

Test(format, a_string_that_is_not_there)
{
	const char *volatile none = NULL;
	char buf[16];

	format_text(buf, sizeof(buf), "%s", none);
	cr_expect_str_eq(buf, "(null)");
}

Test(format, pointers)
{
	char buf[32];

	format_text(buf, sizeof(buf), "%p", (void *)0xffff800000001000);
	cr_expect_str_eq(buf, "0xffff800000001000");
}

Test(format, cuts_text_that_is_too_long_and_tells_its_length)
{
	char buf[4] = "zzz";

	cr_expect_eq(format_text(buf, sizeof(buf), "%d", 123456), 6);
	cr_expect_str_eq(buf, "123");
	cr_expect_eq(format_text(buf, 0, "%d", 9), 1);
	cr_expect_str_eq(buf, "123");
}
