/* SPDX-License-Identifier: Apache-2.0 */
/* The APIC timer: one shot, periodic, masked, stopped; and its rate. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x71
#define TICKS_MS 5u

static uint32_t per_ms;		/* timer ticks in a millisecond */

static uint64_t
seen(void)
{
	return interrupts_seen[VECTOR];
}

static void
timer_start(uint32_t lvt, uint32_t ticks)
{
	apic_write(APIC_LVT_TIMER, lvt);
	apic_write(APIC_TIMER_INITIAL, ticks);
}

static void
one_shot_check(void)
{
	uint64_t before = seen(), start = tsc_read(), ms;

	timer_start(VECTOR, TICKS_MS * per_ms);
	while (seen() == before && tsc_read() - start < 2000 * ticks_per_ms())
		cpu_halt();
	ms = (tsc_read() - start) / ticks_per_ms();
	CHECK_EQ(seen(), before + 1);
	CHECK(ms >= TICKS_MS - 1 && ms < 20 * TICKS_MS,
	    "%lu ms for a timer of %u ms", ms, TICKS_MS);
	CHECK_EQ(apic_read(APIC_TIMER_CURRENT), 0);
	interrupts_on();
	CHECK(!WAIT_MS(seen() != before + 1, 2 * TICKS_MS), "it came again");
	interrupts_off();
}

static void
periodic_check(void)
{
	uint64_t before = seen(), start = tsc_read(), ms, count;

	timer_start(VECTOR | APIC_LVT_PERIODIC, per_ms);
	interrupts_on();
	CHECK(WAIT(seen() >= before + 10), "%lu of 10", seen() - before);
	interrupts_off();
	ms = (tsc_read() - start) / ticks_per_ms();
	count = seen() - before;
	CHECK(ms + 1 >= count, "%lu ticks of 1 ms in %lu ms", count, ms);
	apic_write(APIC_TIMER_INITIAL, 0);
	interrupts_on();
	count = seen();		/* one may have been on its way */
	CHECK(!WAIT_MS(seen() > count + 1, 10u), "it does not stop");
	interrupts_off();
}

static void
masked_check(void)
{
	uint64_t before = seen();

	timer_start(VECTOR | APIC_LVT_MASKED, per_ms);
	interrupts_on();
	CHECK(WAIT(apic_read(APIC_TIMER_CURRENT) == 0), "it does not count");
	CHECK_EQ(seen(), before);
	interrupts_off();
}

static void
count_check(void)
{
	uint32_t a, b;

	timer_start(VECTOR | APIC_LVT_MASKED, UINT32_MAX);
	a = apic_read(APIC_TIMER_CURRENT);
	b = apic_read(APIC_TIMER_CURRENT);
	CHECK(a != 0 && b <= a, "counted from 0x%x to 0x%x", a, b);
	CHECK_EQ(apic_read(APIC_TIMER_INITIAL), UINT32_MAX);
	apic_write(APIC_TIMER_INITIAL, 0);
	CHECK_EQ(apic_read(APIC_TIMER_CURRENT), 0);
}

void
payload_run(void)
{
	per_ms = 1000000;
	if (hyperv_is_present())
		per_ms = (uint32_t)(msr_read(HV_MSR_APIC_FREQUENCY) / 1000);
	apic_enable();
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	CHECK_EQ(apic_read(APIC_TIMER_DIVIDE), APIC_DIVIDE_BY_1);
	one_shot_check();
	periodic_check();
	masked_check();
	count_check();
}
