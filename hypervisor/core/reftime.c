/* SPDX-License-Identifier: Apache-2.0 */
/* Reference time. */
#include "core/reftime.h"

#include "core/assert.h"
#include "core/atomic.h"
#include <tlfs/msr.h>

/* (@high * 2^64) / @divisor for @high < @divisor, rounded down. */
static uint64_t
divide_high(uint64_t high, uint64_t divisor)
{
	uint64_t quotient = 0;

	/* By hand: the library function for it is not linked. */
	for (int bit = 63; bit >= 0; bit--) {
		bool carry = high >> 63;

		high <<= 1;
		if (carry || high >= divisor) {
			high -= divisor;
			quotient |= UINT64_C(1) << bit;
		}
	}
	return quotient;
}

struct reftime_rate
reftime_rate(uint64_t tsc_hz)
{
	uint64_t units = HV_TIME_UNITS_PER_SECOND;

	ASSERT(tsc_hz > units);
	return (struct reftime_rate){
		.scale = divide_high(units, tsc_hz),
		/* Rounded up: a deadline is never early by it. */
		.ticks = (tsc_hz / units << 32) +
		    (divide_high(tsc_hz % units, units) >> 32) + 1,
	};
}

void
reftime_set(struct reftime *t, const struct reftime_rate *rate, uint64_t tsc,
    uint64_t value)
{
	t->offset = value - reftime_of_tsc(rate, tsc);
	t->frozen_at = value;
}

void
reftime_freeze(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc)
{
	t->frozen_at = reftime_now(t, rate, tsc);
	t->frozen = true;
}

void
reftime_thaw(struct reftime *t, const struct reftime_rate *rate, uint64_t tsc)
{
	if (!t->frozen)
		return;
	t->frozen = false;
	reftime_set(t, rate, tsc, t->frozen_at);
}

uint64_t
reftime_to_tsc(const struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc, uint64_t time)
{
	uint64_t now = reftime_now(t, rate, tsc);
	unsigned __int128 ticks;

	if (time <= now)
		return tsc;
	if (t->frozen)
		return UINT64_MAX;
	ticks = (unsigned __int128)(time - now) * rate->ticks >> 32;
	if (ticks >= UINT64_MAX - tsc)
		return UINT64_MAX;
	return tsc + (uint64_t)ticks + 1;
}

void
reftime_fill_page(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc_offset, struct hv_reference_tsc_page *page)
{
	/* The guest's TSC counts this much more, or less if negative. */
	uint64_t ahead = (int64_t)tsc_offset < 0 ?
	    0 - reftime_of_tsc(rate, 0 - tsc_offset) :
	    reftime_of_tsc(rate, tsc_offset);

	atomic_store(&page->tsc_sequence, HV_TSC_SEQUENCE_INVALID);
	atomic_fence();
	WRITE_ONCE(page->tsc_scale, rate->scale);
	WRITE_ONCE(page->tsc_offset, (int64_t)(t->offset - ahead));
	if (t->frozen)
		return;
	/* Not 0, and not the all-ones that was an early way to say the same. */
	t->sequence = t->sequence >= UINT32_MAX - 1 ? 1 : t->sequence + 1;
	atomic_store(&page->tsc_sequence, t->sequence);
}
