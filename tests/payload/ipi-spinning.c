/* SPDX-License-Identifier: Apache-2.0 */
/* IPIs to a VP that is running: to one, to the others, to all. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lib/trap.h"

#define VECTOR 0x61
#define ROUNDS 200

static volatile bool stop;
static volatile uint64_t on_vp[SMP_MAX];

static void
on_ipi(struct trap_frame *f)
{
	(void)f;
	__atomic_add_fetch(&on_vp[cpu_number()], 1, __ATOMIC_SEQ_CST);
	apic_end_interrupt();
}

static void
spin(void *argument)
{
	volatile bool *ready = argument;

	interrupts_on();
	*ready = true;
	while (!stop)
		cpu_pause();
	interrupts_off();
}

void
payload_run(void)
{
	static volatile bool ready;

	trap_set_handler(VECTOR, on_ipi);
	smp_start();
	smp_run(1, spin, (void *)&ready);
	if (!WAIT(ready))
		payload_error("VP 1 does not take work");
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		apic_send(1, VECTOR);
		if (!WAIT(on_vp[1] == i))
			payload_fail("IPI %lu of %u is lost", i, ROUNDS);
	}
	apic_send(0, ICR_OTHERS | VECTOR);
	CHECK(WAIT(on_vp[1] == ROUNDS + 1), "no IPI to all others");
	CHECK_EQ(on_vp[0], 0);
	interrupts_on();
	apic_send(0, ICR_ALL | VECTOR);
	CHECK(WAIT(on_vp[1] == ROUNDS + 2 && on_vp[0] == 1), "no IPI to all");
	interrupts_off();
	/* Nobody has this id: it must not arrive anywhere. */
	apic_send(200, VECTOR);
	CHECK_EQ(on_vp[1], ROUNDS + 2);
	stop = true;
	CHECK(WAIT(smp_is_free(1)), "VP 1 does not end");
}
