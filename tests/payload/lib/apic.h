/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC, by MSRs or by its page, whichever mode it is in. */
#ifndef PAYLOAD_LIB_APIC_H
#define PAYLOAD_LIB_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpu.h"

/* Register offsets in the page; an MSR is 0x800 + offset / 16. */
enum apic_register {
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_TPR = 0x80,
	APIC_PPR = 0xa0,
	APIC_EOI = 0xb0,
	APIC_LDR = 0xd0,
	APIC_SVR = 0xf0,
	APIC_ISR = 0x100,
	APIC_IRR = 0x200,
	APIC_ESR = 0x280,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
	APIC_SELF_IPI = 0x3f0,
};

#define APIC_PAGE 0xfee00000u
#define APIC_BASE_BSP (UINT64_C(1) << 8)
#define APIC_BASE_X2 (UINT64_C(1) << 10)
#define APIC_BASE_ON (UINT64_C(1) << 11)

#define APIC_SVR_ON 0x100u
#define APIC_LVT_MASKED 0x10000u
#define APIC_LVT_PERIODIC 0x20000u
#define APIC_DIVIDE_BY_1 0xbu

#define ICR_FIXED 0x0000u
#define ICR_NMI 0x0400u
#define ICR_INIT 0x4500u
#define ICR_STARTUP 0x0600u
#define ICR_SELF 0x40000u
#define ICR_ALL 0x80000u
#define ICR_OTHERS 0xc0000u

#define VECTOR_SPURIOUS 0xff
#define X2APIC_MSR(offset) (0x800u + (offset) / 16)

/* Turn the APIC on, with all priorities open. x2APIC where it exists. */
void apic_enable(void);
void apic_enable_page(void);	/* the page even where x2APIC exists */

bool apic_has_x2(void);
bool apic_in_x2(void);
uint32_t apic_read(enum apic_register reg);
void apic_write(enum apic_register reg, uint32_t value);
uint32_t apic_id(void);
void apic_send(uint32_t destination, uint32_t icr_low);
void apic_end_interrupt(void);

/* One bit of the 256 of APIC_ISR or APIC_IRR. */
bool apic_bit(enum apic_register first, uint8_t vector);

#endif
