/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of accesses to a local APIC keeps it consistent. */
#include <string.h>

#include "core/assert.h"
#include "core/bits.h"
#include "x86/vapic.h"
#include <tlfs/vp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
	uint8_t what;
	uint8_t vector;
	uint16_t reg;
	uint32_t ticks;
	uint64_t value;
};

static void
check(const struct vapic *v)
{
	int pending = vapic_pending(v);
	unsigned int in_service = 0;

	for (unsigned int i = 0; i < VAPIC_MAP_WORDS; i++)
		in_service += bits_count(v->isr[i]);
	ASSERT(v->in_service == in_service);
	ASSERT(((v->irr[0] | v->isr[0]) & 0xffff) == 0);
	ASSERT(pending == -1 || pending >> 4 > v->ppr >> 4);
	ASSERT(v->ppr >= (v->tpr & 0xf0));
}

static void
access(struct vapic *v, const struct step *step, uint64_t now)
{
	struct vapic_outcome out;
	uint64_t value;

	vapic_read(v, step->reg % 0x400, now, &value);
	switch (vapic_write(v, step->reg % 0x400, step->value, &out)) {
	case VAPIC_FAULT:
		ASSERT(vapic_is_x2apic(v));
		break;
	case VAPIC_REARM:
		vapic_timer_program(v, now);
		break;
	case VAPIC_SEND:
		ASSERT(out.ipi.delivery != 3 && out.ipi.delivery != 7);
		break;
	default:
		break;
	}
}

static void
save_restore(struct vapic *v, const struct step *step, uint64_t now)
{
	struct hv_local_interrupt_controller_state state;
	uint32_t *words = (uint32_t *)&state;

	vapic_save(v, now, &state);
	words[step->reg % (sizeof(state) / 4)] = (uint32_t)step->value;
	vapic_restore(v, now, &state);
}

static void
take(struct vapic *v)
{
	int vector = vapic_pending(v);

	if (vector < 0)
		return;
	vapic_offer(v, (uint8_t)vector);
	vapic_accept(v, (uint8_t)vector);
	ASSERT(v->ppr >> 4 >= v->tpr >> 4);
}

static void
run(struct vapic *v, const struct step *step, uint64_t now)
{
	uint8_t vector;
	bool level;

	switch (step->what % 8) {
	case 0:
		vapic_post(v, step->vector,
		    step->reg & 1 ? VAPIC_LEVEL : VAPIC_EDGE);
		break;
	case 1:
		vapic_post(v, step->vector,
		    step->reg & 1 ? VAPIC_EXTERNAL : VAPIC_AUTO_EOI);
		break;
	case 2:
		take(v);
		break;
	case 3:
		vapic_eoi(v, &level);
		break;
	case 4:
		if (vapic_timer_expire(v, now, &vector))
			vapic_post(v, vector, VAPIC_EDGE);
		ASSERT(vapic_timer_deadline(v) > now);
		break;
	case 5:
		vapic_set_base(v, step->value & 0xfee00fff);
		break;
	case 6:
		save_restore(v, step, now);
		break;
	default:
		access(v, step, now);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vapic v;
	struct step step;
	struct vapic_outcome out;
	uint64_t now = 1;

	vapic_setup(&v, (uint32_t)(size % 300), false,
	    (uint8_t)(size % 4));
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
	for (; size >= sizeof(step); size -= sizeof(step)) {
		memcpy(&step, data, sizeof(step));
		data += sizeof(step);
		now += step.ticks;
		run(&v, &step, now);
		vapic_set_tpr(&v, v.tpr);
		check(&v);
	}
	return 0;
}
