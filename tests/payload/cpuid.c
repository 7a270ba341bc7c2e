/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID: what a child must see and what must be hidden from it. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

static void
hypervisor_leaves_check(void)
{
	uint32_t max = cpuid_read(HV_CPUID_MAX, 0).eax;
	struct cpuid features = cpuid_read(HV_CPUID_FEATURES, 0);
	struct cpuid limits = cpuid_read(HV_CPUID_LIMITS, 0);

	CHECK(max >= 0x40000005 && max <= 0x4000ffff, "max leaf 0x%x", max);
	CHECK_EQ(cpuid_read(HV_CPUID_INTERFACE, 0).eax, 0x31237648);
	CHECK((features.eax & HV_EAX_HYPERCALL) != 0, "no hypercalls");
	CHECK((features.eax & HV_EAX_VP_INDEX) != 0, "no VP index");
	/* These two together would make Linux believe that it is the root. */
	CHECK((features.ebx & 1) == 0, "may create partitions");
	CHECK((features.ebx & 1u << 12) == 0, "may manage processors");
	CHECK((features.ebx & 1u << 22) == 0, "isolated");
	CHECK((cpuid_read(HV_CPUID_HINTS, 0).eax & 1u << 9) != 0,
	    "automatic EOI is not deprecated");
	CHECK((cpuid_read(HV_CPUID_HINTS, 0).eax & 1u << 3) != 0,
	    "no lazy EOI");
	CHECK(limits.eax >= payload_vps, "at most %u VPs", limits.eax);
}

static void
unknown_leaves_check(void)
{
	uint32_t max = cpuid_read(HV_CPUID_MAX, 0).eax;

	for (uint32_t leaf = max + 1; leaf <= max + 8; leaf++) {
		struct cpuid r = cpuid_read(leaf, 0);

		if (leaf == 0x40000082)
			continue;	/* belongs to the VMM */
		CHECK((r.eax | r.ebx | r.ecx | r.edx) == 0,
		    "leaf 0x%x is not empty", leaf);
	}
}

static void
hidden_features_check(void)
{
	struct cpuid one = cpuid_read(1, 0);
	struct cpuid extended = cpuid_read(0x80000001, 0);

	CHECK((one.ecx & 1u << 31) != 0, "hypervisor bit is clear");
	CHECK((one.ecx & 1u << 5) == 0, "VMX is shown");
	CHECK((one.ecx & 1u << 3) == 0, "MONITOR is shown");
	CHECK((extended.ecx & 1u << 2) == 0, "SVM is shown");
	if (cpuid_read(0x80000000, 0).eax >= 0x8000000a) {
		struct cpuid svm = cpuid_read(0x8000000a, 0);

		CHECK((svm.eax | svm.ebx | svm.edx) == 0,
		    "SVM's own leaf is not empty");
	}
}

static void
topology_check(void)
{
	CHECK_EQ(cpuid_read(1, 0).ebx >> 24, apic_id());
	if (cpuid_read(0, 0).eax >= 0xb)
		CHECK_EQ(cpuid_read(0xb, 0).edx, apic_id());
}

/* Bits that mirror the processor's state must follow it. */
static void
mirrored_bits_check(void)
{
	uint64_t cr4 = cr4_read();

	if ((cpuid_read(1, 0).ecx & 1u << 26) == 0)
		return;		/* no XSAVE */
	cr4_write(cr4 | CR4_OSXSAVE);
	CHECK((cpuid_read(1, 0).ecx & 1u << 27) != 0, "OSXSAVE stays 0");
	cr4_write(cr4 & ~CR4_OSXSAVE);
	CHECK((cpuid_read(1, 0).ecx & 1u << 27) == 0, "OSXSAVE stays 1");
	msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) | APIC_BASE_ON);
	CHECK((cpuid_read(1, 0).edx & 1u << 9) != 0, "APIC bit is clear");
}

/* The same leaf answers the same, and upper register halves are cleared. */
static void
registers_check(void)
{
	uint64_t a = UINT64_C(0xdead00000000) << 16, b = a, c = 0, d = a;

	__asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
	CHECK(((a | b | c | d) >> 32) == 0, "upper halves are not cleared");
	CHECK_EQ(a, cpuid_read(0, 0).eax);
}

void
payload_run(void)
{
	hyperv_need();
	hypervisor_leaves_check();
	unknown_leaves_check();
	hidden_features_check();
	topology_check();
	mirrored_bits_check();
	registers_check();
}
