/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: its registers as the guest reads and writes them. */

#include "core/bits.h"
#include "x86/vapic_internal.h"

#define LVT(reg)	((reg) - VAPIC_LVT_TIMER)

const uint32_t vapic_lvt_bits[VAPIC_LVTS] = {
	[LVT(VAPIC_LVT_TIMER)] = VAPIC_LVT_VECTOR | VAPIC_LVT_MASKED |
	    VAPIC_LVT_PERIODIC,
	[LVT(VAPIC_LVT_THERMAL)] = VAPIC_LVT_VECTOR | VAPIC_LVT_DELIVERY |
	    VAPIC_LVT_MASKED,
	[LVT(VAPIC_LVT_PERFMON)] = VAPIC_LVT_VECTOR | VAPIC_LVT_DELIVERY |
	    VAPIC_LVT_MASKED,
	[LVT(VAPIC_LVT_LINT0)] = VAPIC_LVT_VECTOR | VAPIC_LVT_DELIVERY |
	    VAPIC_LVT_POLARITY | VAPIC_LVT_LEVEL | VAPIC_LVT_MASKED,
	[LVT(VAPIC_LVT_LINT1)] = VAPIC_LVT_VECTOR | VAPIC_LVT_DELIVERY |
	    VAPIC_LVT_POLARITY | VAPIC_LVT_LEVEL | VAPIC_LVT_MASKED,
	[LVT(VAPIC_LVT_ERROR)] = VAPIC_LVT_VECTOR | VAPIC_LVT_MASKED,
};

/* What xAPIC mode shows in ESR, x2APIC mode answers with #GP. */
static enum vapic_effect
register_error(struct vapic *v, uint8_t error)
{
	uint32_t lvt = v->lvt[LVT(VAPIC_LVT_ERROR)];

	atomic_fetch_or(&v->errors, error);
	if ((lvt & VAPIC_LVT_MASKED) != 0)
		return VAPIC_DONE;
	vapic_post(v, (uint8_t)(lvt & VAPIC_LVT_VECTOR), VAPIC_EDGE);
	return VAPIC_RECHECK;
}

static enum vapic_effect
register_missing(struct vapic *v)
{
	if (vapic_is_x2apic(v))
		return VAPIC_FAULT;
	return register_error(v, VAPIC_ERROR_REGISTER);
}

static enum vapic_effect
lvt_write(struct vapic *v, unsigned int index, uint32_t value)
{
	uint32_t bits = vapic_lvt_bits[index];

	if ((value & ~(bits | VAPIC_LVT_STATUS)) != 0 && vapic_is_x2apic(v))
		return VAPIC_FAULT;
	value &= bits;
	if ((v->svr & VAPIC_SVR_ENABLE) == 0)
		value |= VAPIC_LVT_MASKED;
	v->lvt[index] = value;
	return index == LVT(VAPIC_LVT_TIMER) ? VAPIC_REARM : VAPIC_DONE;
}

static enum vapic_effect
svr_write(struct vapic *v, uint32_t value)
{
	if ((value & ~VAPIC_SVR_MASK) != 0 && vapic_is_x2apic(v))
		return VAPIC_FAULT;
	v->svr = value & VAPIC_SVR_MASK;
	vapic_accepting_update(v);
	if ((v->svr & VAPIC_SVR_ENABLE) != 0)
		return VAPIC_RECHECK;
	for (unsigned int i = 0; i < VAPIC_LVTS; i++)
		v->lvt[i] |= VAPIC_LVT_MASKED;
	return VAPIC_REARM;
}

static enum vapic_effect
eoi_write(struct vapic *v, struct vapic_outcome *out)
{
	bool level;

	out->vector = vapic_eoi(v, &level);
	return level ? VAPIC_LEVEL_EOI : VAPIC_RECHECK;
}

static enum vapic_effect
self_ipi(struct vapic *v, uint8_t vector)
{
	if (vector < VAPIC_FIRST_VECTOR)
		return register_error(v, VAPIC_ERROR_SEND);
	vapic_post(v, vector, VAPIC_EDGE);
	return VAPIC_RECHECK;
}

