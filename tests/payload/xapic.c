/* SPDX-License-Identifier: Apache-2.0 */
/* The APIC by its page, with the instructions that kernels use on it. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define VECTOR 0x51

static volatile uint8_t *const page = (volatile uint8_t *)APIC_PAGE;

static void
registers_check(void)
{
	CHECK_EQ(apic_id(), 0);
	CHECK((apic_read(APIC_VERSION) & 0xf0) == 0x10, "version 0x%x",
	    apic_read(APIC_VERSION));
	CHECK_EQ(apic_read(APIC_SVR), APIC_SVR_ON | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0x20);
	CHECK_EQ(apic_read(APIC_TPR), 0x20);
	CHECK_EQ(cr8_read(), 2);
	cr8_write(5);
	CHECK_EQ(apic_read(APIC_TPR), 0x50);
	cr8_write(0);
}

/* MOV in its forms: register, immediate, index and displacement, high regs. */
static void
instructions_check(void)
{
	uint32_t value = 0x12;
	uint64_t index = APIC_TPR / 8;

	__asm__ volatile("movl $0x30, 0x80(%0)" : : "r"(page) : "memory");
	CHECK_EQ(apic_read(APIC_TPR), 0x30);
	__asm__ volatile("movl %1, (%0, %2, 8)"
	    : : "r"(page), "r"(value), "r"(index) : "memory");
	CHECK_EQ(apic_read(APIC_TPR), 0x12);
	__asm__ volatile("mov %1, %%r9; mov $0x23, %%r10d; "
	    "movl %%r10d, 0x80(%%r9); movl 0x80(%%r9), %%r11d; "
	    "movl %%r11d, %0"
	    : "=r"(value) : "r"(page) : "r9", "r10", "r11", "memory");
	CHECK_EQ(value, 0x23);
	__asm__ volatile("movl 0xfee00080, %0" : "=r"(value) : : "memory");
	CHECK_EQ(value, 0x23);
	apic_write(APIC_TPR, 0);
}

static void
interrupt_check(void)
{
	interrupts_off();
	apic_send(0, ICR_SELF | VECTOR);
	CHECK(apic_bit(APIC_IRR, VECTOR), "the IPI does not wait in the IRR");
	interrupts_on();
	CHECK(WAIT(interrupts_seen[VECTOR] == 1), "no self-IPI");
	apic_send(0, VECTOR);
	CHECK(WAIT(interrupts_seen[VECTOR] == 2), "no IPI to the own id");
	interrupts_off();
	CHECK(!apic_bit(APIC_ISR, VECTOR), "still in service after the EOI");
}

static void
timer_check(void)
{
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR + 1);
	interrupts_on();
	apic_write(APIC_TIMER_INITIAL, 100000);
	CHECK(WAIT(interrupts_seen[VECTOR + 1] == 1), "the timer is silent");
	interrupts_off();
	CHECK_EQ(apic_read(APIC_TIMER_CURRENT), 0);
}

void
payload_run(void)
{
	if (apic_in_x2())
		payload_skip("this machine starts in x2APIC mode");
	apic_enable_page();
	registers_check();
	instructions_check();
	interrupt_check();
	timer_check();
}
