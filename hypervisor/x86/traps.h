/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions, interrupts and NMIs that arrive in the hypervisor itself. */
#ifndef HV_X86_TRAPS_H
#define HV_X86_TRAPS_H

#include "core/types.h"

/* Selectors of the one descriptor table; a Linux kernel expects the same. */
#define SELECTOR_CODE	0x10
#define SELECTOR_DATA	0x18

/* While booting; lp_interrupt never sees them. */
#define VECTOR_CALIBRATION	0xf0
#define VECTOR_SPURIOUS		0xff

/*
 * Fill the tables; then load them on the processor that executes it. There
 * is no stack but the current one: no task state segment, so no IST, and GS
 * is not used, because after an exit TR, FS and GS are the guest's.
 */
void traps_init(void);
void traps_load(void);

/* When the calibration vector arrived last, in TSC ticks. */
extern volatile uint64_t calibration_tsc;

/* Stop this processor for good. */
_Noreturn void cpu_halt(void);

#endif /* HV_X86_TRAPS_H */
