/* SPDX-License-Identifier: Apache-2.0 */
/* The time stamp counter: how fast it counts. */
#ifndef HV_X86_TSC_H
#define HV_X86_TSC_H

#include "core/types.h"

/*
 * Measure the TSC and the local APIC's timer, unless the processor tells,
 * and set the latter up. Once, on the first processor, with its local APIC
 * on and interrupts off. @pm_timer: ACPI's timer port, or 0.
 */
void tsc_calibrate(uint16_t pm_timer);

/* Ticks in a second. */
uint64_t tsc_hz(void);

/* Spin for so long; only while a processor is being started. */
void tsc_delay_us(uint64_t us);

#endif /* HV_X86_TSC_H */
