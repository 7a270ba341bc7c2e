/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a 16550A serial port whose other side is never slow. */
#ifndef MULLION_WORKER_UART_H
#define MULLION_WORKER_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_REGISTERS 8

/*
 * Bytes that wait for the child. A real one holds 16; a driver reads on while
 * the line status says that there is more, and larger bursts cost fewer
 * interrupts.
 */
#define UART_RECEIVE_MAX 256

struct uart {
	uint8_t ier;	/* interrupt enable */
	uint8_t fcr;	/* FIFO control */
	uint8_t lcr;	/* line control */
	uint8_t mcr;	/* modem control */
	uint8_t scratch;
	uint8_t divisor[2];
	bool overrun;
	bool sent;	/* "transmitter empty" has not been acknowledged */
	uint8_t received[UART_RECEIVE_MAX];
	size_t received_first;
	size_t received_count;
};

void uart_init(struct uart *u);

/* The child reads register @reg, 0 to 7. */
uint8_t uart_read(struct uart *u, unsigned reg);

/*
 * The child writes register @reg, 0 to 7. True when that sends @value out of
 * the port.
 */
bool uart_write(struct uart *u, unsigned reg, uint8_t value);

/* Is the interrupt line up? */
bool uart_interrupt(const struct uart *u);

/* Bytes that uart_receive() would take now. */
size_t uart_room(const struct uart *u);

/* Bytes arrive from the other side; what there is no room for is lost. */
void uart_receive(struct uart *u, const uint8_t *bytes, size_t len);

#endif
