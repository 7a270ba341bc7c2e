/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the guest what time it is, and seeing how its clock drifts. */
#ifndef MULLION_INTEGRATION_TIMESYNC_H
#define MULLION_INTEGRATION_TIMESYNC_H

#include "integration/icmsg.h"

#define TIMESYNC_PERIOD (5 * IC_SECOND)
/* Further off than this, a clock is set anew (units of 100 ns). */
#define TIMESYNC_STEP INT64_C(5000000)
/* A guest that takes as long to answer has stood still. */
#define TIMESYNC_STALL (1 * IC_SECOND)

/* One moment, seen by two clocks, in units of 100 ns. */
struct timesync_reading {
	uint64_t host;	    /* since 1601 */
	uint64_t reference; /* the guest's reference counter */
	bool has_reference; /* else the guest takes the moment of arrival */
};

struct timesync_clock {
	/* The latest reading there is. */
	void (*read)(void *context, struct timesync_reading *out);
};

struct timesync {
	struct ic ic;
	const struct timesync_clock *clock;
	void *context;

	bool step_due; /* the next packet sets the clock */
	uint64_t sent_at;
	uint64_t steps;
	uint64_t round_trip;		/* of the last one; 0: none */
	struct timesync_reading set_at; /* when the clock was last set */
	bool has_drift;
	int64_t drift; /* since then, 100 ns; below 0: the guest is behind */
};

/* The @context is for the functions of @clock. Both are kept. */
void timesync_init(struct timesync *t, const struct timesync_clock *clock,
    void *context);

/*
 * Whether the clock knows the guest's reference counter; only then is the
 * newest version offered. Of effect from the next opening on.
 */
void timesync_use_reference(struct timesync *t, bool known);

/* Set the guest's clock as soon as can be: it has been paused, say. */
void timesync_step(struct timesync *t, uint64_t now);

#endif
