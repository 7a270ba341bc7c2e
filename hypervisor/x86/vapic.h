/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual local APIC of a VP, in x2APIC and in xAPIC mode. */
#ifndef HV_X86_VAPIC_H
#define HV_X86_VAPIC_H

#include "core/atomic.h"
#include "x86/vapic_format.h"

struct hv_local_interrupt_controller_state;

/*
 * vapic_post() and vapic_matches() may be called on any processor at any
 * time. Everything else is for the processor that runs the VP, or for one
 * that holds it stopped.
 */
#define VAPIC_LVTS		6
#define VAPIC_NEVER		UINT64_MAX

/* What the caller has to do after an access. */
enum vapic_effect {
	VAPIC_DONE,		/* nothing */
	VAPIC_FAULT,		/* raise #GP; nothing has changed */
	VAPIC_RECHECK,		/* ask vapic_pending() again */
	VAPIC_LEVEL_EOI,	/* the same; out.vector was level-triggered */
	VAPIC_SEND,		/* deliver out.ipi */
	VAPIC_REARM,		/* arm what vapic_timer_program() says */
	VAPIC_MODE,		/* the page moved, appeared or went */
};

struct vapic_ipi {
	uint32_t destination;
	uint8_t vector;
	uint8_t delivery;	/* enum vapic_delivery */
	uint8_t shorthand;	/* enum vapic_shorthand */
	bool logical;
	bool x2apic;		/* destination has 32 bits, not 8 */
};

struct vapic_outcome {
	struct vapic_ipi ipi;
	uint8_t vector;
};

/* How a vector is posted. */
enum vapic_kind {
	VAPIC_EDGE,
	VAPIC_LEVEL,
	VAPIC_AUTO_EOI,	/* edge, and it needs no EOI when it is taken */
	VAPIC_EXTERNAL	/* the same, as if by an 8259 */
};

/* A bit for each vector. */
#define VAPIC_MAP_WORDS		4

struct vapic {
	/* Any processor. */
	uint64_t irr[VAPIC_MAP_WORDS];
	uint64_t tmr[VAPIC_MAP_WORDS];
	uint64_t auto_eoi[VAPIC_MAP_WORDS];
	uint64_t external[VAPIC_MAP_WORDS];
	uint8_t errors;		/* not yet shown in esr */
	bool accepting;		/* enabled by the MSR and by SVR */

	/* The VP's processor. */
	uint8_t in_service;	/* how many vectors isr has */
	uint8_t tpr;
	uint8_t ppr;
	uint8_t esr;
	uint8_t clock_shift;
	uint8_t timer_shift;	/* clock_shift plus the divider's */
	bool timer_load;	/* initial count written, not yet started */
	uint64_t isr[VAPIC_MAP_WORDS];
	uint64_t base;
	uint64_t icr;
	uint32_t id;
	uint32_t ldr;
	uint32_t dfr;
	uint32_t svr;
	uint32_t lvt[VAPIC_LVTS];
	uint32_t divide;
	uint32_t initial_count;
	uint64_t timer_start;	/* TSC when the count was initial_count */
	uint64_t timer_deadline;
};

/*
 * The virtual timer counts the TSC divided by 2 to this power, so that it is
 * at most 2^30 Hz: its frequency is tsc_hz >> shift.
 */
uint8_t vapic_clock_shift(uint64_t tsc_hz);

/* The state after power-on. */
void vapic_setup(struct vapic *v, uint32_t id, bool bsp, uint8_t clock_shift);

/* Another id than the one of the set-up; the logical id follows it. */
void vapic_set_id(struct vapic *v, uint32_t id);

/* What INIT does: all but the id and the base MSR. Disarm the timer. */
void vapic_init(struct vapic *v);

/* Ask for @vector; true if it was not asked for already and is accepted. */
bool vapic_post(struct vapic *v, uint8_t vector, enum vapic_kind kind);

/* Take back what is VAPIC_EXTERNAL and not taken yet; true if any was. */
bool vapic_retract_external(struct vapic *v);

