/* SPDX-License-Identifier: Apache-2.0 */
/* NMIs: to oneself, with IF=0, and held back while one is being handled. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

static volatile uint64_t taken, depth, deepest;

static void
on_nmi(struct trap_frame *f)
{
	(void)f;
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (taken++ == 0) {
		/* Two while the first is handled: one is kept, one is lost. */
		apic_send(apic_id(), ICR_NMI);
		apic_send(apic_id(), ICR_NMI);
		for (int i = 0; i < 1000; i++)
			cpu_pause();
	}
	depth--;
}

void
payload_run(void)
{
	apic_enable();
	trap_set_handler(VEC_NMI, on_nmi);
	interrupts_off();
	apic_send(apic_id(), ICR_NMI);
	CHECK(WAIT(taken >= 2), "%lu NMIs of 2", taken);
	CHECK(!WAIT_MS(taken > 2, 10u), "%lu NMIs instead of 2", taken);
	CHECK_EQ(deepest, 1);
}
