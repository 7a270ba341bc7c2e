/* SPDX-License-Identifier: Apache-2.0 */
/* The APIC by MSRs: identity, modes, what is refused, and priorities. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define LOW 0x41
#define HIGH 0x81

static void
refused(enum apic_register reg, uint64_t value, const char *what)
{
	CHECK(try_msr_write(X2APIC_MSR((uint32_t)reg), value) == VEC_GP,
	    "%s", what);
}

static void
modes_check(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE), value;

	CHECK_EQ(base & UINT64_C(0xfffff000), APIC_PAGE);
	CHECK((base & APIC_BASE_BSP) != 0, "not the boot processor");
	if ((base & APIC_BASE_X2) == 0) {
		CHECK(try_msr_read(X2APIC_MSR(APIC_ID), &value) == VEC_GP,
		    "x2APIC MSRs answer in xAPIC mode");
		CHECK(try_msr_write(MSR_APIC_BASE,
		    (base & ~APIC_BASE_ON) | APIC_BASE_X2) == VEC_GP,
		    "x2APIC mode without the APIC being on");
	}
	apic_enable();
	CHECK(apic_in_x2(), "x2APIC mode is not entered");
	base = msr_read(MSR_APIC_BASE);
	CHECK(try_msr_write(MSR_APIC_BASE, base & ~APIC_BASE_X2) == VEC_GP,
	    "x2APIC to xAPIC in one step");
}

static void
registers_check(void)
{
	CHECK_EQ(apic_id(), 0);
	CHECK((apic_read(APIC_VERSION) & 0xf0) == 0x10, "version 0x%x",
	    apic_read(APIC_VERSION));
	CHECK_EQ(apic_read(APIC_LDR), 1);
	CHECK_EQ(apic_read(APIC_SVR), APIC_SVR_ON | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0x30);
	CHECK_EQ(apic_read(APIC_TPR), 0x30);
	CHECK_EQ(apic_read(APIC_PPR), 0x30);
	CHECK_EQ(cr8_read(), 3);
	apic_write(APIC_TPR, 0);
}

static void
refusals_check(void)
{
	uint64_t value;

	refused(APIC_ID, 1, "the id can be written");
	refused(APIC_VERSION, 0, "the version can be written");
	refused(APIC_LDR, 1, "the logical id can be written");
	refused(APIC_EOI, 1, "EOI takes 1");
	refused(APIC_TPR, 0x100, "TPR takes a reserved bit");
	refused(APIC_SELF_IPI, 0x100, "the self-IPI takes a reserved bit");
	refused(APIC_ICR_HIGH, 0, "there is an upper ICR");
	CHECK(try_msr_read(X2APIC_MSR(APIC_EOI), &value) == VEC_GP,
	    "EOI can be read");
	CHECK(try_msr_read(X2APIC_MSR(APIC_ICR_HIGH), &value) == VEC_GP,
	    "the upper ICR can be read");
}

/* Two vectors wait; the higher comes first and holds the lower back. */
static volatile uint64_t low_during_high;

static void
on_high(struct trap_frame *f)
{
	(void)f;
	CHECK(apic_bit(APIC_ISR, HIGH), "the vector is not in service");
	CHECK(apic_bit(APIC_IRR, LOW), "the lower vector does not wait");
	interrupts_on();
	low_during_high = interrupts_seen[LOW];
	interrupts_off();
	apic_end_interrupt();
}

static void
priorities_check(void)
{
	trap_set_handler(HIGH, on_high);
	interrupts_off();
	apic_write(APIC_SELF_IPI, LOW);
	apic_write(APIC_SELF_IPI, HIGH);
	apic_write(APIC_SELF_IPI, HIGH);
	CHECK(apic_bit(APIC_IRR, LOW) && apic_bit(APIC_IRR, HIGH),
	    "self-IPIs do not wait in the IRR");
	CHECK_EQ(interrupts_seen[LOW] + interrupts_seen[HIGH], 0);
	interrupts_on();
	CHECK(WAIT(interrupts_seen[LOW] == 1), "the lower never came");
	interrupts_off();
	CHECK_EQ(interrupts_seen[HIGH], 1);
	CHECK_EQ(low_during_high, 0);
}

static void
task_priority_check(void)
{
	uint64_t before = interrupts_seen[LOW];

	cr8_write(LOW >> 4);
	apic_write(APIC_SELF_IPI, LOW);
	interrupts_on();
	for (int i = 0; i < 1000; i++)
		cpu_pause();
	CHECK_EQ(interrupts_seen[LOW], before);
	cr8_write(0);
	CHECK(WAIT(interrupts_seen[LOW] == before + 1),
	    "lowering CR8 does not let the interrupt in");
	interrupts_off();
}

void
payload_run(void)
{
	if (!apic_has_x2())
		payload_skip("no x2APIC");
	modes_check();
	registers_check();
	if (hyperv_is_present())	/* QEMU's own takes everything */
		refusals_check();
	priorities_check();
	task_priority_check();
}
