/* SPDX-License-Identifier: Apache-2.0 */
/* The physical local APIC, in x2APIC mode. */
#ifndef HV_X86_LAPIC_H
#define HV_X86_LAPIC_H

#include "core/types.h"

/* No deadline: the timer stays off. */
#define LAPIC_NO_DEADLINE	UINT64_MAX

/*
 * Turn on the local APIC of this processor: x2APIC mode, every source masked
 * but NMI, timer off.
 */
void lapic_enable(void);

/* True once the first processor has done so. */
bool lapic_ready(void);

uint32_t lapic_id(void);
void lapic_eoi(void);

/* @vector, which this processor has accepted, came from a level trigger. */
bool lapic_is_level(uint8_t vector);

/* What may be sent besides a vector; the latter with a page number. */
#define LAPIC_INIT		0x500u
#define LAPIC_STARTUP		0x600u

/* To the processor of @apic_id; returns at once. */
void lapic_send(uint32_t apic_id, uint32_t what);

/* NMI to all other processors, those included that never started. */
void lapic_nmi_others(void);

/*
 * Have the timer of this processor interrupt with LP_VECTOR_TIMER once the
 * TSC has reached @deadline; at once if it has. A deadline far ahead may
 * come too early: look at the TSC and arm again. Replaces the one before.
 */
void lapic_timer_arm(uint64_t deadline);

/* Count down @ticks of the undivided clock, then interrupt with @vector. */
void lapic_timer_count(uint32_t ticks, uint8_t vector);

/* Both clocks in Hz, for deadlines; once, before any timer is armed. */
void lapic_timer_init(uint64_t tsc_hz, uint64_t timer_hz);

#endif /* HV_X86_LAPIC_H */
