/* SPDX-License-Identifier: Apache-2.0 */
/* IPIs and NMIs wake a VP that sleeps in HLT; none is lost, none comes twice. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lib/trap.h"

#define VECTOR 0x62
#define ROUNDS 200

static volatile uint64_t wakes;
static volatile bool stop;

static void
sleep_repeatedly(void *unused)
{
	(void)unused;
	interrupts_off();
	while (!stop) {
		cpu_halt();
		wakes++;
	}
}

static volatile bool about_to_sleep;

static void
sleep_without_interrupts(void *unused)
{
	(void)unused;
	interrupts_off();
	about_to_sleep = true;
	__asm__ volatile("hlt" : : : "memory");
}

static void
nmi_check(void)
{
	bool woken = false;

	smp_run(1, sleep_without_interrupts, NULL);
	CHECK(WAIT(about_to_sleep), "VP 1 does not take work");
	CHECK(!WAIT_MS(smp_is_free(1), 5u), "HLT with IF=0 does not wait");
	apic_send(1, VECTOR);
	CHECK(!WAIT_MS(smp_is_free(1), 5u), "an interrupt ended HLT with IF=0");
	/* The first may come just before the HLT. */
	for (int tries = 0; tries < 3 && !woken; tries++) {
		apic_send(1, ICR_NMI);
		woken = WAIT_MS(smp_is_free(1), 500u);
	}
	CHECK(woken, "an NMI does not end HLT");
}

void
payload_run(void)
{
	smp_start();
	smp_run(1, sleep_repeatedly, NULL);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		/* Give it time to fall asleep in some rounds, none in others. */
		uint64_t pause = tsc_read() + (i % 8) * ticks_per_ms() / 8;

		while (tsc_read() < pause)
			cpu_pause();
		apic_send(1, VECTOR);
		if (!WAIT(interrupts_seen[VECTOR] == i))
			payload_fail("wake-up %lu of %u is lost", i, ROUNDS);
	}
	stop = true;
	apic_send(1, VECTOR);
	CHECK(WAIT(smp_is_free(1)), "VP 1 does not end");
	CHECK(wakes <= ROUNDS + 1, "HLT ended %lu times", wakes);
	nmi_check();
}
