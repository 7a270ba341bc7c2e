/* SPDX-License-Identifier: Apache-2.0 */
/* Filling and emptying token buckets. */
#include "network/bucket.h"

#define SECOND UINT64_C(1000000000)

/* So that no product below overflows: 8 GB a second, and an hour. */
#define RATE_MAX (UINT64_C(1) << 33)
#define PAUSE_MAX UINT64_C(3600)

/* A frame that segments will be cut from has to fit. */
#define DEPTH_MIN UINT64_C(65536)

void
bucket_init(struct bucket *b, uint64_t rate, uint64_t now)
{
	b->rate = rate > RATE_MAX ? RATE_MAX : rate;
	b->depth = b->rate / 10 > DEPTH_MIN ? b->rate / 10 : DEPTH_MIN;
	b->tokens = (int64_t)b->depth;
	b->parts = 0;
	b->filled = now;
}

static void
bucket_fill(struct bucket *b, uint64_t now)
{
	uint64_t passed = now > b->filled ? now - b->filled : 0;
	uint64_t seconds = passed / SECOND;
	uint64_t parts = passed % SECOND * b->rate + b->parts;

	if (seconds > PAUSE_MAX)
		seconds = PAUSE_MAX;
	b->tokens += (int64_t)(seconds * b->rate + parts / SECOND);
	b->parts = parts % SECOND;
	b->filled = now;
	if (b->tokens > (int64_t)b->depth)
		b->tokens = (int64_t)b->depth;
}

uint64_t
bucket_wait(struct bucket *b, uint64_t now)
{
	if (b->rate == 0)
		return 0;
	bucket_fill(b, now);
	if (b->tokens > 0)
		return 0;
	/* At least a millisecond, so that waiting is not a busy loop. */
	return (uint64_t)-b->tokens * (SECOND / 1000) / b->rate * 1000 +
	    SECOND / 1000;
}

void
bucket_take(struct bucket *b, uint64_t bytes)
{
	if (b->rate != 0)
		b->tokens -= (int64_t)bytes;
}
