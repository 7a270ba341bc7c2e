/* SPDX-License-Identifier: Apache-2.0 */
/* HLT ends when an interrupt comes, at once when one is waiting already. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x55
#define ROUNDS 300

static void
waiting_interrupt_check(void)
{
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		apic_send(apic_id(), VECTOR);
		cpu_halt();
		if (interrupts_seen[VECTOR] != i)
			payload_fail("%lu interrupts after %lu halts",
			    interrupts_seen[VECTOR], i);
	}
}

/* The instruction after STI still runs with interrupts held back. */
static void
shadow_check(void)
{
	uint64_t during = 1, before = interrupts_seen[VECTOR];

	apic_send(apic_id(), VECTOR);
	__asm__ volatile("sti; mov %1, %0; nop; cli"
	    : "=r"(during) : "m"(interrupts_seen[VECTOR]) : "memory");
	CHECK_EQ(during, before);
	CHECK_EQ(interrupts_seen[VECTOR], before + 1);
}

static void
timer_wake_check(void)
{
	uint64_t before = interrupts_seen[VECTOR];

	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR);
	for (uint64_t i = 1; i <= 20; i++) {
		apic_write(APIC_TIMER_INITIAL, 50000);
		while (interrupts_seen[VECTOR] == before)
			cpu_halt();
		CHECK_EQ(interrupts_seen[VECTOR], before + 1);
		before++;
	}
}

void
payload_run(void)
{
	apic_enable();
	interrupts_off();
	waiting_interrupt_check();
	shadow_check();
	timer_wake_check();
}
