/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a child, reached through ports and one page of memory. */
#ifndef MULLION_WORKER_DEVICES_H
#define MULLION_WORKER_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "worker/cmos.h"
#include "worker/ioapic.h"
#include "worker/ring.h"
#include "worker/uart.h"

/* Output of the console that is kept. */
#define DEVICES_OUTPUT_SIZE (256U << 10)

/* What the machine does besides answering the access. */
enum devices_order {
	DEVICES_GO_ON,
	DEVICES_POWER_OFF,
	DEVICES_RESET,
	DEVICES_DEBUG_EXIT,	/* a payload ends, with a code */
};

struct devices_effect {
	enum devices_order order;
	uint8_t code;		/* of DEVICES_DEBUG_EXIT */
	bool raise;		/* @interrupt is to be delivered */
	bool output;		/* there is something new in the ring */
	bool input_wanted;	/* the port took the last byte it had */
	struct interrupt interrupt;
};

/* Not locked: callers take turns. */
struct devices {
	struct uart uart;
	struct cmos cmos;
	struct ioapic ioapic;
	struct ring output;
	bool serial;
};

/* @output has DEVICES_OUTPUT_SIZE bytes and is used on. */
void devices_init(struct devices *d, bool serial, uint8_t *output);

/*
 * The child reads or writes @size bytes, 1, 2 or 4, from port @port on. What
 * nobody answers reads as ones and ignores writes. @fx says what follows.
 */
uint32_t devices_in(struct devices *d, uint16_t port, unsigned size,
    struct devices_effect *fx);
void devices_out(struct devices *d, uint16_t port, unsigned size,
    uint32_t value, struct devices_effect *fx);

/* The same for an address that is no RAM; @size is 1, 2, 4 or 8. */
uint64_t devices_load(struct devices *d, uint64_t gpa, unsigned size);
void devices_store(struct devices *d, uint64_t gpa, unsigned size,
    uint64_t value);

/* Somebody types @len bytes, at most uart_room() of them. */
void devices_type(struct devices *d, const uint8_t *bytes, size_t len,
    struct devices_effect *fx);

/* Press the power button. False if the child does not listen to it. */
bool devices_press_power(struct devices *d, struct devices_effect *fx);

#endif
