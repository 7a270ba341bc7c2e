/* SPDX-License-Identifier: Apache-2.0 */
/* Text in both encodings, and bytes that are no text. */
#include <criterion/criterion.h>
#include <string.h>

#include "integration/utf16.h"

static uint8_t wire[64];
static char text[64];

Test(utf16, letters_of_every_length_survive_both_ways)
{
	/* 1, 2, 3 and 4 bytes of UTF-8. */
	static const char all[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const uint8_t expected[] = { 'a', 0, 0xe9, 0, 0xac, 0x20,
		0x3d, 0xd8, 0x00, 0xde, 0, 0 };

	cr_assert_eq(utf16_write(all, wire, sizeof(wire)), sizeof(expected));
	cr_expect_arr_eq(wire, expected, sizeof(expected));
	cr_expect_eq(utf16_read(wire, sizeof(wire), text, sizeof(text)),
	    sizeof(all) - 1);
	cr_expect_str_eq(text, all);
}

Test(utf16, the_ends_of_the_ranges_are_letters)
{
	static const char *const letters[] = { "\x01", "\x7f", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		cr_assert_gt(utf16_write(letters[i], wire, sizeof(wire)), 0,
		    "%zu", i);
		cr_expect_gt(utf16_read(wire, sizeof(wire), text,
		    sizeof(text)), 0);
		cr_expect_str_eq(text, letters[i]);
	}
}

Test(utf16, what_is_not_utf8_is_refused)
{
	static const char *const bad[] = {
		"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe2\x82",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(utf16_write(bad[i], wire, sizeof(wire)), -1,
		    "%zu", i);
}

Test(utf16, half_a_letter_is_refused)
{
	static const uint8_t low_first[] = { 0x00, 0xdc, 'a', 0 };
	static const uint8_t high_alone[] = { 0x00, 0xd8, 'a', 0 };
	static const uint8_t high_last[] = { 'a', 0, 0x00, 0xd8 };

	strcpy(text, "old");
	cr_expect_eq(utf16_read(low_first, 4, text, sizeof(text)), -1);
	cr_expect_str_eq(text, "");
	cr_expect_eq(utf16_read(high_alone, 4, text, sizeof(text)), -1);
	cr_expect_eq(utf16_read(high_last, 4, text, sizeof(text)), -1);
}

Test(utf16, text_ends_at_its_nul_or_with_its_bytes)
{
	static const uint8_t in[] = { 'a', 0, 'b', 0, 0, 0, 'c', 0 };

	cr_expect_eq(utf16_read(in, sizeof(in), text, sizeof(text)), 2);
	cr_expect_str_eq(text, "ab");
	cr_expect_eq(utf16_read(in, 2, text, sizeof(text)), 1);
	/* The odd byte is no letter. */
	cr_expect_eq(utf16_read(in, 3, text, sizeof(text)), 1);
	cr_expect_eq(utf16_read(in, 0, text, sizeof(text)), 0);
	cr_expect_str_eq(text, "");
}

Test(utf16, nothing_is_written_behind_the_end)
{
	cr_expect_eq(utf16_write("abc", wire, 7), -1);
	cr_expect_eq(utf16_write("abc", wire, 8), 8);
	cr_expect_eq(utf16_write("", wire, 1), -1);
	cr_expect_eq(utf16_write("\xf0\x9f\x98\x80", wire, 5), -1);
	cr_expect_eq(utf16_write("\xf0\x9f\x98\x80", wire, 6), 6);
	cr_expect_eq(utf16_read(wire, 4, text, 4), -1);
	cr_expect_eq(utf16_read(wire, 4, text, 5), 4);
}
