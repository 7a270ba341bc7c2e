/* SPDX-License-Identifier: Apache-2.0 */
/* The TSC runs forward, alike on all VPs, and its MSR shows the same. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"

#define ROUNDS 2000

/* Two VPs pass a baton; each stamp must be later than the other's last. */
static volatile uint64_t stamp;
static volatile uint64_t turn;
static volatile uint64_t backwards;

static void
stamp_take(uint64_t mine)
{
	uint64_t last = stamp, now = tsc_read();

	if (now < last)
		backwards++;
	stamp = now;
	turn = mine + 1;
}

static void
second(void *unused)
{
	(void)unused;
	for (uint64_t i = 1; i < 2 * ROUNDS; i += 2) {
		while (turn != i)
			cpu_pause();
		stamp_take(i);
	}
}

static void
across_vps_check(void)
{
	smp_start();
	smp_run(1, second, NULL);
	for (uint64_t i = 0; i < 2 * ROUNDS; i += 2) {
		if (!WAIT(turn == i))
			payload_fail("VP 1 lost its turn %lu", i);
		stamp_take(i);
	}
	CHECK_EQ(backwards, 0);
}

static void
msr_check(void)
{
	uint64_t before = tsc_read();
	uint64_t msr = msr_read(MSR_TSC);
	uint64_t after = tsc_read();

	/* QEMU's processor has no such MSR: it reads as 0 there. */
	CHECK(msr == 0 || (before <= msr && msr <= after), "MSR %lu between %lu and %lu",
	    msr, before, after);
}

static void
auxiliary_check(void)
{
	uint32_t low, high, aux;

	if ((cpuid_read(0x80000001, 0).edx & 1u << 27) == 0)
		return;
	msr_write(0xc0000103, 0x1234);
	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
	CHECK_EQ(aux, 0x1234);
}

/* It must agree with the frequency that the hypervisor tells. */
static void
frequency_check(void)
{
	uint64_t hz = msr_read(HV_MSR_TSC_FREQUENCY);
	uint64_t start = hyperv_time(), tsc = tsc_read(), units;

	if (!WAIT(hyperv_time() >= start + 500000))	/* 50 ms */
		payload_fail("reference time stands");
	units = hyperv_time() - start;
	tsc = (tsc_read() - tsc) * 10000000 / units;
	CHECK(tsc > hz - hz / 50 && tsc < hz + hz / 10,
	    "%lu ticks a second, not %lu", tsc, hz);
}

void
payload_run(void)
{
	hyperv_need();
	msr_check();
	auxiliary_check();
	frequency_check();
	across_vps_check();
}
