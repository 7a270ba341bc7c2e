/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the other processors and handing them work. */
#ifndef PAYLOAD_LIB_SMP_H
#define PAYLOAD_LIB_SMP_H

#include <stdbool.h>
#include <stdint.h>

#define SMP_MAX 8

typedef void smp_work(void *argument);

/* What lies between the APIC ids of neighbours; 1 unless it is set. */
extern uint32_t smp_apic_step;

/*
 * Start the payload_vps - 1 other processors. Ends the payload as an error if
 * one of them does not come.
 */
void smp_start(void);

/* Send INIT and two SIPIs; true once the processor runs C. */
bool smp_start_one(uint32_t number);

/* Give processor @number something to do; it must be free. */
void smp_run(uint32_t number, smp_work *work, void *argument);

/* Has processor @number finished what smp_run() gave it? */
bool smp_is_free(uint32_t number);

void smp_ap_main(void);

#endif
