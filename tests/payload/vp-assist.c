/* SPDX-License-Identifier: Apache-2.0 */
/* The VP assist page: a page of the guest's, with a truthful EOI hint. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x58

static volatile uint32_t assist[1024] __attribute__((aligned(4096)));
static volatile uint64_t hints, handled;

/* As Linux does it: no EOI if the hint was set when it was taken away. */
static void
on_interrupt(struct trap_frame *f)
{
	uint32_t hint = __atomic_exchange_n(&assist[0], 0, __ATOMIC_SEQ_CST);

	(void)f;
	handled++;
	if ((hint & 1) != 0)
		hints++;
	else
		apic_end_interrupt();
}

void
payload_run(void)
{
	hyperv_need();
	apic_enable();
	trap_set_handler(VECTOR, on_interrupt);
	msr_write(HV_MSR_VP_ASSIST, (uintptr_t)assist | 1);
	CHECK_EQ(assist[0], 0);
	interrupts_on();
	for (uint64_t i = 1; i <= 100; i++) {
		apic_send(apic_id(), VECTOR);
		if (!WAIT(handled == i))
			payload_fail("interrupt %lu is lost after %lu hints",
			    i, hints);
	}
	interrupts_off();
	CHECK(!apic_bit(APIC_ISR, VECTOR), "still in service at the end");
	msr_write(HV_MSR_VP_ASSIST, 0);
	assist[0] = 7;
	CHECK_EQ(assist[0], 7);
}
