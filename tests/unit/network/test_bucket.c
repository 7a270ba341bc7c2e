/* SPDX-License-Identifier: Apache-2.0 */
/* How much a token bucket lets pass. */
#include <criterion/criterion.h>

#include "network/bucket.h"

#define SECOND UINT64_C(1000000000)

/* Frames of @size bytes that pass in @seconds, by who waits as told. */
static uint64_t
passed(uint64_t rate, uint64_t size, uint64_t seconds)
{
	uint64_t now = 5 * SECOND, bytes = 0, end = now + seconds * SECOND;
	struct bucket b;

	bucket_init(&b, rate, now);
	while (now < end) {
		uint64_t wait = bucket_wait(&b, now);

		if (wait == 0) {
			bucket_take(&b, size);
			bytes += size;
			/* A frame takes a while. */
			wait = 1700;
		}
		now += wait;
	}
	return bytes;
}

Test(bucket, no_rate_never_waits)
{
	struct bucket b;

	bucket_init(&b, 0, 0);
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(bucket_wait(&b, 0), 0);
		bucket_take(&b, 65536);
	}
}

Test(bucket, passes_the_rate_and_one_burst)
{
	static const uint64_t rates[] = { 20000, 1000000, 125000000, 999983 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t rate = rates[i];
		uint64_t burst = rate / 10 > 65536 ? rate / 10 : 65536;
		uint64_t all = passed(rate, 1500, 10);

		cr_expect_leq(all, rate * 10 + burst + 1500, "%lu", rate);
		cr_expect_geq(all, rate * 10 * 95 / 100, "%lu", rate);
	}
}

Test(bucket, large_frame_leaves_a_debt)
{
	struct bucket b;
	uint64_t wait;

	bucket_init(&b, 1000, 0);
	cr_expect_eq(bucket_wait(&b, 0), 0);
	bucket_take(&b, 65536 + 2000);
	wait = bucket_wait(&b, 0);
	cr_expect_geq(wait, 2 * SECOND);
	cr_expect_leq(wait, 2 * SECOND + SECOND / 100);
	cr_expect_neq(bucket_wait(&b, wait / 2), 0);
	cr_expect_eq(bucket_wait(&b, wait), 0);
}

Test(bucket, long_pause_fills_it_once)
{
	struct bucket b;

	bucket_init(&b, UINT64_MAX, 0);
	cr_expect_eq(bucket_wait(&b, UINT64_MAX), 0);
	cr_expect_eq(b.tokens, (int64_t)b.depth);
	/* A clock that goes back adds nothing, and breaks nothing. */
	bucket_take(&b, b.depth + 1);
	cr_expect_neq(bucket_wait(&b, 7), 0);
}
