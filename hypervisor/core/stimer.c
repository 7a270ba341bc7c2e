/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic timers. */
#include "core/stimer.h"

#include "core/string.h"

#define CONFIG_BITS	(HV_STIMER_ENABLE | HV_STIMER_PERIODIC | \
			    HV_STIMER_LAZY | HV_STIMER_AUTO_ENABLE | \
			    HV_STIMER_VECTOR_MASK | HV_STIMER_DIRECT | \
			    HV_STIMER_SINT_MASK)

/* 100 ns between two expiries of a periodic timer, at least: 20 us. */
#define PERIOD_MIN	200

static uint8_t
vector_of(const struct stimer *t)
{
	return (uint8_t)((t->config & HV_STIMER_VECTOR_MASK) >>
	    HV_STIMER_VECTOR_SHIFT);
}

/* Whether the timer knows whom to tell; without, it cannot be enabled. */
static bool
has_target(const struct stimer *t)
{
	if ((t->config & HV_STIMER_DIRECT) != 0)
		return vector_of(t) >= HV_SINT_FIRST_VECTOR;
	return (t->config & HV_STIMER_SINT_MASK) != 0;
}

static void
deadline_update(struct stimers *s)
{
	s->deadline = STIMER_NEVER;
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++)
		s->deadline = MIN(s->deadline, s->timer[i].next);
}

void
stimers_reset(struct stimers *s)
{
	*s = (struct stimers){ .deadline = STIMER_NEVER };
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++)
		s->timer[i].next = STIMER_NEVER;
}

static uint64_t
period_after(const struct stimer *t, uint64_t time)
{
	uint64_t period = MAX(t->count, PERIOD_MIN);

	return period > STIMER_NEVER - time ? STIMER_NEVER : time + period;
}

/* Config or count has changed. */
static void
timer_start(struct stimer *t, uint64_t now)
{
	t->next = STIMER_NEVER;
	if (!has_target(t))
		t->config &= ~HV_STIMER_ENABLE;
	if ((t->config & HV_STIMER_ENABLE) == 0 || t->count == 0)
		return;
	t->next = (t->config & HV_STIMER_PERIODIC) != 0 ?
	    period_after(t, now) : t->count;
}

void
stimers_write(struct stimers *s, unsigned int reg, uint64_t value,
    uint64_t now)
{
	unsigned int i = reg / 2;
	struct stimer *t = &s->timer[i];

	if (reg % 2 == 0) {
		t->config = value & CONFIG_BITS;
	} else {
		t->count = value;
		if (value == 0)
			t->config &= ~HV_STIMER_ENABLE;
		else if ((t->config & HV_STIMER_AUTO_ENABLE) != 0)
			t->config |= HV_STIMER_ENABLE;
	}
	/* What an earlier setting owed is void. */
	s->owed &= (uint8_t)~(1u << i);
	timer_start(t, now);
	deadline_update(s);
}

/* From one expiry to the next; those that nobody saw are not made up for. */
static void
timer_advance(struct stimer *t, uint64_t now)
{
	if ((t->config & HV_STIMER_PERIODIC) == 0) {
		t->config &= ~HV_STIMER_ENABLE;
		t->next = STIMER_NEVER;
		return;
	}
	t->next = period_after(t, t->next);
	if (t->next <= now)
		t->next = period_after(t, now);
}

unsigned int
stimers_expire(struct stimers *s, uint64_t now,
    uint8_t vectors[HV_STIMER_COUNT])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		struct stimer *t = &s->timer[i];

		if (t->next > now)
			continue;
		if ((t->config & HV_STIMER_DIRECT) != 0) {
			vectors[count++] = vector_of(t);
		} else if ((s->owed & 1u << i) == 0) {
			s->owed |= (uint8_t)(1u << i);
			t->expired = t->next;
		}
		timer_advance(t, now);
	}
	deadline_update(s);
	return count;
}

void
stimers_message(const struct stimers *s, unsigned int timer, uint64_t now,
    struct hv_message *msg, unsigned int *sint)
{
	const struct stimer *t = &s->timer[timer];
	const struct hv_timer_message_payload payload = {
		.timer_index = timer,
		.expiration_time = t->expired,
		.delivery_time = now,
	};

	*msg = (struct hv_message){ .header = {
		.message_type = HVMSG_TIMER_EXPIRED,
		.payload_size = sizeof(payload),
	} };
	memcpy(msg->payload_bytes, &payload, sizeof(payload));
	*sint = (unsigned int)((t->config & HV_STIMER_SINT_MASK) >>
	    HV_STIMER_SINT_SHIFT);
}

void
stimers_save(const struct stimers *s, struct hv_synthetic_timers_state *state)
{
	*state = (struct hv_synthetic_timers_state){ 0 };
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		const struct stimer *t = &s->timer[i];
		struct hv_stimer_state *to = &state->timers[i];

		to->config = t->config;
		to->count = t->count;
		/* Of a periodic timer, its next expiry. */
		if ((t->config & HV_STIMER_PERIODIC) != 0 &&
		    t->next != STIMER_NEVER)
			to->adjustment = t->next;
		if ((s->owed & 1u << i) == 0)
			continue;
		to->flags = HV_STIMER_STATE_UNDELIVERED;
		to->undelivered_exp_time = t->expired;
	}
}

void
stimers_restore(struct stimers *s, uint64_t now,
    const struct hv_synthetic_timers_state *state)
{
	s->owed = 0;
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		const struct hv_stimer_state *from = &state->timers[i];
		struct stimer *t = &s->timer[i];

		t->config = from->config & CONFIG_BITS;
		t->count = from->count;
		timer_start(t, now);
		/* Keep the phase, if it is one. */
		if ((t->config & HV_STIMER_PERIODIC) != 0 &&
		    t->next != STIMER_NEVER &&
		    from->adjustment != 0 && from->adjustment < t->next)
			t->next = from->adjustment;
		if ((from->flags & HV_STIMER_STATE_UNDELIVERED) == 0 ||
		    (t->config & HV_STIMER_DIRECT) != 0 || !has_target(t))
			continue;
		s->owed |= (uint8_t)(1u << i);
		t->expired = from->undelivered_exp_time;
	}
	deadline_update(s);
}
