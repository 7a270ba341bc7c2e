/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of writes, expiries and restores of synthetic timers. */
#include <string.h>

#include "core/assert.h"
#include "core/stimer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
	uint8_t what;
	uint8_t reg;
	uint8_t shift;
	uint8_t pad[5];
	uint64_t value;
};

static void
check(const struct stimers *s)
{
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		const struct stimer *t = &s->timer[i];

		ASSERT(s->deadline <= t->next);
		ASSERT(t->next == STIMER_NEVER ||
		    (t->config & HV_STIMER_ENABLE) != 0);
		ASSERT((s->owed & 1u << i) == 0 ||
		    (t->config & HV_STIMER_DIRECT) == 0);
	}
}

static uint64_t
run(struct stimers *s, const struct step *step, uint64_t now)
{
	struct hv_synthetic_timers_state state;
	uint8_t vectors[HV_STIMER_COUNT];
	unsigned int count;

	switch (step->what % 4) {
	case 0:
		stimers_write(s, step->reg % 8, step->value >>
		    (step->shift % 64), now);
		return now;
	case 1:
		stimers_save(s, &state);
		state.timers[step->reg % 4].adjustment = step->value;
		stimers_restore(s, now, &state);
		return now;
	case 2:
		stimers_delivered(s, step->reg % 4);
		return now;
	default:
		/* The time that is never does not come. */
		if (__builtin_add_overflow(now, step->value >>
		    (step->shift % 64), &now) || now == STIMER_NEVER)
			now = STIMER_NEVER - 1;
		count = stimers_expire(s, now, vectors);
		for (unsigned int i = 0; i < count; i++)
			ASSERT(vectors[i] >= 16);
		ASSERT(stimers_deadline(s) > now);
		return now;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stimers s;
	struct step step;
	uint64_t now = 1000;

	stimers_reset(&s);
	for (; size >= sizeof(step); size -= sizeof(step)) {
		memcpy(&step, data, sizeof(step));
		data += sizeof(step);
		now = run(&s, &step, now);
		check(&s);
	}
	return 0;
}
