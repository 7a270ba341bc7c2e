/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and bits of the local APIC's registers, as its user sees them. */
#ifndef HV_X86_VAPIC_FORMAT_H
#define HV_X86_VAPIC_FORMAT_H

#include "core/types.h"

/*
 * Registers are numbered as in x2APIC mode: MSR - 0x800, or offset / 16 in
 * the xAPIC page.
 */
enum vapic_register {
	VAPIC_ID		= 0x02,
	VAPIC_VERSION		= 0x03,
	VAPIC_TPR		= 0x08,
	VAPIC_PPR		= 0x0a,
	VAPIC_EOI		= 0x0b,
	VAPIC_LDR		= 0x0d,
	VAPIC_DFR		= 0x0e,
	VAPIC_SVR		= 0x0f,
	VAPIC_ISR		= 0x10,
	VAPIC_TMR		= 0x18,
	VAPIC_IRR		= 0x20,
	VAPIC_ESR		= 0x28,
	VAPIC_ICR		= 0x30,
	VAPIC_ICR_HIGH		= 0x31,
	VAPIC_LVT_TIMER		= 0x32,
	VAPIC_LVT_THERMAL	= 0x33,
	VAPIC_LVT_PERFMON	= 0x34,
	VAPIC_LVT_LINT0		= 0x35,
	VAPIC_LVT_LINT1		= 0x36,
	VAPIC_LVT_ERROR		= 0x37,
	VAPIC_INITIAL_COUNT	= 0x38,
	VAPIC_CURRENT_COUNT	= 0x39,
	VAPIC_DIVIDE		= 0x3e,
	VAPIC_SELF_IPI		= 0x3f,
};

/* The words of ISR, TMR and IRR, 32 vectors each. */
#define VAPIC_WORDS		8
#define VAPIC_FIRST_VECTOR	16

#define VAPIC_VERSION_VALUE	UINT32_C(0x00050014)	/* six LVT entries */
#define VAPIC_SVR_ENABLE	UINT32_C(0x100)
#define VAPIC_SVR_RESET		UINT32_C(0xff)
#define VAPIC_SVR_MASK		UINT32_C(0x3ff)
#define VAPIC_DFR_RESET		UINT32_C(0xffffffff)

/* LVT entries. */
#define VAPIC_LVT_VECTOR	UINT32_C(0x000ff)
#define VAPIC_LVT_DELIVERY	UINT32_C(0x00700)
#define VAPIC_LVT_STATUS	UINT32_C(0x05000)	/* read only */
#define VAPIC_LVT_POLARITY	UINT32_C(0x02000)
#define VAPIC_LVT_LEVEL		UINT32_C(0x08000)
#define VAPIC_LVT_MASKED	UINT32_C(0x10000)
#define VAPIC_LVT_PERIODIC	UINT32_C(0x20000)

/* ICR, low half. */
#define VAPIC_ICR_VECTOR	UINT32_C(0x000ff)
#define VAPIC_ICR_LOGICAL	UINT32_C(0x00800)
#define VAPIC_ICR_BUSY		UINT32_C(0x01000)
#define VAPIC_ICR_ASSERT	UINT32_C(0x04000)
#define VAPIC_ICR_LEVEL		UINT32_C(0x08000)
#define VAPIC_ICR_RESERVED	UINT32_C(0xfff32000)

/* ESR */
#define VAPIC_ERROR_SEND	0x20u		/* sent an illegal vector */
#define VAPIC_ERROR_RECEIVE	0x40u		/* got one */
#define VAPIC_ERROR_REGISTER	0x80u		/* no such register */

enum vapic_delivery {
	VAPIC_DELIVER_FIXED	= 0,
	VAPIC_DELIVER_LOWEST	= 1,
	VAPIC_DELIVER_SMI	= 2,
	VAPIC_DELIVER_NMI	= 4,
	VAPIC_DELIVER_INIT	= 5,
	VAPIC_DELIVER_STARTUP	= 6,
	VAPIC_DELIVER_EXTINT	= 7,
};

enum vapic_shorthand {
	VAPIC_TO_DESTINATION	= 0,
	VAPIC_TO_SELF		= 1,
	VAPIC_TO_ALL		= 2,
	VAPIC_TO_OTHERS		= 3,
};

/* The APIC base MSR. */
#define VAPIC_BASE_BSP		UINT64_C(0x100)
#define VAPIC_BASE_X2APIC	UINT64_C(0x400)
#define VAPIC_BASE_ENABLE	UINT64_C(0x800)
#define VAPIC_BASE_ADDRESS	UINT64_C(0x000ffffffffff000)
#define VAPIC_BASE_DEFAULT	UINT64_C(0xfee00000)

#endif /* HV_X86_VAPIC_FORMAT_H */
