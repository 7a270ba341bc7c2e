/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the processor's clocks against one of a known frequency. */

#include "x86/tsc.h"

#include "core/assert.h"
#include "core/atomic.h"
#include "x86/cpu.h"
#include "x86/lapic.h"
#include "x86/port.h"
#include "x86/traps.h"

/* A clock with a frequency by law: ACPI's timer, or else the PIT. */
struct reference {
	uint16_t pm_timer;	/* 0: the PIT's channel 2 */
	uint32_t hz;
	uint32_t mask;
};

struct instant {
	uint64_t tsc;
	uint32_t reference;
};

struct clocks {
	uint64_t tsc_hz;
	uint64_t timer_hz;
};

#define PM_TIMER_HZ		3579545
#define PM_TIMER_MASK		0xffffff
#define PIT_HZ			1193182
#define PIT_MASK		0xffff
#define PORT_PIT_2		0x42
#define PORT_PIT_COMMAND	0x43
#define PORT_PIT_GATE		0x61
#define PIT_2_RATE		0xb4	/* channel 2, two bytes, mode 2 */
#define PIT_2_LATCH		0x80
#define GATE_ON			0x01
#define SPEAKER_ON		0x02

/* Below the 54 ms in which the PIT comes around. */
#define MEASURE_MS		40
#define MEASURE_TIMES		3
#define FIRST_COUNT		0x40000

static struct clocks clocks;

static void
pit_start(void)
{
	uint8_t gate = inb(PORT_PIT_GATE);

	outb(PORT_PIT_GATE, (uint8_t)((gate & ~SPEAKER_ON) | GATE_ON));
	outb(PORT_PIT_COMMAND, PIT_2_RATE);
	outb(PORT_PIT_2, 0);
	outb(PORT_PIT_2, 0);
}

static uint32_t
reference_read(const struct reference *ref)
{
	uint32_t count;

	if (ref->pm_timer != 0)
		return inl(ref->pm_timer);
	outb(PORT_PIT_COMMAND, PIT_2_LATCH);
	count = inb(PORT_PIT_2);
	count |= (uint32_t)inb(PORT_PIT_2) << 8;
	return 0 - count;	/* it counts down */
}

/* Both clocks at one time; of a few tries the one that took least. */
static struct instant
instant_now(const struct reference *ref)
{
	struct instant best = { 0, 0 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = rdtsc();
		uint32_t count = reference_read(ref);
		uint64_t took = rdtsc() - before;

		if (took < least) {
			least = took;
			best = (struct instant){ before + took / 2, count };
		}
	}
	return best;
}

/* Sleeps for @count ticks of the APIC's timer; how long that was by TSC. */
static uint64_t
timer_sleep(uint32_t count)
{
	uint64_t start;

	calibration_tsc = 0;
	start = rdtsc();
	lapic_timer_count(count, VECTOR_CALIBRATION);
	while (calibration_tsc == 0)
		/* STI takes effect after HLT has begun, so none is missed. */
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	return calibration_tsc - start;
}

/* A guess of how many timer ticks MEASURE_MS has, from a short sleep. */
static uint32_t
guess_count(const struct reference *ref)
{
	struct instant from = instant_now(ref);
	uint64_t slept = timer_sleep(FIRST_COUNT);
	struct instant to = instant_now(ref);
	uint64_t passed = MAX((to.reference - from.reference) & ref->mask, 1u);
	uint64_t hz = (to.tsc - from.tsc) * ref->hz / passed;

	return (uint32_t)MIN(hz * FIRST_COUNT / slept * MEASURE_MS / 1000,
	    (uint64_t)UINT32_MAX);
}

static struct clocks
measure(const struct reference *ref)
{
	uint32_t count = guess_count(ref);
	uint64_t least = UINT64_MAX;
	struct clocks c = { 0, 0 };

	/* Latency only makes a sleep longer, so the shortest is the truest. */
	for (int i = 0; i < MEASURE_TIMES; i++) {
		struct instant from = instant_now(ref);
		uint64_t slept = timer_sleep(count);
		struct instant to = instant_now(ref);
		uint32_t passed = (to.reference - from.reference) & ref->mask;

		if (passed == 0 || slept >= least)
			continue;
		least = slept;
		c.tsc_hz = (to.tsc - from.tsc) * ref->hz / passed;
		/* Fits 64 bits: the count is one of MEASURE_MS. */
		c.timer_hz = count * c.tsc_hz / slept;
	}
	return c;
}

/* Leaf 0x15: the TSC as a ratio of a crystal, which also drives the APIC. */
static void
ask_processor(struct clocks *c)
{
	struct cpuid_result r;

	if (cpuid(0, 0).eax < 0x15)
		return;
	r = cpuid(0x15, 0);
	if (r.eax == 0 || r.ebx == 0 || r.ecx == 0)
		return;
	c->tsc_hz = (uint64_t)r.ecx * r.ebx / r.eax;
	c->timer_hz = r.ecx;
}

/* Leaf 0x40000010 of a hypervisor under us, in kHz. */
static void
ask_hypervisor(struct clocks *c)
{
	struct cpuid_result r;

	if ((cpuid(1, 0).ecx & UINT32_C(1) << 31) == 0 ||
	    cpuid(0x40000000, 0).eax < 0x40000010)
		return;
	r = cpuid(0x40000010, 0);
	if (r.eax == 0 || r.ebx == 0)
		return;
	c->tsc_hz = r.eax * UINT64_C(1000);
	c->timer_hz = r.ebx * UINT64_C(1000);
}

void
tsc_calibrate(uint16_t pm_timer)
{
	struct reference ref = { pm_timer, PM_TIMER_HZ, PM_TIMER_MASK };

	ask_processor(&clocks);
	if (clocks.tsc_hz == 0)
		ask_hypervisor(&clocks);
	if (clocks.tsc_hz == 0 && pm_timer != 0)
		clocks = measure(&ref);
	if (clocks.tsc_hz == 0) {
		ref = (struct reference){ 0, PIT_HZ, PIT_MASK };
		pit_start();
		clocks = measure(&ref);
	}
	if (clocks.tsc_hz == 0)
		panic("neither ACPI's timer nor the PIT counts");
	lapic_timer_init(clocks.tsc_hz, clocks.timer_hz);
}

uint64_t
tsc_hz(void)
{
	return clocks.tsc_hz;
}

void
tsc_delay_us(uint64_t us)
{
	uint64_t start = rdtsc();
	uint64_t ticks = us * (clocks.tsc_hz / 1000) / 1000;

	while (rdtsc() - start < ticks)
		cpu_relax();
}
