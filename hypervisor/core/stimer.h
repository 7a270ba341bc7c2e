/* SPDX-License-Identifier: Apache-2.0 */
/* The four synthetic timers of a VP. All times are reference time. */
#ifndef HV_CORE_STIMER_H
#define HV_CORE_STIMER_H

#include "core/types.h"
#include <tlfs/synic.h>

#define STIMER_NEVER	UINT64_MAX

struct stimer {
	uint64_t config;
	uint64_t count;
	uint64_t next;		/* when it expires, or STIMER_NEVER */
	uint64_t expired;	/* when it did, if its message is owed */
};

/* Whoever has the VP locks it. */
struct stimers {
	struct stimer timer[HV_STIMER_COUNT];
	uint64_t deadline;	/* the first of next */
	uint8_t owed;		/* timers whose messages wait, a bit each */
};

/* Power-on and INIT. */
void stimers_reset(struct stimers *s);

/* The MSRs 0x400000b0 to b7, by their distance from the first. */

/* @now is read only if @value starts a timer; the deadline may change. */
void stimers_write(struct stimers *s, unsigned int reg, uint64_t value,
    uint64_t now);

static inline uint64_t
stimers_read(const struct stimers *s, unsigned int reg)
{
	const struct stimer *t = &s->timer[reg / 2];

	return reg % 2 == 0 ? t->config : t->count;
}

/* When stimers_expire() has something to do, or STIMER_NEVER. */
static inline uint64_t
stimers_deadline(const struct stimers *s)
{
	return s->deadline;
}

/*
 * Expire what is due at @now. Direct timers: returns how many of @vectors to
 * post. The others owe a message.
 */
unsigned int stimers_expire(struct stimers *s, uint64_t now,
    uint8_t vectors[HV_STIMER_COUNT]);

/*
 * Timers that owe a message, a bit each: after stimers_expire(), and when a
 * slot may be free again. Build and post each; tell when that has succeeded.
 */
static inline uint8_t
stimers_owed(const struct stimers *s)
{
	return s->owed;
}

/* @sint: where the message of @timer goes. */
void stimers_message(const struct stimers *s, unsigned int timer,
    uint64_t now, struct hv_message *msg, unsigned int *sint);

static inline void
stimers_delivered(struct stimers *s, unsigned int timer)
{
	s->owed &= (uint8_t)~(1u << timer);
}

/* GET_VP_STATE and SET_VP_STATE. Restored values are untrusted. */
void stimers_save(const struct stimers *s,
    struct hv_synthetic_timers_state *state);
void stimers_restore(struct stimers *s, uint64_t now,
    const struct hv_synthetic_timers_state *state);

#endif /* HV_CORE_STIMER_H */
