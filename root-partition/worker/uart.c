/* SPDX-License-Identifier: Apache-2.0 */
/* 16550A state machine; registers as in National's PC16550D data sheet. */
#include "worker/uart.h"

enum {
	REG_DATA = 0,		/* divisor, low, while DLAB */
	REG_IER = 1,		/* divisor, high, while DLAB */
	REG_IIR = 2,		/* write: FIFO control */
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
	REG_MSR = 6,
	REG_SCRATCH = 7,
};

enum {
	IER_RECEIVED = 0x01,
	IER_SENT = 0x02,
	IER_LINE = 0x04,
	IER_MASK = 0x0f,
	IIR_NONE = 0x01,
	IIR_SENT = 0x02,
	IIR_RECEIVED = 0x04,
	IIR_LINE = 0x06,
	IIR_FIFO = 0xc0,
	FCR_ENABLE = 0x01,
	FCR_CLEAR_RECEIVED = 0x02,
	LCR_DLAB = 0x80,
	MCR_DTR = 0x01,
	MCR_RTS = 0x02,
	MCR_OUT1 = 0x04,
	MCR_OUT2 = 0x08,
	MCR_LOOP = 0x10,
	MCR_MASK = 0x1f,
	LSR_READY = 0x01,
	LSR_OVERRUN = 0x02,
	LSR_SENT = 0x60,	/* holding register and shifter are empty */
	MSR_CTS = 0x10,
	MSR_DSR = 0x20,
	MSR_RI = 0x40,
	MSR_DCD = 0x80,
};

void
uart_init(struct uart *u)
{
	*u = (struct uart){ .divisor = { 1, 0 } };
}

size_t
uart_room(const struct uart *u)
{
	return UART_RECEIVE_MAX - u->received_count;
}

void
uart_receive(struct uart *u, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (uart_room(u) == 0) {
			u->overrun = true;
			return;
		}
		u->received[(u->received_first + u->received_count) %
		    UART_RECEIVE_MAX] = bytes[i];
		u->received_count++;
	}
}

/* The pending source of highest priority, as the IIR shows it. */
static uint8_t
source(const struct uart *u)
{
	if ((u->ier & IER_LINE) != 0 && u->overrun)
		return IIR_LINE;
	if ((u->ier & IER_RECEIVED) != 0 && u->received_count != 0)
		return IIR_RECEIVED;
	if ((u->ier & IER_SENT) != 0 && u->sent)
		return IIR_SENT;
	return IIR_NONE;
}

bool
uart_interrupt(const struct uart *u)
{
	/* On a PC the pin OUT2 connects the port to its interrupt line. */
	return (u->mcr & MCR_OUT2) != 0 && source(u) != IIR_NONE;
}

static uint8_t
read_data(struct uart *u)
{
	uint8_t byte;

	if (u->received_count == 0)
		return 0;
	byte = u->received[u->received_first];
	u->received_first = (u->received_first + 1) % UART_RECEIVE_MAX;
	u->received_count--;
	return byte;
}

static uint8_t
read_iir(struct uart *u)
{
	uint8_t iir = source(u);

	if (iir == IIR_SENT)
		u->sent = false;
	return (uint8_t)(iir | ((u->fcr & FCR_ENABLE) != 0 ? IIR_FIFO : 0));
}

static uint8_t
read_lsr(struct uart *u)
{
	uint8_t lsr = LSR_SENT;

	if (u->received_count != 0)
		lsr |= LSR_READY;
	if (u->overrun)
		lsr |= LSR_OVERRUN;
	u->overrun = false;
	return lsr;
}

/* In loop-back mode the modem's inputs are our own outputs. */
static uint8_t
read_msr(const struct uart *u)
{
	unsigned msr = 0;

	if ((u->mcr & MCR_LOOP) == 0)
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if ((u->mcr & MCR_RTS) != 0)
		msr |= MSR_CTS;
	if ((u->mcr & MCR_DTR) != 0)
		msr |= MSR_DSR;
	if ((u->mcr & MCR_OUT1) != 0)
		msr |= MSR_RI;
	if ((u->mcr & MCR_OUT2) != 0)
		msr |= MSR_DCD;
	return (uint8_t)msr;
}

uint8_t
uart_read(struct uart *u, unsigned reg)
{
	bool divisor = (u->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case REG_DATA:
		return divisor ? u->divisor[0] : read_data(u);
	case REG_IER:
		return divisor ? u->divisor[1] : u->ier;
	case REG_IIR:
		return read_iir(u);
	case REG_LCR:
		return u->lcr;
	case REG_MCR:
		return u->mcr;
	case REG_LSR:
		return read_lsr(u);
	case REG_MSR:
		return read_msr(u);
	default:
		return u->scratch;
	}
}

/* Whatever is sent is gone at once, so the transmitter is empty again. */
static bool
write_data(struct uart *u, uint8_t value)
{
	u->sent = true;
	if ((u->mcr & MCR_LOOP) == 0)
		return true;
	uart_receive(u, &value, 1);
	return false;
}

static void
write_ier(struct uart *u, uint8_t value)
{
	uint8_t newly = (uint8_t)(value & ~u->ier);

	u->ier = value & IER_MASK;
	/* Enabling the source while the transmitter is empty raises it. */
	if ((newly & IER_SENT) != 0)
		u->sent = true;
}

static void
write_fcr(struct uart *u, uint8_t value)
{
	if ((value & FCR_CLEAR_RECEIVED) != 0 ||
	    ((value ^ u->fcr) & FCR_ENABLE) != 0)
		u->received_count = 0;
	u->fcr = value;
}

bool
uart_write(struct uart *u, unsigned reg, uint8_t value)
{
	bool divisor = (u->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case REG_DATA:
		if (!divisor)
			return write_data(u, value);
		u->divisor[0] = value;
		break;
	case REG_IER:
		if (divisor)
			u->divisor[1] = value;
		else
			write_ier(u, value);
		break;
	case REG_IIR:
		write_fcr(u, value);
		break;
	case REG_LCR:
		u->lcr = value;
		break;
	case REG_MCR:
		u->mcr = value & MCR_MASK;
		break;
	case REG_SCRATCH:
		u->scratch = value;
		break;
	default:	/* line and modem status are read only */
		break;
	}
	return false;
}
