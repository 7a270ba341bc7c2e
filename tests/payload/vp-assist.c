/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lazy EOI: a bit in the VP assist page says that what is taken next, or was
 * taken last, needs no EOI. It is never set where another would have to come
 * at that EOI.
 */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x58
#define LOWER 0x48
#define ROUNDS 100

static volatile uint32_t assist[1024] __attribute__((aligned(4096)));
static volatile uint64_t hints, handled;

/* As Linux does it: no EOI if the hint was set when it was taken away. */
static void
on_interrupt(struct trap_frame *f)
{
	uint32_t hint = __atomic_exchange_n(&assist[0], 0, __ATOMIC_SEQ_CST);

	(void)f;
	handled++;
	if ((hint & 1) != 0)
		hints++;
	else
		apic_end_interrupt();
}

/* What it asks for comes at its own end, so it has to tell that. */
static void
on_interrupt_with_news(struct trap_frame *f)
{
	CHECK_EQ(assist[0], 1);
	apic_send(apic_id(), LOWER);
	CHECK_EQ(assist[0], 0);
	on_interrupt(f);
}

static void
on_interrupt_of_old(struct trap_frame *f)
{
	(void)f;
	handled++;
	apic_end_interrupt();
	CHECK_EQ(assist[0], 0);
}

static void
counts_check(uint64_t vectors, uint64_t hints_wanted)
{
	CHECK(WAIT(handled == vectors), "%lu of %lu, after %lu hints",
	    handled, vectors, hints);
	CHECK_EQ(hints, hints_wanted);
	CHECK(!apic_bit(APIC_ISR, VECTOR), "still in service");
	CHECK(!apic_bit(APIC_ISR, LOWER), "the lower one is in service");
	handled = hints = 0;
}

static void
alone_check(void)
{
	interrupts_on();
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		apic_send(apic_id(), VECTOR);
		if (!WAIT(handled == i))
			payload_fail("interrupt %lu is lost after %lu hints",
			    i, hints);
	}
	interrupts_off();
	counts_check(ROUNDS, ROUNDS);
}

/* The first ends by an EOI, for the second to come, and that one does not. */
static void
two_wait_check(void)
{
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		apic_send(apic_id(), VECTOR);
		CHECK_EQ(assist[0], 1);
		apic_send(apic_id(), LOWER);
		CHECK_EQ(assist[0], 0);
		interrupts_on();
		interrupts_off();
	}
	counts_check(2 * ROUNDS, ROUNDS);
}

static void
news_check(void)
{
	trap_set_handler(VECTOR, on_interrupt_with_news);
	apic_send(apic_id(), VECTOR);
	interrupts_on();
	interrupts_off();
	counts_check(2, 1);
}

/* Who ends it by the APIC nevertheless must not end the next one by that. */
static void
both_ways_check(void)
{
	trap_set_handler(VECTOR, on_interrupt_of_old);
	apic_send(apic_id(), VECTOR);
	interrupts_on();
	interrupts_off();
	counts_check(1, 0);
}

void
payload_run(void)
{
	hyperv_need();
	apic_enable();
	trap_set_handler(VECTOR, on_interrupt);
	trap_set_handler(LOWER, on_interrupt);
	msr_write(HV_MSR_VP_ASSIST, (uintptr_t)assist | 1);
	CHECK_EQ(assist[0], 0);
	alone_check();
	two_wait_check();
	news_check();
	both_ways_check();
	msr_write(HV_MSR_VP_ASSIST, 0);
	assist[0] = 7;
	CHECK_EQ(assist[0], 7);
	apic_send(apic_id(), LOWER);
	CHECK_EQ(assist[0], 7);
}
