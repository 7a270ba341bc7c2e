/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor as a child partition sees it. */
#include "lib/hyperv.h"

#include "lib/cpu.h"
#include "lib/payload.h"

#define CPUID_1_ECX_HYPERVISOR (1u << 31)
#define OS_ID_OPEN_SOURCE (UINT64_C(0x8100) << 48)

uint64_t hyperv_input[512] __attribute__((aligned(4096)));
uint64_t hyperv_output[512] __attribute__((aligned(4096)));
static uint8_t hypercall_page[4096] __attribute__((aligned(4096)));
static uintptr_t hypercall_entry;

bool
hyperv_is_present(void)
{
	struct cpuid id;

	if ((cpuid_read(1, 0).ecx & CPUID_1_ECX_HYPERVISOR) == 0)
		return false;
	id = cpuid_read(HV_CPUID_MAX, 0);
	return id.eax >= HV_CPUID_LIMITS && id.ebx == 0x7263694d &&
	    id.ecx == 0x666f736f && id.edx == 0x76482074 &&
	    (cpuid_read(HV_CPUID_FEATURES, 0).eax & HV_EAX_HYPERCALL) != 0;
}

void
hyperv_need(void)
{
	if (!hyperv_is_present())
		payload_skip("no hypervisor with this interface");
}

void
hyperv_need_features(uint32_t eax, uint32_t edx)
{
	struct cpuid features;

	hyperv_need();
	features = cpuid_read(HV_CPUID_FEATURES, 0);
	if ((features.eax & eax) != eax || (features.edx & edx) != edx)
		payload_skip("feature not offered: eax 0x%x edx 0x%x", eax,
		    edx);
}

void
hyperv_enable(void)
{
	hyperv_need();
	msr_write(HV_MSR_GUEST_OS_ID, OS_ID_OPEN_SOURCE);
	msr_write(HV_MSR_HYPERCALL, (uintptr_t)hypercall_page | 1);
	hypercall_entry = (uintptr_t)hypercall_page;
}

void
hyperv_enable_parent(void)
{
	uint64_t page;

	hyperv_need();
	msr_write(HV_MSR_GUEST_OS_ID, OS_ID_OPEN_SOURCE);
	page = msr_read(HV_MSR_HYPERCALL);
	msr_write(HV_MSR_HYPERCALL, page | 1);
	hypercall_entry = page & ~UINT64_C(0xfff);
}

uint64_t
hyperv_call(uint64_t control, uint64_t input, uint64_t output)
{
	register uint64_t r8 __asm__("r8") = output;
	uint64_t result;

	__asm__ volatile("call *%[page]"
	    : "=a"(result), "+c"(control), "+d"(input), "+r"(r8)
	    : [page] "r"(hypercall_entry)
	    : "memory", "cc", "r9", "r10", "r11");
	return result;
}

uint64_t
hyperv_call_memory(uint64_t control, const void *input, void *output)
{
	return hyperv_call(control, (uintptr_t)input, (uintptr_t)output);
}

uint64_t
hyperv_time(void)
{
	return msr_read(HV_MSR_TIME_REF);
}
