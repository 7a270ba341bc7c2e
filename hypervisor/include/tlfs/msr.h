/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic MSRs and their fields; SynIC and timer fields: synic.h. */
#ifndef TLFS_MSR_H
#define TLFS_MSR_H

#include <tlfs/layout.h>

#define HV_MSR_GUEST_OS_ID		UINT32_C(0x40000000)
#define HV_MSR_HYPERCALL		UINT32_C(0x40000001)
#define HV_MSR_VP_INDEX			UINT32_C(0x40000002)
#define HV_MSR_RESET			UINT32_C(0x40000003)
#define HV_MSR_VP_RUNTIME		UINT32_C(0x40000010)
#define HV_MSR_TIME_REF_COUNT		UINT32_C(0x40000020)
#define HV_MSR_REFERENCE_TSC		UINT32_C(0x40000021)
#define HV_MSR_TSC_FREQUENCY		UINT32_C(0x40000022)
#define HV_MSR_APIC_FREQUENCY		UINT32_C(0x40000023)
#define HV_MSR_EOI			UINT32_C(0x40000070)
#define HV_MSR_ICR			UINT32_C(0x40000071)
#define HV_MSR_TPR			UINT32_C(0x40000072)
#define HV_MSR_VP_ASSIST_PAGE		UINT32_C(0x40000073)
#define HV_MSR_SCONTROL			UINT32_C(0x40000080)
#define HV_MSR_SVERSION			UINT32_C(0x40000081)
#define HV_MSR_SIEFP			UINT32_C(0x40000082)
#define HV_MSR_SIMP			UINT32_C(0x40000083)
#define HV_MSR_EOM			UINT32_C(0x40000084)
#define HV_MSR_SIRBP			UINT32_C(0x40000085)
#define HV_MSR_SINT0			UINT32_C(0x40000090)
#define HV_MSR_SINT15			UINT32_C(0x4000009f)
#define HV_MSR_STIMER0_CONFIG		UINT32_C(0x400000b0)
#define HV_MSR_STIMER3_COUNT		UINT32_C(0x400000b7)
#define HV_MSR_CRASH_P0			UINT32_C(0x40000100)
#define HV_MSR_CRASH_CTL		UINT32_C(0x40000105)
#define HV_MSR_FIRST			UINT32_C(0x40000000)
#define HV_MSR_LAST			UINT32_C(0x40000fff)

/*
 * HYPERCALL, REFERENCE_TSC, VP_ASSIST_PAGE, SIEFP, SIMP and SIRBP: where the
 * page is and whether it is there.
 */
#define HV_PAGE_MSR_ENABLE		UINT64_C(1)
#define HV_PAGE_MSR_PFN_SHIFT		12
#define HV_PAGE_MSR_PFN_MASK		UINT64_C(0xfffffffffffff000)
#define HV_HYPERCALL_MSR_LOCKED		UINT64_C(2)

/* The first word of the VP assist page. */
#define HV_VP_ASSIST_NO_EOI_REQUIRED	UINT32_C(1)

#define HV_RESET_NOW			UINT64_C(1)
#define HV_CRASH_CTL_NOTIFY		(UINT64_C(1) << 63)
#define HV_CRASH_PARAMETER_COUNT	5

/* Time is counted in units of 100 ns. */
#define HV_TIME_UNITS_PER_SECOND	UINT64_C(10000000)

/* Sequence of a page whose reader must use HV_MSR_TIME_REF_COUNT instead. */
#define HV_TSC_SEQUENCE_INVALID		UINT32_C(0)

/* Time = ((TSC * scale) >> 64) + offset while sequence is unchanged. */
struct hv_reference_tsc_page {
	uint32_t tsc_sequence;
	uint32_t reserved1;
	uint64_t tsc_scale;
	int64_t tsc_offset;
};
HV_LAYOUT_SIZE(struct hv_reference_tsc_page, 24);

#endif /* TLFS_MSR_H */