/* The vector that the processor would take now, or -1. */
int vapic_pending(const struct vapic *v);

/* Whether anything is asked for, even if it has to wait. */
static inline bool
vapic_waiting(const struct vapic *v)
{
	return (READ_ONCE(v->irr[0]) | READ_ONCE(v->irr[1]) |
	    READ_ONCE(v->irr[2]) | READ_ONCE(v->irr[3])) != 0;
}

/*
 * Offer @vector, which vapic_pending() told, to the processor: from now on it
 * is out of IRR, so that another request for it is news even before we learn
 * that the first was taken.  Then either the processor took it, or the offer
 * is withdrawn.
 */
void vapic_offer(struct vapic *v, uint8_t vector);
void vapic_accept(struct vapic *v, uint8_t vector);
void vapic_withdraw(struct vapic *v, uint8_t vector);

/* Whether @vector, offered, needs no EOI. */
static inline bool
vapic_is_auto_eoi(const struct vapic *v, uint8_t vector)
{
	return (READ_ONCE(v->auto_eoi[vector / 64]) >> vector % 64 & 1) != 0;
}

static inline bool
vapic_is_edge(const struct vapic *v, uint8_t vector)
{
	return (READ_ONCE(v->tmr[vector / 64]) >> vector % 64 & 1) == 0;
}

/* Ends the highest vector in service and returns it; 0 if there is none. */
uint8_t vapic_eoi(struct vapic *v, bool *level);

static inline uint8_t
vapic_tpr(const struct vapic *v)
{
	return v->tpr;
}

/* Also for CR8, shifted up by 4. Then ask vapic_pending() again. */
void vapic_set_tpr(struct vapic *v, uint8_t tpr);

/*
 * A write by MSR in x2APIC mode, by the page otherwise. @out is valid for
 * VAPIC_LEVEL_EOI and VAPIC_SEND.
 */
enum vapic_effect vapic_write(struct vapic *v, uint32_t reg, uint64_t value,
    struct vapic_outcome *out);

/* False: raise #GP. @now is the TSC. */
bool vapic_read(const struct vapic *v, uint32_t reg, uint64_t now,
    uint64_t *value);

/*
 * VAPIC_DONE, VAPIC_FAULT or VAPIC_MODE; with the last, disarm the timer if it
 * is disabled now.
 */
enum vapic_effect vapic_set_base(struct vapic *v, uint64_t value);

static inline bool
vapic_is_x2apic(const struct vapic *v)
{
	return (v->base & VAPIC_BASE_X2APIC) != 0;
}

/* Whether a destination, of 32 bits if @x2apic or else of 8, means this one. */
bool vapic_matches(const struct vapic *v, uint32_t destination, bool logical,
    bool x2apic);

/*
 * An edge on pin LINT0 (0) or LINT1 (1). False if it is masked; else
 * @delivery is FIXED, with @vector to post, SMI, NMI, INIT or EXTINT.
 */
bool vapic_lint(const struct vapic *v, unsigned int pin,
    enum vapic_delivery *delivery, uint8_t *vector);

/* The timer: all times are those of the machine's TSC. */

static inline uint64_t
vapic_timer_deadline(const struct vapic *v)
{
	return v->timer_deadline;
}

/* After VAPIC_REARM: takes over what was written; returns the deadline. */
uint64_t vapic_timer_program(struct vapic *v, uint64_t now);

/*
 * When the deadline is reached: sets the next one. True if @vector is to be
 * posted.
 */
bool vapic_timer_expire(struct vapic *v, uint64_t now, uint8_t *vector);

/* The page of GET_VP_STATE and SET_VP_STATE. Restored values are untrusted. */
void vapic_save(const struct vapic *v, uint64_t now,
    struct hv_local_interrupt_controller_state *state);
void vapic_restore(struct vapic *v, uint64_t now,
    const struct hv_local_interrupt_controller_state *state);

#endif /* HV_X86_VAPIC_H */
