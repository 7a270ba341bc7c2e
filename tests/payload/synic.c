/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the SynIC: where they appear, what they hold, where they go. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x53

static uint64_t messages[512] __attribute__((aligned(4096)));
static uint64_t events[512] __attribute__((aligned(4096)));

static bool
page_is_empty(const volatile uint64_t *page)
{
	for (int i = 0; i < 512; i++) {
		if (page[i] != 0)
			return false;
	}
	return true;
}

/* An end of message and a masked SINT have no effect that can be seen. */
static void
idle_check(void)
{
	msr_write(HV_MSR_SCONTROL, 1);
	msr_write(HV_MSR_SINT(2), VECTOR);
	for (int i = 0; i < 100; i++)
		msr_write(HV_MSR_EOM, 0);
	interrupts_on();
	CHECK(!WAIT_MS(interrupts_seen[VECTOR] != 0, 5u),
	    "an interrupt without a message");
	interrupts_off();
	CHECK(page_is_empty(messages), "a message from nobody");
	CHECK(page_is_empty(events), "an event from nobody");
}

static void
move_check(void)
{
	static uint64_t other[512] __attribute__((aligned(4096)));

	msr_write(HV_MSR_SIMP, (uintptr_t)other | 1);
	CHECK_EQ(msr_read(HV_MSR_SIMP), (uintptr_t)other | 1);
	CHECK(page_is_empty(other), "a moved message page is not empty");
	msr_write(HV_MSR_SIMP, 0);
	other[5] = 5;
	CHECK_EQ(other[5], 5);
}

/* A page outside of memory must not hurt anybody but the guest. */
static void
nowhere_check(void)
{
	uint64_t nowhere = UINT64_C(0xd0000000) | 1;
	enum vector v = try_msr_write(HV_MSR_SIEFP, nowhere);

	CHECK(v == VEC_NONE || v == VEC_GP, "trap %u", v);
	if (v == VEC_NONE)
		CHECK_EQ(try_msr_write(HV_MSR_SIEFP, 0), VEC_NONE);
}

void
payload_run(void)
{
	hyperv_need_features(HV_EAX_SYNIC, 0);
	apic_enable();
	msr_write(HV_MSR_SIMP, (uintptr_t)messages | 1);
	msr_write(HV_MSR_SIEFP, (uintptr_t)events | 1);
	CHECK(page_is_empty(messages), "the message page is not empty");
	CHECK(page_is_empty(events), "the event page is not empty");
	idle_check();
	move_check();
	nowhere_check();
}
