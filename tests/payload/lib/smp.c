/* SPDX-License-Identifier: Apache-2.0 */
/* The other processors: started by INIT and SIPI, then waiting for work. */
#include "lib/smp.h"

#include <stddef.h>

#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define TRAMPOLINE 0x8000u
#define STACK_SIZE 16384
#define START_MS 1000u

struct worker {
	smp_work *volatile work;
	void *volatile argument;
};

extern const uint8_t ap_trampoline[], ap_trampoline_end[];
extern uint64_t ap_stack;

uint32_t smp_apic_step = 1;

static uint8_t stacks[SMP_MAX][STACK_SIZE] __attribute__((aligned(16)));
static struct worker workers[SMP_MAX];
static volatile uint32_t starting, started;

void
smp_ap_main(void)
{
	uint32_t self = starting;

	trap_setup_cpu(self);
	apic_enable();
	started = self;
	for (;;) {
		smp_work *work = workers[self].work;

		if (work != NULL) {
			work(workers[self].argument);
			workers[self].work = NULL;
		}
		cpu_pause();
	}
}

bool
smp_start_one(uint32_t number)
{
	size_t size = (size_t)(ap_trampoline_end - ap_trampoline);

	memory_copy((void *)(uintptr_t)TRAMPOLINE, ap_trampoline, size);
	workers[number].work = NULL;
	ap_stack = (uintptr_t)stacks[number] + STACK_SIZE;
	starting = number;
	started = 0;
	apic_send(number * smp_apic_step, ICR_INIT);
	for (int tries = 0; tries < 2; tries++) {
		apic_send(number * smp_apic_step,
		    ICR_STARTUP | TRAMPOLINE >> 12);
		if (WAIT_MS(started == number, START_MS))
			return true;
	}
	return false;
}

void
smp_start(void)
{
	apic_enable();
	for (uint32_t i = 1; i < payload_vps; i++) {
		if (!smp_start_one(i))
			payload_error("VP %u does not start", i);
	}
}

void
smp_run(uint32_t number, smp_work *work, void *argument)
{
	workers[number].argument = argument;
	workers[number].work = work;
}

bool
smp_is_free(uint32_t number)
{
	return workers[number].work == NULL;
}
