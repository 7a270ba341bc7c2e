/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the other processors. */
#ifndef HV_X86_SMP_H
#define HV_X86_SMP_H

#include <tlfs/status.h>

#include "core/lp.h"

/* Which page below 1 MiB processors start from; once, while booting. */
void smp_init(spa_t trampoline);

/*
 * Start the processor of @apic_id as logical processor @lp_index, which is
 * not running: it gets a block of its own, with index and apic_id filled,
 * and calls lp_main. Returns when it is on its way there. Errors:
 * HV_INVALID_LP_INDEX, HV_INSUFFICIENT_MEMORY (no private pages are left),
 * HV_TIME_OUT (nothing answers at that id; it may be tried again).
 */
enum hv_status smp_start(uint32_t lp_index, uint32_t apic_id);

/* The block of the first processor, which boots on it. */
struct lp *smp_boot_lp(void);

/* The state that every processor runs with; then it joins the console. */
void smp_setup_processor(void);

#endif /* HV_X86_SMP_H */
