/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of an I/O APIC with a few edge-triggered pins. */
#ifndef MULLION_WORKER_IOAPIC_H
#define MULLION_WORKER_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#define IOAPIC_PINS 8

/* What a pin asks the local APICs for. */
struct interrupt {
	uint8_t vector;
	uint8_t mode;		/* 0 fixed, 1 lowest priority, 4 NMI ... */
	uint8_t destination;
	bool logical;
};

struct ioapic {
	uint8_t id;
	uint8_t index;
	bool line[IOAPIC_PINS];
	uint64_t entry[IOAPIC_PINS];
};

void ioapic_init(struct ioapic *io);

/* The child reads 4 bytes at offset @offset of the register page. */
uint32_t ioapic_read(const struct ioapic *io, uint32_t offset);

/* The child writes there. Registers that do not exist ignore it. */
void ioapic_write(struct ioapic *io, uint32_t offset, uint32_t value);

/*
 * Pin @pin goes to @level. True when that raises an interrupt, which is then
 * in *@out. An edge on a masked pin is lost.
 */
bool ioapic_set_line(struct ioapic *io, unsigned pin, bool level,
    struct interrupt *out);

/* Has the child's kernel opened this pin? */
bool ioapic_enabled(const struct ioapic *io, unsigned pin);

#endif
