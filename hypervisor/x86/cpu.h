/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions and architectural registers of the processor. */
#ifndef HV_X86_CPU_H
#define HV_X86_CPU_H

#include "core/types.h"

#define MSR_TSC			0x10u
#define MSR_APIC_BASE		0x1bu
#define MSR_TSC_ADJUST		0x3bu
#define MSR_BIOS_SIGN_ID	0x8bu
#define MSR_MTRR_CAP		0xfeu
#define MSR_SYSENTER_CS		0x174u
#define MSR_SYSENTER_EIP	0x176u
#define MSR_MCG_CAP		0x179u
#define MSR_MCG_STATUS		0x17au
#define MSR_MISC_ENABLE		0x1a0u
#define MSR_MTRR_PHYS_FIRST	0x200u
#define MSR_MTRR_PHYS_LAST	0x20fu
#define MSR_MTRR_FIX64K		0x250u
#define MSR_MTRR_FIX16K		0x258u
#define MSR_MTRR_FIX4K		0x268u
#define MSR_MTRR_FIX4K_LAST	0x26fu
#define MSR_PAT			0x277u
#define MSR_MTRR_DEF_TYPE	0x2ffu
#define MSR_TSC_DEADLINE	0x6e0u
#define MSR_X2APIC_FIRST	0x800u
#define MSR_X2APIC_EOI		0x80bu
#define MSR_X2APIC_LAST		0x8ffu
#define MSR_XSS			0xda0u
#define MSR_EFER		0xc0000080u
#define MSR_STAR		0xc0000081u
#define MSR_SFMASK		0xc0000084u
#define MSR_FS_BASE		0xc0000100u
#define MSR_KERNEL_GS_BASE	0xc0000102u
#define MSR_TSC_AUX		0xc0000103u
#define MSR_VM_CR		0xc0010114u
#define MSR_VM_HSAVE_PA		0xc0010117u

#define EFER_SCE		(UINT64_C(1) << 0)
#define EFER_LME		(UINT64_C(1) << 8)
#define EFER_LMA		(UINT64_C(1) << 10)
#define EFER_NXE		(UINT64_C(1) << 11)
#define EFER_SVME		(UINT64_C(1) << 12)
#define EFER_FFXSR		(UINT64_C(1) << 14)
#define EFER_TCE		(UINT64_C(1) << 15)
/* What a VP may have. */
#define EFER_KNOWN		(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | \
				 EFER_FFXSR | EFER_TCE)

#define CR0_PE			(UINT64_C(1) << 0)
#define CR0_ET			(UINT64_C(1) << 4)
#define CR0_NE			(UINT64_C(1) << 5)
#define CR0_WP			(UINT64_C(1) << 16)
#define CR0_AM			(UINT64_C(1) << 18)
#define CR0_NW			(UINT64_C(1) << 29)
#define CR0_CD			(UINT64_C(1) << 30)
#define CR0_PG			(UINT64_C(1) << 31)
#define CR4_PAE			(UINT64_C(1) << 5)
#define CR4_LA57		(UINT64_C(1) << 12)
#define CR4_OSXSAVE		(UINT64_C(1) << 18)
#define CR4_PKE			(UINT64_C(1) << 22)

#define RFLAGS_FIXED		(UINT64_C(1) << 1)
#define RFLAGS_IF		(UINT64_C(1) << 9)

struct cpuid_result {
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
};

static inline struct cpuid_result
cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	__asm__ volatile("cpuid"
	    : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
	    : "0"(leaf), "2"(subleaf));
	return r;
}

static inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void
wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value),
	    "d"((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t
rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#define READ_CR(n) \
	static inline uint64_t \
	read_cr##n(void) \
	{ \
		uint64_t v; \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)); \
		return v; \
	}

READ_CR(0)
READ_CR(2)
READ_CR(3)
READ_CR(4)

static inline uint64_t
xgetbv(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static inline void
xsetbv(uint64_t value)
{
	__asm__ volatile("xsetbv" :: "c"(0), "a"((uint32_t)value),
	    "d"((uint32_t)(value >> 32)) : "memory");
}

#endif
