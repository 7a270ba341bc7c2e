/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of console output. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/ring.h"

static uint8_t bytes[8];

static struct ring
ring_with(const char *text)
{
	struct ring r = { .bytes = bytes, .size = sizeof(bytes) };

	for (; *text != '\0'; text++)
		ring_push(&r, (uint8_t)*text);
	return r;
}

/* Everything from @position on, piece by piece. */
static const char *
rest(const struct ring *r, uint64_t position)
{
	static char out[64];
	size_t len, n = 0;

	for (;;) {
		const uint8_t *p = ring_peek(r, &position, &len);

		if (len == 0)
			break;
		memcpy(out + n, p, len);
		n += len;
		position += len;
	}
	out[n] = '\0';
	return out;
}

Test(ring, gives_back_what_was_written)
{
	struct ring r = ring_with("abc");

	cr_expect_str_eq(rest(&r, 0), "abc");
	cr_expect_str_eq(rest(&r, 2), "c");
	cr_expect_str_eq(rest(&r, 3), "");
}

Test(ring, keeps_the_last_bytes_across_the_end)
{
	struct ring r = ring_with("0123456789ab");

	cr_expect_eq(ring_oldest(&r), 4);
	cr_expect_str_eq(rest(&r, 4), "456789ab");
}

Test(ring, moves_a_slow_reader_to_the_oldest)
{
	struct ring r = ring_with("0123456789ab");

	cr_expect_str_eq(rest(&r, 0), "456789ab");
}

Test(ring, a_full_ring_is_not_an_empty_one)
{
	struct ring r = ring_with("01234567");

	cr_expect_str_eq(rest(&r, 0), "01234567");
}