/* @icr has its destination in bits 63:32, whatever the mode. */
static enum vapic_effect
icr_send(struct vapic *v, uint64_t icr, struct vapic_outcome *out)
{
	uint32_t low = (uint32_t)icr;
	struct vapic_ipi ipi = {
		.destination = (uint32_t)(icr >> 32),
		.vector = (uint8_t)(low & VAPIC_ICR_VECTOR),
		.delivery = (low >> 8) & 7,
		.shorthand = (low >> 18) & 3,
		.logical = (low & VAPIC_ICR_LOGICAL) != 0,
		.x2apic = vapic_is_x2apic(v),
	};

	switch (ipi.delivery) {
	case VAPIC_DELIVER_FIXED:
		if (ipi.shorthand == VAPIC_TO_SELF)
			return self_ipi(v, ipi.vector);
		break;
	case VAPIC_DELIVER_LOWEST:
	case VAPIC_DELIVER_NMI:
	case VAPIC_DELIVER_STARTUP:
		break;
	case VAPIC_DELIVER_INIT:
		/* The de-assertion after it is for ancient processors. */
		if ((low & VAPIC_ICR_LEVEL) != 0 &&
		    (low & VAPIC_ICR_ASSERT) == 0)
			return VAPIC_DONE;
		break;
	default:
		return VAPIC_DONE;
	}
	if (ipi.delivery <= VAPIC_DELIVER_LOWEST &&
	    ipi.vector < VAPIC_FIRST_VECTOR)
		return register_error(v, VAPIC_ERROR_SEND);
	if (ipi.delivery != VAPIC_DELIVER_FIXED &&
	    (ipi.shorthand == VAPIC_TO_SELF || ipi.shorthand == VAPIC_TO_ALL))
		return VAPIC_DONE;
	out->ipi = ipi;
	return VAPIC_SEND;
}

/* The destination in bits 63:32 in x2APIC mode, 63:56 otherwise. */
static enum vapic_effect
icr_write(struct vapic *v, uint64_t value, struct vapic_outcome *out)
{
	value &= ~(uint64_t)VAPIC_ICR_BUSY;
	if (!vapic_is_x2apic(v)) {
		value &= ~(uint64_t)VAPIC_ICR_RESERVED;
		v->icr = value & UINT64_C(0xff000000ffffffff);
		return icr_send(v, v->icr >> 56 << 32 | (uint32_t)value, out);
	}
	if ((value & VAPIC_ICR_RESERVED) != 0)
		return VAPIC_FAULT;
	v->icr = value;
	return icr_send(v, value, out);
}

/* Registers that only xAPIC mode has. */
static enum vapic_effect
xapic_write(struct vapic *v, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case VAPIC_ID:
	case VAPIC_VERSION:
		return VAPIC_DONE;
	case VAPIC_LDR:
		v->ldr = value & UINT32_C(0xff000000);
		return VAPIC_DONE;
	case VAPIC_DFR:
		v->dfr = value | UINT32_C(0x0fffffff);
		return VAPIC_DONE;
	case VAPIC_ICR_HIGH:
		v->icr = (uint64_t)(value & UINT32_C(0xff000000)) << 32 |
		    (uint32_t)v->icr;
		return VAPIC_DONE;
	default:
		return register_missing(v);
	}
}

/* TPR, ESR and DIVIDE: in x2APIC mode their upper bits must be 0. */
static bool
fits(const struct vapic *v, uint32_t value, uint32_t mask)
{
	return (value & ~mask) == 0 || !vapic_is_x2apic(v);
}

static enum vapic_effect
register_write(struct vapic *v, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case VAPIC_TPR:
		if (!fits(v, value, 0xff))
			return VAPIC_FAULT;
		vapic_set_tpr(v, (uint8_t)value);
		return VAPIC_RECHECK;
	case VAPIC_SVR:
		return svr_write(v, value);
	case VAPIC_ESR:
		if (!fits(v, value, 0))
			return VAPIC_FAULT;
		v->esr = atomic_swap(&v->errors, (uint8_t)0);
		return VAPIC_DONE;
	case VAPIC_LVT_TIMER ... VAPIC_LVT_ERROR:
		return lvt_write(v, LVT(reg), value);
	case VAPIC_INITIAL_COUNT:
		v->initial_count = value;
		v->timer_load = true;
		return VAPIC_REARM;
	case VAPIC_DIVIDE:
		if (!fits(v, value, 0xb))
			return VAPIC_FAULT;
		v->divide = value & 0xb;
		return VAPIC_REARM;
	default:
		return vapic_is_x2apic(v) ? VAPIC_FAULT :
		    xapic_write(v, reg, value);
	}
}

