/* SPDX-License-Identifier: Apache-2.0 */
/* A synthetic timer that sends messages: slot, pending flag, end of message. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x52
#define SINT 4
#define MS UINT64_C(10000)

static struct hv_message slots[16] __attribute__((aligned(4096)));

static void
timer_arm(uint32_t timer, uint64_t due)
{
	msr_write(HV_MSR_STIMER_CONFIG(timer),
	    HV_STIMER_SINT(SINT) | HV_STIMER_AUTO);
	msr_write(HV_MSR_STIMER_COUNT(timer), due);
}

static void
message_check(uint64_t due)
{
	const struct hv_message *m = &slots[SINT];

	CHECK_EQ(m->type, HV_MESSAGE_TIMER_EXPIRED);
	CHECK_EQ(m->size, 24);
	CHECK_EQ((uint32_t)m->payload[0], 0);	/* timer 0 */
	CHECK(m->payload[1] >= due, "expired before its time");
	CHECK(m->payload[2] >= m->payload[1], "delivered before it expired");
}

static void
slot_free(void)
{
	slots[SINT].type = 0;
	__asm__ volatile("mfence" : : : "memory");
	msr_write(HV_MSR_EOM, 0);
}

void
payload_run(void)
{
	uint64_t due;

	hyperv_need_features(HV_EAX_STIMER | HV_EAX_SYNIC | HV_EAX_TIME_REF,
	    0);
	apic_enable();
	msr_write(HV_MSR_SIMP, (uintptr_t)slots | 1);
	msr_write(HV_MSR_SINT(SINT), VECTOR);
	msr_write(HV_MSR_SCONTROL, 1);
	CHECK_EQ(slots[SINT].type, 0);

	due = hyperv_time() + 2 * MS;
	timer_arm(0, due);
	interrupts_on();
	CHECK(WAIT(interrupts_seen[VECTOR] == 1), "no message");
	message_check(due);

	/* The slot is full: the next one waits until it was emptied. */
	timer_arm(0, hyperv_time() + MS);
	CHECK(WAIT((slots[SINT].flags & HV_MESSAGE_PENDING) != 0),
	    "the waiting message is not flagged");
	CHECK_EQ(interrupts_seen[VECTOR], 1);
	slot_free();
	CHECK(WAIT(interrupts_seen[VECTOR] == 2), "the second never came");
	CHECK_EQ(slots[SINT].type, HV_MESSAGE_TIMER_EXPIRED);
	slot_free();
	interrupts_off();
}
