/* SPDX-License-Identifier: Apache-2.0 */
/* Time as partitions see it, and what is due at a time. */
#ifndef HV_CORE_CLOCK_H
#define HV_CORE_CLOCK_H

#include "core/types.h"

struct partition;

/* Note how fast the TSC counts; once, before the first partition exists. */
void clock_init(uint64_t tsc_hz);

/* Reference time of @part now, in 100 ns. */
uint64_t clock_now(const struct partition *part);

/*
 * Have the reference time of @part be @value; stop it or let it go on.  The
 * caller holds the partition's lock, or nobody else knows it yet.
 */
void clock_set(struct partition *part, uint64_t value);
void clock_freeze(struct partition *part, bool freeze);

/* Bring the TSC page of @part up to date, if it has one. */
void clock_page_fill(struct partition *part);

/* A span of TSC ticks in 100 ns. */
uint64_t clock_span(uint64_t ticks);

#endif
