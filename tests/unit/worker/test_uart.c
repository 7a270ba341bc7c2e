/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port as drivers use it. */
#include <criterion/criterion.h>

#include "worker/uart.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCRATCH };

#define OUT2 0x08
#define LOOP 0x10

static struct uart u;

/* As a driver leaves it: interrupts reach the line, FIFOs are on. */
static void
setup(void)
{
	uart_init(&u);
	uart_write(&u, IIR, 0x01);
	uart_write(&u, MCR, OUT2);
}

TestSuite(uart, .init = setup);

Test(uart, sends_what_is_written_to_data)
{
	cr_expect(uart_write(&u, DATA, 'x'));
	cr_expect(!uart_write(&u, SCRATCH, 'x'));
}

Test(uart, is_always_ready_to_send)
{
	uart_write(&u, DATA, 'x');
	cr_expect_eq(uart_read(&u, LSR), 0x60);
}

Test(uart, divisor_hides_data_and_enable)
{
	uart_write(&u, LCR, 0x80);
	cr_expect(!uart_write(&u, DATA, 0x0c));
	uart_write(&u, IER, 0x01);
	cr_expect_eq(uart_read(&u, DATA), 0x0c);
	cr_expect_eq(uart_read(&u, IER), 0x01);
	uart_write(&u, LCR, 0x03);
	cr_expect_eq(uart_read(&u, IER), 0);
}

Test(uart, received_bytes_come_in_order)
{
	uart_receive(&u, (const uint8_t *)"ab", 2);
	cr_expect_eq(uart_read(&u, LSR) & 1, 1);
	cr_expect_eq(uart_read(&u, DATA), 'a');
	cr_expect_eq(uart_read(&u, DATA), 'b');
	cr_expect_eq(uart_read(&u, LSR) & 1, 0);
}

Test(uart, received_bytes_interrupt_until_they_are_read)
{
	uart_write(&u, IER, 0x01);
	cr_expect(!uart_interrupt(&u));
	uart_receive(&u, (const uint8_t *)"a", 1);
	cr_expect(uart_interrupt(&u));
	cr_expect_eq(uart_read(&u, IIR), 0xc4);
	cr_expect(uart_interrupt(&u), "reading the source is no reading");
	uart_read(&u, DATA);
	cr_expect(!uart_interrupt(&u));
	cr_expect_eq(uart_read(&u, IIR), 0xc1);
}

Test(uart, enabling_sent_raises_it_once)
{
	uart_write(&u, IER, 0x02);
	cr_expect(uart_interrupt(&u));
	cr_expect_eq(uart_read(&u, IIR), 0xc2);
	cr_expect(!uart_interrupt(&u), "reading it acknowledges it");
	uart_write(&u, IER, 0x02);
	cr_expect(!uart_interrupt(&u), "it was enabled already");
	uart_write(&u, DATA, 'x');
	cr_expect(uart_interrupt(&u), "sent again");
}

Test(uart, received_comes_before_sent)
{
	uart_write(&u, IER, 0x03);
	uart_receive(&u, (const uint8_t *)"a", 1);
	cr_expect_eq(uart_read(&u, IIR), 0xc4);
	uart_read(&u, DATA);
	cr_expect_eq(uart_read(&u, IIR), 0xc2);
}

Test(uart, no_interrupt_without_out2)
{
	uart_write(&u, MCR, 0);
	uart_write(&u, IER, 0x02);
	cr_expect(!uart_interrupt(&u));
}

Test(uart, loop_back_returns_data_and_modem_lines)
{
	uart_write(&u, MCR, LOOP | 0x0a);
	cr_expect_eq(uart_read(&u, MSR), 0x90, "RTS to CTS, OUT2 to DCD");
	cr_expect(!uart_write(&u, DATA, 'l'), "nothing leaves the port");
	cr_expect_eq(uart_read(&u, DATA), 'l');
}

Test(uart, too_many_bytes_overrun)
{
	uint8_t bytes[UART_RECEIVE_MAX + 1] = { 0 };

	uart_write(&u, IER, 0x04);
	uart_receive(&u, bytes, sizeof(bytes));
	cr_expect_eq(uart_room(&u), 0);
	cr_expect_eq(uart_read(&u, IIR), 0xc6);
	cr_expect_eq(uart_read(&u, LSR) & 3, 3);
	cr_expect_eq(uart_read(&u, LSR) & 3, 1, "reported once");
}

Test(uart, clearing_the_fifo_drops_what_waits)
{
	uart_receive(&u, (const uint8_t *)"ab", 2);
	uart_write(&u, IIR, 0x03);
	cr_expect_eq(uart_read(&u, LSR) & 1, 0);
	cr_expect_eq(uart_room(&u), UART_RECEIVE_MAX);
}

Test(uart, unused_bits_of_enable_read_zero)
{
	uart_write(&u, IER, 0xff);
	cr_expect_eq(uart_read(&u, IER), 0x0f);
}
