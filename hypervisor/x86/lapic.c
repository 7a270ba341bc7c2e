/* SPDX-License-Identifier: Apache-2.0 */
/* Drives the local APIC through its x2APIC registers. */

#include "x86/lapic.h"

#include "core/assert.h"
#include "core/lp.h"
#include "x86/cpu.h"
#include "x86/traps.h"

/*
 * The timer's current count, 0x839, is never read: nothing needs it, and an
 * emulator that counts instructions ends at the attempt.
 */
enum {
	X2APIC_ID = 0x802,
	X2APIC_TPR = 0x808,
	X2APIC_SPURIOUS = 0x80f,
	X2APIC_TRIGGER_MODE = 0x818,
	X2APIC_ERROR_STATUS = 0x828,
	X2APIC_ICR = 0x830,
	X2APIC_LVT_TIMER = 0x832,
	X2APIC_LVT_LINT0 = 0x835,
	X2APIC_LVT_LINT1 = 0x836,
	X2APIC_LVT_ERROR = 0x837,
	X2APIC_INITIAL_COUNT = 0x838,
	X2APIC_DIVIDE = 0x83e,
};

#define BASE_X2APIC		(UINT64_C(1) << 10)
#define BASE_ENABLE		(UINT64_C(1) << 11)
#define SPURIOUS_ENABLE		0x100
#define LVT_MASKED		0x10000
#define LVT_NMI			0x400
#define LVT_DEADLINE		0x40000
#define DIVIDE_BY_1		0x0b
#define ICR_ASSERT		0x4000
#define ICR_NMI			0x400
#define ICR_ALL_OTHERS		0xc0000
#define CPUID_1_ECX_DEADLINE	(UINT32_C(1) << 24)

static bool ready;
static bool has_deadline;
/* Timer ticks for a TSC tick, as a fraction of 2^32. */
static uint64_t ticks_per_tsc;

static void
timer_vector(uint8_t vector, bool deadline)
{
	wrmsr(X2APIC_LVT_TIMER,
	    (uint64_t)vector | (deadline ? LVT_DEADLINE : 0));
	/* The mode must be in force before a deadline is written. */
	__asm__ volatile("mfence" : : : "memory");
}

void
lapic_enable(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if ((base & BASE_ENABLE) == 0)
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2APIC);

	wrmsr(X2APIC_TPR, 0);
	wrmsr(X2APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	wrmsr(X2APIC_INITIAL_COUNT, 0);
	wrmsr(X2APIC_DIVIDE, DIVIDE_BY_1);
	wrmsr(X2APIC_LVT_LINT0, LVT_MASKED);
	wrmsr(X2APIC_LVT_LINT1, LVT_NMI);
	wrmsr(X2APIC_LVT_ERROR, LVT_MASKED);
	wrmsr(X2APIC_ERROR_STATUS, 0);
	timer_vector(LP_VECTOR_TIMER, has_deadline);
	ready = true;
}

bool
lapic_ready(void)
{
	return ready;
}

uint32_t
lapic_id(void)
{
	return (uint32_t)rdmsr(X2APIC_ID);
}

void
lapic_eoi(void)
{
	wrmsr(MSR_X2APIC_EOI, 0);
}

bool
lapic_is_level(uint8_t vector)
{
	uint64_t modes = rdmsr(X2APIC_TRIGGER_MODE + vector / 32u);

	return (modes >> vector % 32 & 1) != 0;
}

/* What was written before must be visible when the interrupt arrives. */
static void
icr_write(uint64_t value)
{
	__asm__ volatile("mfence; lfence" : : : "memory");
	wrmsr(X2APIC_ICR, value);
}

void
lapic_send(uint32_t apic_id, uint32_t what)
{
	icr_write((uint64_t)apic_id << 32 | ICR_ASSERT | what);
}

void
lapic_nmi_others(void)
{
	icr_write(ICR_ALL_OTHERS | ICR_ASSERT | ICR_NMI);
}

void
lapic_timer_init(uint64_t tsc_hz, uint64_t timer_hz)
{
	ASSERT(tsc_hz > 0 && timer_hz > 0 && timer_hz >> 32 == 0);
	ticks_per_tsc = (timer_hz << 32) / tsc_hz;
	has_deadline = (cpuid(1, 0).ecx & CPUID_1_ECX_DEADLINE) != 0;
	timer_vector(LP_VECTOR_TIMER, has_deadline);
}

void
lapic_timer_count(uint32_t ticks, uint8_t vector)
{
	timer_vector(vector, false);
	wrmsr(X2APIC_INITIAL_COUNT, ticks);
}

static uint32_t
ticks_until(uint64_t deadline)
{
	uint64_t now = rdtsc();
	unsigned __int128 ticks;

	if (deadline <= now)
		return 1;
	/* Rounded up: an early interrupt would be one for nothing. */
	ticks = (unsigned __int128)(deadline - now) * ticks_per_tsc;
	ticks = (ticks >> 32) + 1;
	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

void
lapic_timer_arm(uint64_t deadline)
{
	bool off = deadline == LAPIC_NO_DEADLINE;

	if (has_deadline)
		wrmsr(MSR_TSC_DEADLINE, off ? 0 : MAX(deadline, 1u));
	else
		wrmsr(X2APIC_INITIAL_COUNT, off ? 0 : ticks_until(deadline));
}
