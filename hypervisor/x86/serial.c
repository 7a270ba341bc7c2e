/* SPDX-License-Identifier: Apache-2.0 */
/* Output on a 16550, which the parent's driver uses as well. */

#include "x86/serial.h"

#include <mullion/config.h>

#include "core/atomic.h"
#include "x86/port.h"

enum {
	UART_DATA = 0,		/* with the latch: divisor, low byte */
	UART_INTERRUPTS = 1,	/* with the latch: divisor, high byte */
	UART_FIFO = 2,
	UART_LINE = 3,
	UART_MODEM = 4,
	UART_STATUS = 5,
};

#define LINE_8N1		0x03
#define LINE_LATCH		0x80
#define MODEM_READY		0x03	/* DTR and RTS */
#define FIFO_ENABLE		0x07	/* and both emptied */
#define STATUS_CAN_SEND		0x20
#define CLOCK			115200
/* A byte at 9600 baud takes 1 ms, which is fewer port reads than this. */
#define PATIENCE		20000

static void
uart_out(int reg, uint8_t v)
{
	outb((uint16_t)(HV_SERIAL_PORT + reg), v);
}

void
serial_init(void)
{
	uint16_t divisor = CLOCK / HV_SERIAL_BAUD;

	uart_out(UART_INTERRUPTS, 0);
	uart_out(UART_LINE, LINE_8N1 | LINE_LATCH);
	uart_out(UART_DATA, (uint8_t)divisor);
	uart_out(UART_INTERRUPTS, (uint8_t)(divisor >> 8));
	uart_out(UART_LINE, LINE_8N1);
	uart_out(UART_FIFO, FIFO_ENABLE);
	uart_out(UART_MODEM, MODEM_READY);
}

static void
serial_put(char c)
{
	unsigned int tries = PATIENCE;

	while ((inb(HV_SERIAL_PORT + UART_STATUS) & STATUS_CAN_SEND) == 0 &&
	    --tries > 0)
		cpu_relax();
	uart_out(UART_DATA, (uint8_t)c);
}

void
serial_write(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			serial_put('\r');
		serial_put(text[i]);
	}
}
