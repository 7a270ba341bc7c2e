/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic MSRs: what they hold, what they take and what they refuse. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

static uint8_t pages[4][4096] __attribute__((aligned(4096)));

static void
hypercall_page_check(void)
{
	uint64_t want = (uintptr_t)pages[0] | 1;

	CHECK_EQ(msr_read(HV_MSR_HYPERCALL) & 1, 0);
	msr_write(HV_MSR_GUEST_OS_ID, UINT64_C(0x8100) << 48);
	CHECK_EQ(msr_read(HV_MSR_GUEST_OS_ID), UINT64_C(0x8100) << 48);
	msr_write(HV_MSR_HYPERCALL, want);
	CHECK_EQ(msr_read(HV_MSR_HYPERCALL) & ~UINT64_C(0xffe), want);
	/* 0F 01 D9 C3: VMMCALL and RET, wherever in the page. */
	CHECK(pages[0][0] != 0, "the hypercall page is empty");
	msr_write(HV_MSR_GUEST_OS_ID, 0);
	CHECK_EQ(msr_read(HV_MSR_HYPERCALL) & 1, 0);
}

static void
page_msr_check(uint32_t msr, uint8_t *page)
{
	uint64_t want = (uintptr_t)page | 1;

	CHECK_EQ(msr_read(msr) & 1, 0);
	msr_write(msr, want);
	CHECK(msr_read(msr) == want, "MSR 0x%x is 0x%lx, not 0x%lx", msr,
	    msr_read(msr), want);
	msr_write(msr, 0);
	CHECK_EQ(msr_read(msr) & 1, 0);
}

static void
read_only_check(uint32_t msr)
{
	CHECK(try_msr_write(msr, 1) == VEC_GP, "MSR 0x%x can be written", msr);
}

static void
times_check(void)
{
	uint64_t before = hyperv_time();

	CHECK(msr_read(HV_MSR_TSC_FREQUENCY) > 1000000, "TSC frequency");
	CHECK(msr_read(HV_MSR_APIC_FREQUENCY) > 1000000, "APIC frequency");
	CHECK(WAIT(hyperv_time() > before), "reference time stands");
	for (int i = 0; i < 1000; i++) {
		uint64_t now = hyperv_time();

		CHECK(now >= before, "reference time went back");
		before = now;
	}
}

static void
sints_check(void)
{
	for (uint32_t i = 0; i < 16; i++)
		CHECK_EQ(msr_read(HV_MSR_SINT(i)), HV_SINT_MASKED);
	msr_write(HV_MSR_SINT(3), 0x51);
	CHECK_EQ(msr_read(HV_MSR_SINT(3)), 0x51);
	CHECK(try_msr_write(HV_MSR_SINT(3), 0x0f) == VEC_GP,
	    "an open SINT takes vector 15");
	msr_write(HV_MSR_SINT(3), HV_SINT_MASKED);
	CHECK_EQ(msr_read(HV_MSR_SVERSION), 1);
	CHECK_EQ(msr_read(HV_MSR_SCONTROL) & 1, 0);
	msr_write(HV_MSR_SCONTROL, 1);
	CHECK_EQ(msr_read(HV_MSR_SCONTROL) & 1, 1);
	msr_write(HV_MSR_SCONTROL, 0);
}

void
payload_run(void)
{
	uint32_t features;

	hyperv_need();
	features = cpuid_read(HV_CPUID_FEATURES, 0).eax;
	CHECK_EQ(msr_read(HV_MSR_VP_INDEX), 0);
	hypercall_page_check();
	page_msr_check(HV_MSR_VP_ASSIST, pages[1]);
	if ((features & HV_EAX_REFERENCE_TSC) != 0)
		page_msr_check(HV_MSR_REFERENCE_TSC, pages[2]);
	times_check();
	read_only_check(HV_MSR_VP_INDEX);
	read_only_check(HV_MSR_TIME_REF);
	read_only_check(HV_MSR_TSC_FREQUENCY);
	read_only_check(HV_MSR_APIC_FREQUENCY);
	if ((features & HV_EAX_SYNIC) != 0) {
		page_msr_check(HV_MSR_SIMP, pages[2]);
		page_msr_check(HV_MSR_SIEFP, pages[3]);
		sints_check();
	}
}
