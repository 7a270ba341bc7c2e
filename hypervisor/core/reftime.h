/* SPDX-License-Identifier: Apache-2.0 */
/* Reference time of a partition, in 100 ns, made from the TSC. */
#ifndef HV_CORE_REFTIME_H
#define HV_CORE_REFTIME_H

#include "core/types.h"

struct hv_reference_tsc_page;

/* The machine's rates; constant after boot. */
struct reftime_rate {
	uint64_t scale;		/* 100 ns a tick, times 2^64 */
	uint64_t ticks;		/* ticks in 100 ns, times 2^32 */
};

/* @tsc_hz is above 10 MHz. */
struct reftime_rate reftime_rate(uint64_t tsc_hz);

/* All zero: time is the TSC's. Changes are for one processor at a time. */
struct reftime {
	uint64_t offset;	/* added to the TSC's time, modulo 2^64 */
	uint64_t frozen_at;
	bool frozen;
	uint32_t sequence;	/* of the TSC page */
};

/* The time that the TSC alone tells. */
static inline uint64_t
reftime_of_tsc(const struct reftime_rate *rate, uint64_t tsc)
{
	return (uint64_t)(((unsigned __int128)tsc * rate->scale) >> 64);
}

/* Time in the partition when the TSC is @tsc. */
static inline uint64_t
reftime_now(const struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc)
{
	if (t->frozen)
		return t->frozen_at;
	return reftime_of_tsc(rate, tsc) + t->offset;
}

/* Have the time be @value when the TSC is @tsc. */
void reftime_set(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc, uint64_t value);

/* Stop the time; go on from where it stopped. Twice is as once. */
void reftime_freeze(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc);
void reftime_thaw(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc);

/*
 * The TSC when the time will be @time, not before; @tsc if that is past.
 * UINT64_MAX: never, as far as can be told (frozen, or out of range).
 */
uint64_t reftime_to_tsc(const struct reftime *t,
    const struct reftime_rate *rate, uint64_t tsc, uint64_t time);

/*
 * Rewrite a partition's TSC page, whose readers may run. @tsc_offset is what
 * the guest's TSC is ahead of the machine's. After each change of @t.
 */
void reftime_fill_page(struct reftime *t, const struct reftime_rate *rate,
    uint64_t tsc_offset, struct hv_reference_tsc_page *page);

#endif /* HV_CORE_REFTIME_H */
