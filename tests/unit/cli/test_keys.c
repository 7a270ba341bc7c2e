/* SPDX-License-Identifier: Apache-2.0 */
/* The key that detaches, and output made harmless. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/keys.h"

static size_t
typed(const char *keys, bool *detach)
{
	return keys_for_guest((const uint8_t *)keys, strlen(keys), detach);
}

Test(keys, all_but_the_one_are_for_the_guest)
{
	bool detach = true;

	cr_expect_eq(typed("ls\x03\x1b[A\r", &detach), 7);
	cr_expect_not(detach);
	cr_expect_eq(typed("", &detach), 0);
	cr_expect_not(detach);
}

Test(keys, what_comes_before_the_detaching_one_is_still_sent)
{
	bool detach = false;

	cr_expect_eq(typed("ab\x1d" "cd", &detach), 2);
	cr_expect(detach);
	cr_expect_eq(typed("\x1d", &detach), 0);
	cr_expect(detach);
}

static const char *
tame(const char *in)
{
	static uint8_t out[256];

	out[output_tame((const uint8_t *)in, strlen(in), out)] = '\0';
	return (const char *)out;
}

Test(output, plain_text_stays)
{
	cr_expect_str_eq(tame("a line\n\tand \xc3\xa4nother~\n"),
	    "a line\n\tand \xc3\xa4nother~\n");
}

Test(output, carriage_returns_vanish)
{
	cr_expect_str_eq(tame("one\r\ntwo\r\n"), "one\ntwo\n");
}

Test(output, control_characters_are_shown)
{
	cr_expect_str_eq(tame("\x1b[2J\x07\x7f"), "^[[2J^G^?");
}