enum vapic_effect
vapic_write(struct vapic *v, uint32_t reg, uint64_t value,
    struct vapic_outcome *out)
{
	bool x2apic = vapic_is_x2apic(v);

	/* First what is written most. */
	if (reg == VAPIC_EOI)
		return x2apic && value != 0 ? VAPIC_FAULT : eoi_write(v, out);
	if (reg == VAPIC_ICR) {
		if (!x2apic)
			value = (v->icr >> 32 << 32) | (uint32_t)value;
		return icr_write(v, value, out);
	}
	if (x2apic && value > UINT32_MAX)
		return VAPIC_FAULT;
	if (x2apic && reg == VAPIC_SELF_IPI)
		return value > 0xff ? VAPIC_FAULT :
		    self_ipi(v, (uint8_t)value);
	return register_write(v, reg, (uint32_t)value);
}

/* What the register shows in the mode that @v is in; 0 if there is none. */
static uint64_t
register_value(const struct vapic *v, uint32_t reg, uint64_t now)
{
	bool x2apic = vapic_is_x2apic(v);
	unsigned int word = reg % VAPIC_WORDS;

	switch (reg) {
	case VAPIC_ISR ... VAPIC_ISR + VAPIC_WORDS - 1:
		return vapic_map_word(v->isr, word);
	case VAPIC_TMR ... VAPIC_TMR + VAPIC_WORDS - 1:
		return vapic_map_word(v->tmr, word);
	case VAPIC_IRR ... VAPIC_IRR + VAPIC_WORDS - 1:
		return vapic_map_word(v->irr, word);
	case VAPIC_LVT_TIMER ... VAPIC_LVT_ERROR:
		return v->lvt[LVT(reg)];
	case VAPIC_ID:
		return x2apic ? v->id : v->id << 24;
	case VAPIC_VERSION:
		return VAPIC_VERSION_VALUE;
	case VAPIC_TPR:
		return v->tpr;
	case VAPIC_PPR:
		return v->ppr;
	case VAPIC_LDR:
		return v->ldr;
	case VAPIC_DFR:
		return v->dfr;
	case VAPIC_SVR:
		return v->svr;
	case VAPIC_ESR:
		return v->esr;
	case VAPIC_ICR:
		return x2apic ? v->icr : (uint32_t)v->icr;
	case VAPIC_ICR_HIGH:
		return v->icr >> 32;
	case VAPIC_INITIAL_COUNT:
		return v->initial_count;
	case VAPIC_CURRENT_COUNT:
		return vapic_timer_count(v, now);
	case VAPIC_DIVIDE:
		return v->divide;
	default:
		return 0;
	}
}

/* Registers that can be read in x2APIC mode, where others fault. */
#define X2APIC_READABLE	(BIT(VAPIC_ID) | BIT(VAPIC_VERSION) | \
			    BIT(VAPIC_TPR) | BIT(VAPIC_PPR) | \
			    BIT(VAPIC_LDR) | BIT(VAPIC_SVR) | \
			    BITS(VAPIC_ESR, VAPIC_ISR) | BIT(VAPIC_ICR) | \
			    BITS(VAPIC_CURRENT_COUNT, VAPIC_LVT_TIMER) | \
			    BIT(VAPIC_DIVIDE))

bool
vapic_read(const struct vapic *v, uint32_t reg, uint64_t now, uint64_t *value)
{
	*value = register_value(v, reg, now);
	return !vapic_is_x2apic(v) ||
	    (reg < 64 && (X2APIC_READABLE >> reg & 1) != 0);
}
