/* SPDX-License-Identifier: Apache-2.0 */
/* Ports and device memory of a child. */
#include <criterion/criterion.h>

#include "worker/acpi.h"
#include "worker/devices.h"

static struct devices d;
static uint8_t output[DEVICES_OUTPUT_SIZE];
static struct devices_effect fx;

static void
setup(void)
{
	devices_init(&d, true, output);
}

/* As a kernel does it: vector @vector on pin @pin. */
static void
open_pin(unsigned pin, uint8_t vector)
{
	devices_store(&d, 0xfec00000, 4, 0x10 + 2 * pin);
	devices_store(&d, 0xfec00010, 4, vector);
}

TestSuite(devices, .init = setup);

Test(devices, serial_and_debug_bytes_end_up_in_the_output)
{
	devices_out(&d, 0x3f8, 1, 'a', &fx);
	cr_expect(fx.output);
	devices_out(&d, 0xe9, 1, 'b', &fx);
	cr_expect(fx.output);
	cr_expect_eq(d.output.written, 2);
	cr_expect_arr_eq(output, "ab", 2);
}

Test(devices, without_a_console_there_is_no_port)
{
	devices_init(&d, false, output);
	cr_expect_eq(devices_in(&d, 0x3fd, 1, &fx), 0xff);
	devices_out(&d, 0x3f8, 1, 'a', &fx);
	cr_expect(!fx.output);
}

Test(devices, typing_raises_the_interrupt_of_the_port)
{
	open_pin(ACPI_SERIAL_GSI, 0x31);
	devices_out(&d, 0x3fc, 1, 0x08, &fx);
	devices_out(&d, 0x3f9, 1, 0x01, &fx);
	cr_expect(!fx.raise);
	devices_type(&d, (const uint8_t *)"x", 1, &fx);
	cr_assert(fx.raise);
	cr_expect_eq(fx.interrupt.vector, 0x31);
	cr_expect_eq(devices_in(&d, 0x3f8, 1, &fx), 'x');
	cr_expect(fx.input_wanted, "it took the last byte");
}

Test(devices, a_burst_of_output_raises_one_interrupt)
{
	unsigned raised = 0;

	open_pin(ACPI_SERIAL_GSI, 0x31);
	devices_out(&d, 0x3fc, 1, 0x08, &fx);
	devices_out(&d, 0x3f9, 1, 0x02, &fx);
	cr_expect(fx.raise, "the transmitter is empty");
	devices_in(&d, 0x3fa, 1, &fx);
	for (int i = 0; i < 16; i++) {
		devices_out(&d, 0x3f8, 1, 'x', &fx);
		raised += fx.raise;
	}
	cr_expect_eq(raised, 1);
}

Test(devices, sleep_control_powers_off_in_s5_only)
{
	devices_out(&d, ACPI_SLEEP_CONTROL_PORT, 1, 0x20, &fx);
	cr_expect_eq(fx.order, DEVICES_GO_ON);
	devices_out(&d, ACPI_SLEEP_CONTROL_PORT, 1, 5 << 2, &fx);
	cr_expect_eq(fx.order, DEVICES_GO_ON);
	devices_out(&d, ACPI_SLEEP_CONTROL_PORT, 1, 5 << 2 | 0x20, &fx);
	cr_expect_eq(fx.order, DEVICES_POWER_OFF);
}

Test(devices, payloads_power_off_and_exit)
{
	devices_out(&d, 0x604, 2, 0x2000, &fx);
	cr_expect_eq(fx.order, DEVICES_POWER_OFF);
	devices_out(&d, 0xf4, 1, 17, &fx);
	cr_expect_eq(fx.order, DEVICES_DEBUG_EXIT);
	cr_expect_eq(fx.code, 17);
}

Test(devices, every_way_to_reset)
{
	devices_out(&d, ACPI_RESET_PORT, 1, ACPI_RESET_VALUE, &fx);
	cr_expect_eq(fx.order, DEVICES_RESET);
	devices_out(&d, 0x64, 1, 0xfe, &fx);
	cr_expect_eq(fx.order, DEVICES_RESET);
	devices_out(&d, 0xcf9, 1, 0x06, &fx);
	cr_expect_eq(fx.order, DEVICES_RESET);
}

Test(devices, probing_for_pci_is_no_reset)
{
	devices_out(&d, 0xcf8, 4, 0x8000ff00, &fx);
	cr_expect_eq(fx.order, DEVICES_GO_ON);
	cr_expect_eq(devices_in(&d, 0xcf8, 4, &fx), 0xffffffff);
}

Test(devices, nobody_answers_with_ones)
{
	cr_expect_eq(devices_in(&d, 0x80, 1, &fx), 0xff);
	cr_expect_eq(devices_in(&d, 0x1234, 2, &fx), 0xffff);
	cr_expect_eq(devices_in(&d, 0xffff, 4, &fx), 0xffffffff);
	cr_expect_eq(devices_load(&d, 0xd0000000, 8), UINT64_MAX);
}

Test(devices, timer_2_is_never_waited_for)
{
	cr_expect_eq(devices_in(&d, 0x61, 1, &fx), 0x20);
}

Test(devices, the_io_apic_answers_to_words_of_4_bytes)
{
	devices_store(&d, 0xfec00000, 4, 1);
	cr_expect_eq(devices_load(&d, 0xfec00010, 4),
	    0x11 | (IOAPIC_PINS - 1) << 16);
	cr_expect_eq(devices_load(&d, 0xfec00010, 1), UINT64_MAX);
}

Test(devices, the_power_button_needs_somebody_who_listens)
{
	cr_expect(!devices_press_power(&d, &fx));
	cr_expect(!fx.raise);
	open_pin(ACPI_EVENT_GSI, 0x32);
	for (int i = 0; i < 2; i++) {
		cr_expect(devices_press_power(&d, &fx));
		cr_expect(fx.raise);
		cr_expect_eq(fx.interrupt.vector, 0x32);
	}
}

Test(devices, the_clock_ticks)
{
	devices_out(&d, 0x70, 1, 0x32, &fx);
	cr_expect_eq(devices_in(&d, 0x71, 1, &fx), 0x20, "this century");
}
