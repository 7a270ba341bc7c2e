/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: the timer. */

#include "x86/vapic_internal.h"

#define CLOCK_MAX_HZ	(UINT64_C(1) << 30)

/*
 * TSC ticks between two interrupts of a periodic timer, at least: with less
 * the processor would do nothing but deliver them.
 */
#define PERIOD_MIN	UINT64_C(16384)

uint8_t
vapic_clock_shift(uint64_t tsc_hz)
{
	uint8_t shift = 0;

	while (tsc_hz >> shift > CLOCK_MAX_HZ)
		shift++;
	return shift;
}

static bool
is_periodic(const struct vapic *v)
{
	return (v->lvt[0] & VAPIC_LVT_PERIODIC) != 0;
}

static bool
is_masked(const struct vapic *v)
{
	return (v->lvt[0] & VAPIC_LVT_MASKED) != 0;
}

static uint8_t
shift_wanted(const struct vapic *v)
{
	/* 0 divides by 2, ... 6 by 128, 7 by 1. */
	unsigned int code = (v->divide & 3) | (v->divide & 8) >> 1;

	return (uint8_t)(v->clock_shift + ((code + 1) & 7));
}

static uint64_t
period(const struct vapic *v)
{
	return (uint64_t)v->initial_count << v->timer_shift;
}

void
vapic_timer_stop(struct vapic *v)
{
	v->initial_count = 0;
	v->timer_load = false;
	v->timer_deadline = VAPIC_NEVER;
}

uint32_t
vapic_timer_count(const struct vapic *v, uint64_t now)
{
	uint64_t elapsed = 0;

	if (v->initial_count == 0)
		return 0;
	/*
	 * Another processor, whose TSC was a bit ahead, may have started it;
	 * and the start may lie before the TSC was 0.
	 */
	if (!v->timer_load && (int64_t)(now - v->timer_start) > 0)
		elapsed = (now - v->timer_start) >> v->timer_shift;
	if (is_periodic(v))
		return v->initial_count -
		    (uint32_t)(elapsed % v->initial_count);
	if (elapsed >= v->initial_count)
		return 0;
	return v->initial_count - (uint32_t)elapsed;
}

/* Goes on from the same count at another speed. */
static void
timer_change_speed(struct vapic *v, uint64_t now)
{
	uint32_t count = vapic_timer_count(v, now);

	v->timer_shift = shift_wanted(v);
	v->timer_start = now -
	    ((uint64_t)(v->initial_count - count) << v->timer_shift);
}

/* When the count next reaches 0; what passed unseen is not made up for. */
static uint64_t
timer_next(const struct vapic *v, uint64_t now)
{
	uint64_t first = v->timer_start + period(v);

	if (now < first)
		return first;
	if (!is_periodic(v))
		return VAPIC_NEVER;
	return first + ((now - first) / period(v) + 1) * period(v);
}

uint64_t
vapic_timer_program(struct vapic *v, uint64_t now)
{
	if (v->timer_load) {
		v->timer_load = false;
		v->timer_shift = shift_wanted(v);
		v->timer_start = now;
		v->timer_deadline = VAPIC_NEVER;
	} else if (v->timer_shift != shift_wanted(v)) {
		timer_change_speed(v, now);
	}
	if (v->initial_count == 0 || is_masked(v))
		v->timer_deadline = VAPIC_NEVER;
	else if (v->timer_deadline > now)	/* else it is due already */
		v->timer_deadline = timer_next(v, now);
	return v->timer_deadline;
}

bool
vapic_timer_expire(struct vapic *v, uint64_t now, uint8_t *vector)
{
	if (v->timer_deadline > now)
		return false;
	if (is_periodic(v)) {
		uint64_t next = v->timer_deadline + period(v);

		if (next <= now)
			next = timer_next(v, now);
		v->timer_deadline = MAX(next, now + PERIOD_MIN);
	} else {
		v->timer_deadline = VAPIC_NEVER;
	}
	*vector = (uint8_t)(v->lvt[0] & VAPIC_LVT_VECTOR);
	return !is_masked(v);
}
