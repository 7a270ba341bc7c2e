/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC of the processor that calls. */
#include "lib/apic.h"

#include "lib/payload.h"

#define CPUID_1_ECX_X2APIC (1u << 21)
#define ICR_BUSY 0x1000u

static volatile uint32_t *
page_register(enum apic_register reg)
{
	return (volatile uint32_t *)(uintptr_t)(APIC_PAGE + (uint32_t)reg);
}

bool
apic_has_x2(void)
{
	return (cpuid_read(1, 0).ecx & CPUID_1_ECX_X2APIC) != 0;
}

bool
apic_in_x2(void)
{
	return (msr_read(MSR_APIC_BASE) & APIC_BASE_X2) != 0;
}

uint32_t
apic_read(enum apic_register reg)
{
	if (apic_in_x2())
		return (uint32_t)msr_read(X2APIC_MSR((uint32_t)reg));
	return *page_register(reg);
}

void
apic_write(enum apic_register reg, uint32_t value)
{
	if (apic_in_x2())
		msr_write(X2APIC_MSR((uint32_t)reg), value);
	else
		*page_register(reg) = value;
}

static void
apic_open(void)
{
	apic_write(APIC_SVR, APIC_SVR_ON | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0);
}

void
apic_enable_page(void)
{
	msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) | APIC_BASE_ON);
	apic_open();
}

void
apic_enable(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ON;

	msr_write(MSR_APIC_BASE, base);
	if (apic_has_x2())
		msr_write(MSR_APIC_BASE, base | APIC_BASE_X2);
	apic_open();
}

uint32_t
apic_id(void)
{
	return apic_in_x2() ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

void
apic_send(uint32_t destination, uint32_t icr_low)
{
	if (apic_in_x2()) {
		msr_write(X2APIC_MSR(APIC_ICR),
		    (uint64_t)destination << 32 | icr_low);
		return;
	}
	apic_write(APIC_ICR_HIGH, destination << 24);
	apic_write(APIC_ICR, icr_low);
	while ((apic_read(APIC_ICR) & ICR_BUSY) != 0)
		cpu_pause();
}

void
apic_end_interrupt(void)
{
	apic_write(APIC_EOI, 0);
}

bool
apic_bit(enum apic_register first, uint8_t vector)
{
	uint32_t offset = (uint32_t)first + (vector / 32u) * 16;

	return (apic_read((enum apic_register)offset) >> vector % 32 & 1) != 0;
}
