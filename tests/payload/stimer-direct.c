/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic timer 0 in direct mode, as Linux uses it, and periodic. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0xed
#define MS UINT64_C(10000)	/* in reference time */
#define ONE_SHOT \
	(HV_STIMER_ON | HV_STIMER_AUTO | HV_STIMER_DIRECT | \
	 HV_STIMER_VECTOR(VECTOR))

static uint64_t
seen(void)
{
	return interrupts_seen[VECTOR];
}

static void
one_shot_check(uint64_t delay)
{
	uint64_t before = seen(), due = hyperv_time() + delay, came;
	uint64_t give_up = due + 2000 * MS;

	msr_write(HV_MSR_STIMER_COUNT(0), due);
	while (seen() == before && hyperv_time() < give_up)
		cpu_halt();
	came = hyperv_time();
	CHECK_EQ(seen(), before + 1);
	CHECK(came >= due, "%lu before its time", due - came);
	CHECK_EQ(msr_read(HV_MSR_STIMER_CONFIG(0)) & HV_STIMER_ON, 0);
}

static void
past_check(void)
{
	uint64_t before = seen();

	interrupts_on();
	msr_write(HV_MSR_STIMER_COUNT(0), 1);
	CHECK(WAIT(seen() == before + 1), "a time in the past is not due");
	interrupts_off();
}

static void
stop_check(void)
{
	uint64_t before = seen();

	msr_write(HV_MSR_STIMER_COUNT(0), hyperv_time() + 20 * MS);
	msr_write(HV_MSR_STIMER_COUNT(0), 0);
	interrupts_on();
	CHECK(!WAIT_MS(seen() != before, 40u), "a stopped timer fires");
	interrupts_off();
}

static void
periodic_check(void)
{
	uint64_t before = seen(), start = hyperv_time(), count, ms;

	msr_write(HV_MSR_STIMER_CONFIG(0), 0);
	msr_write(HV_MSR_STIMER_COUNT(0), 2 * MS);
	msr_write(HV_MSR_STIMER_CONFIG(0), HV_STIMER_ON | HV_STIMER_PERIODIC |
	    HV_STIMER_DIRECT | HV_STIMER_VECTOR(VECTOR));
	interrupts_on();
	CHECK(WAIT(seen() >= before + 10), "%lu of 10", seen() - before);
	interrupts_off();
	msr_write(HV_MSR_STIMER_CONFIG(0), 0);
	count = seen() - before;
	ms = (hyperv_time() - start) / MS;
	CHECK(2 * count <= ms + 2, "%lu ticks of 2 ms in %lu ms", count, ms);
}

void
payload_run(void)
{
	hyperv_need_features(HV_EAX_STIMER | HV_EAX_TIME_REF,
	    HV_EDX_STIMER_DIRECT);
	apic_enable();
	msr_write(HV_MSR_STIMER_CONFIG(0), ONE_SHOT);
	for (uint64_t delay = 0; delay <= 5 * MS; delay += MS)
		one_shot_check(delay);
	past_check();
	stop_check();
	periodic_check();
}
