/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: reset, mode, save and restore. */

#include "core/bits.h"
#include "core/string.h"
#include "x86/vapic_internal.h"
#include <tlfs/vp.h>

void
vapic_accepting_update(struct vapic *v)
{
	WRITE_ONCE(v->accepting, (v->base & VAPIC_BASE_ENABLE) != 0 &&
	    (v->svr & VAPIC_SVR_ENABLE) != 0);
}

/* In x2APIC mode the logical id follows from the id: cluster and member. */
static uint32_t
ldr_reset(const struct vapic *v)
{
	if (!vapic_is_x2apic(v))
		return 0;
	return v->id >> 4 << 16 | UINT32_C(1) << (v->id & 0xf);
}

void
vapic_init(struct vapic *v)
{
	for (unsigned int i = 0; i < VAPIC_MAP_WORDS; i++) {
		WRITE_ONCE(v->irr[i], 0);
		WRITE_ONCE(v->tmr[i], 0);
		WRITE_ONCE(v->auto_eoi[i], 0);
		WRITE_ONCE(v->external[i], 0);
		v->isr[i] = 0;
	}
	WRITE_ONCE(v->errors, 0);
	v->in_service = 0;
	v->tpr = 0;
	v->ppr = 0;
	v->esr = 0;
	v->icr = 0;
	v->ldr = ldr_reset(v);
	v->dfr = VAPIC_DFR_RESET;
	v->svr = VAPIC_SVR_RESET;
	for (unsigned int i = 0; i < VAPIC_LVTS; i++)
		v->lvt[i] = VAPIC_LVT_MASKED;
	v->divide = 0;
	v->timer_shift = v->clock_shift;
	v->timer_start = 0;
	vapic_timer_stop(v);
	vapic_accepting_update(v);
}

void
vapic_setup(struct vapic *v, uint32_t id, bool bsp, uint8_t clock_shift)
{
	v->id = id;
	v->clock_shift = clock_shift;
	v->base = VAPIC_BASE_DEFAULT | VAPIC_BASE_ENABLE |
	    (bsp ? VAPIC_BASE_BSP : 0);
	vapic_init(v);
}

void
vapic_set_id(struct vapic *v, uint32_t id)
{
	v->id = id;
	v->ldr = ldr_reset(v);
}

static bool
base_allowed(const struct vapic *v, uint64_t value)
{
	bool enable = (value & VAPIC_BASE_ENABLE) != 0;
	bool x2apic = (value & VAPIC_BASE_X2APIC) != 0;

	if ((value & ~(VAPIC_BASE_ADDRESS | VAPIC_BASE_BSP | VAPIC_BASE_X2APIC |
	    VAPIC_BASE_ENABLE)) != 0)
		return false;
	if (x2apic && !enable)
		return false;
	/* Into x2APIC mode from xAPIC mode only, and out of it to disabled. */
	if (vapic_is_x2apic(v))
		return x2apic || !enable;
	return !x2apic || (v->base & VAPIC_BASE_ENABLE) != 0;
}

enum vapic_effect
vapic_set_base(struct vapic *v, uint64_t value)
{
	uint64_t old = v->base;

	if (!base_allowed(v, value))
		return VAPIC_FAULT;
	value = (value & ~VAPIC_BASE_BSP) | (old & VAPIC_BASE_BSP);
	if (value == old)
		return VAPIC_DONE;
	WRITE_ONCE(v->base, value);
	if ((value & VAPIC_BASE_ENABLE) == 0)
		vapic_init(v);
	else if (((old ^ value) & VAPIC_BASE_X2APIC) != 0)
		v->ldr = ldr_reset(v);
	vapic_accepting_update(v);
	return VAPIC_MODE;
}

