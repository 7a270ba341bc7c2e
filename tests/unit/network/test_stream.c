/* SPDX-License-Identifier: Apache-2.0 */
/* Reading bytes that lie in pieces. */
#include <criterion/criterion.h>
#include <string.h>

#include "network/stream.h"

static char one[] = "abc", two[] = "defgh", three[] = "ij";
static const struct iovec first[] = { { one, 3 }, { one, 0 }, { two, 5 } };
static const struct iovec second[] = { { two, 0 }, { three, 2 } };
static struct stream s;

static void
set_up(void)
{
	stream_init(&s, first, 3, second, 2);
}

TestSuite(stream, .init = set_up);

Test(stream, reads_across_pieces_and_lists)
{
	char text[11] = "";

	cr_expect_eq(s.left, 10);
	cr_assert(stream_read(&s, text, 2));
	cr_assert(stream_read(&s, text + 2, 7));
	cr_assert(stream_read(&s, text + 9, 1));
	cr_expect_str_eq(text, "abcdefghij");
	cr_expect_eq(s.left, 0);
	cr_expect_not(stream_read(&s, text, 1));
}

Test(stream, short_read_takes_nothing)
{
	char text[16];

	cr_expect_not(stream_read(&s, text, 11));
	cr_expect_eq(s.left, 10);
	cr_expect(stream_read(&s, text, 10));
}

Test(stream, takes_pieces_in_place)
{
	struct iovec to[4];

	cr_assert(stream_skip(&s, 1));
	cr_assert_eq(stream_take(&s, 8, to, 4), 3);
	cr_expect_eq(to[0].iov_base, one + 1);
	cr_expect_eq(to[0].iov_len, 2);
	cr_expect_eq(to[1].iov_base, two);
	cr_expect_eq(to[1].iov_len, 5);
	cr_expect_eq(to[2].iov_base, three);
	cr_expect_eq(to[2].iov_len, 1);
}

Test(stream, refuses_too_many_pieces_and_bytes)
{
	struct iovec to[2];

	cr_expect_eq(stream_take(&s, 9, to, 2), -1);
	set_up();
	cr_expect_eq(stream_take(&s, 11, to, 2), -1);
	cr_expect_eq(stream_take(&s, 0, to, 0), 0);
	cr_expect_not(stream_skip(&s, 11));
}
