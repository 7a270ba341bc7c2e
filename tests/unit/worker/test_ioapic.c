/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O APIC as kernels program it. */
#include <criterion/criterion.h>

#include "worker/ioapic.h"

static struct ioapic io;

static uint32_t
reg_read(uint8_t reg)
{
	ioapic_write(&io, 0, reg);
	return ioapic_read(&io, 0x10);
}

static void
reg_write(uint8_t reg, uint32_t value)
{
	ioapic_write(&io, 0, reg);
	ioapic_write(&io, 0x10, value);
}

static void
setup(void)
{
	ioapic_init(&io);
}

TestSuite(ioapic, .init = setup);

Test(ioapic, tells_how_many_pins_it_has)
{
	cr_expect_eq(reg_read(1), 0x11 | (IOAPIC_PINS - 1) << 16);
}

Test(ioapic, starts_with_all_pins_masked)
{
	for (uint8_t pin = 0; pin < IOAPIC_PINS; pin++) {
		cr_expect_eq(reg_read((uint8_t)(0x10 + 2 * pin)), 0x10000);
		cr_expect(!ioapic_enabled(&io, pin));
	}
}

Test(ioapic, entries_keep_both_halves_but_for_status)
{
	reg_write(0x18, 0xffffffff);
	reg_write(0x19, 0x07000000);
	cr_expect_eq(reg_read(0x18), 0xffffffff & ~0x5000u);
	cr_expect_eq(reg_read(0x19), 0x07000000);
}

Test(ioapic, an_edge_delivers_what_the_entry_says)
{
	struct interrupt i;

	reg_write(0x19, 0x03000000);
	reg_write(0x18, 0x0800 | 0x0100 | 0x41);
	cr_assert(ioapic_set_line(&io, 4, true, &i));
	cr_expect_eq(i.vector, 0x41);
	cr_expect_eq(i.mode, 1);
	cr_expect_eq(i.destination, 3);
	cr_expect(i.logical);
}

Test(ioapic, a_level_that_stays_is_no_second_edge)
{
	struct interrupt i;

	reg_write(0x18, 0x41);
	cr_expect(ioapic_set_line(&io, 4, true, &i));
	cr_expect(!ioapic_set_line(&io, 4, true, &i));
	cr_expect(!ioapic_set_line(&io, 4, false, &i));
	cr_expect(ioapic_set_line(&io, 4, true, &i));
}

Test(ioapic, a_masked_pin_is_silent)
{
	struct interrupt i;

	cr_expect(!ioapic_set_line(&io, 4, true, &i));
}

Test(ioapic, registers_and_pins_that_are_not_there)
{
	struct interrupt i;

	reg_write(0x10 + 2 * IOAPIC_PINS, 0x41);
	cr_expect_eq(reg_read(0x10 + 2 * IOAPIC_PINS), 0);
	reg_write(0xff, 0x41);
	cr_expect_eq(reg_read(0xff), 0);
	cr_expect(!ioapic_set_line(&io, IOAPIC_PINS, true, &i));
	cr_expect_eq(ioapic_read(&io, 0x40), 0);
}

Test(ioapic, the_id_can_be_set)
{
	reg_write(0, 0x0f000000);
	cr_expect_eq(reg_read(0), 0x0f000000);
}