void
vapic_save(const struct vapic *v, uint64_t now,
    struct hv_local_interrupt_controller_state *state)
{
	*state = (struct hv_local_interrupt_controller_state){
		.apic_id = vapic_is_x2apic(v) ? v->id : v->id << 24,
		.apic_version = VAPIC_VERSION_VALUE,
		.apic_ldr = v->ldr,
		.apic_dfr = v->dfr,
		.apic_spurious = v->svr,
		.apic_esr = v->esr,
		.apic_icr_high = (uint32_t)(v->icr >> 32),
		.apic_icr_low = (uint32_t)v->icr,
		.apic_lvt_cmci = VAPIC_LVT_MASKED,
		.apic_error_status = READ_ONCE(v->errors),
		.apic_initial_count = v->initial_count,
		.apic_counter_value = vapic_timer_count(v, now),
		.apic_divide_configuration = v->divide,
	};
	memcpy(state->apic_lvt, v->lvt, sizeof(v->lvt));
	for (unsigned int i = 0; i < VAPIC_WORDS; i++) {
		state->apic_isr[i] = vapic_map_word(v->isr, i);
		state->apic_tmr[i] = vapic_map_word(v->tmr, i);
		state->apic_irr[i] = vapic_map_word(v->irr, i);
	}
}

static void
restore_map(uint64_t *map, const uint32_t words[VAPIC_WORDS])
{
	for (unsigned int i = 0; i < VAPIC_MAP_WORDS; i++) {
		uint64_t bits = (uint64_t)words[2 * i + 1] << 32 |
		    words[2 * i];

		/* Vectors below VAPIC_FIRST_VECTOR do not exist. */
		if (i == 0)
			bits &= UINT64_MAX << VAPIC_FIRST_VECTOR;
		WRITE_ONCE(map[i], bits);
	}
}

static void
restore_lvts(struct vapic *v,
    const struct hv_local_interrupt_controller_state *state)
{
	for (unsigned int i = 0; i < VAPIC_LVTS; i++) {
		v->lvt[i] = state->apic_lvt[i] &
		    vapic_lvt_bits[i];
		if ((v->svr & VAPIC_SVR_ENABLE) == 0)
			v->lvt[i] |= VAPIC_LVT_MASKED;
	}
}

static void
restore_timer(struct vapic *v, uint64_t now,
    const struct hv_local_interrupt_controller_state *state)
{
	uint32_t count = state->apic_counter_value;

	v->divide = state->apic_divide_configuration & 0xb;
	v->initial_count = state->apic_initial_count;
	v->timer_load = true;
	vapic_timer_program(v, now);
	if (count > v->initial_count)
		return;
	v->timer_start = now -
	    ((uint64_t)(v->initial_count - count) << v->timer_shift);
	v->timer_deadline = VAPIC_NEVER;
	vapic_timer_program(v, now);
}

void
vapic_restore(struct vapic *v, uint64_t now,
    const struct hv_local_interrupt_controller_state *state)
{
	v->svr = state->apic_spurious & VAPIC_SVR_MASK;
	v->esr = (uint8_t)state->apic_esr;
	WRITE_ONCE(v->errors, (uint8_t)state->apic_error_status);
	v->icr = (uint64_t)state->apic_icr_high << 32 |
	    (state->apic_icr_low & ~(VAPIC_ICR_RESERVED | VAPIC_ICR_BUSY));
	if (!vapic_is_x2apic(v)) {
		v->icr &= UINT64_C(0xff000000ffffffff);
		v->ldr = state->apic_ldr & UINT32_C(0xff000000);
		v->dfr = state->apic_dfr | UINT32_C(0x0fffffff);
	}
	vapic_accepting_update(v);
	restore_map(v->isr, state->apic_isr);
	restore_map(v->tmr, state->apic_tmr);
	restore_map(v->irr, state->apic_irr);
	v->in_service = 0;
	for (unsigned int i = 0; i < VAPIC_MAP_WORDS; i++)
		v->in_service += (uint8_t)bits_count(v->isr[i]);
	vapic_set_tpr(v, v->tpr);
	restore_lvts(v, state);
	restore_timer(v, now, state);
}
