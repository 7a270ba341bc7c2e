/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of the system as one number. */
#ifndef MULLION_MANAGER_CLOCK_H
#define MULLION_MANAGER_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
timespec_ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_nsec;
}

/* Nanoseconds by @clock, which exists: CLOCK_MONOTONIC, CLOCK_REALTIME. */
static inline uint64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return timespec_ns(&t);
}

#endif
