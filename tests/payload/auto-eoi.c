/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A synthetic interrupt that ends by itself: what waited below it comes at the
 * end of its handler, with nothing in between that the hypervisor could see.
 */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0xf3
#define LOWER 0x53
#define SINT 4
#define ROUNDS 100

static struct hv_message slots[16] __attribute__((aligned(4096)));

static void
no_eoi(struct trap_frame *frame)
{
	(void)frame;
}

/* Both are asked for, and neither can be taken. */
static void
ask_for_both(void)
{
	msr_write(HV_MSR_STIMER_CONFIG(0),
	    HV_STIMER_SINT(SINT) | HV_STIMER_AUTO);
	msr_write(HV_MSR_STIMER_COUNT(0), 1);
	CHECK(WAIT(slots[SINT].type == HV_MESSAGE_TIMER_EXPIRED),
	    "no message");
	apic_send(apic_id(), ICR_FIXED | LOWER);
	CHECK(WAIT(apic_bit(APIC_IRR, VECTOR) && apic_bit(APIC_IRR, LOWER)),
	    "they are not both requested");
}

/* How often LOWER was taken when the second instruction after STI has ended. */
static uint64_t
lower_taken_at_once(void)
{
	uint64_t lower;

	__asm__ volatile("sti\n\t"
	    "nop\n\t"
	    "mov %1, %0\n\t"
	    "cli"
	    : "=r"(lower) : "m"(interrupts_seen[LOWER]) : "memory");
	return lower;
}

void
payload_run(void)
{
	hyperv_need_features(HV_EAX_STIMER | HV_EAX_SYNIC, 0);
	apic_enable();
	trap_set_handler(VECTOR, no_eoi);
	msr_write(HV_MSR_SIMP, (uintptr_t)slots | 1);
	msr_write(HV_MSR_SINT(SINT), HV_SINT_AUTO_EOI | VECTOR);
	msr_write(HV_MSR_SCONTROL, 1);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		ask_for_both();
		CHECK_EQ(lower_taken_at_once(), i);
		CHECK_EQ(interrupts_seen[VECTOR], i);
		CHECK(!apic_bit(APIC_ISR, VECTOR), "it is still in service");
		slots[SINT].type = 0;
		__asm__ volatile("mfence" : : : "memory");
		msr_write(HV_MSR_EOM, 0);
	}
}
