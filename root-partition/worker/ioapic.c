/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I/O APIC state machine (Intel 82093AA). Every pin is wired to a source of
 * edges, so that no end of interrupt has to come back from a local APIC.
 */
#include "worker/ioapic.h"

enum {
	OFFSET_INDEX = 0x00,
	OFFSET_DATA = 0x10,
	REG_ID = 0x00,
	REG_VERSION = 0x01,
	REG_ARBITRATION = 0x02,
	REG_ENTRIES = 0x10,
};

#define VERSION (0x11U | (IOAPIC_PINS - 1U) << 16)
#define ENTRY_MASKED (UINT64_C(1) << 16)
#define ENTRY_LOGICAL (UINT64_C(1) << 11)
#define ENTRY_READ_ONLY (UINT64_C(1) << 12 | UINT64_C(1) << 14)

void
ioapic_init(struct ioapic *io)
{
	*io = (struct ioapic){ .id = 0 };
	for (unsigned i = 0; i < IOAPIC_PINS; i++)
		io->entry[i] = ENTRY_MASKED;
}

static uint32_t
register_read(const struct ioapic *io)
{
	unsigned pin = (io->index - (unsigned)REG_ENTRIES) / 2;

	switch (io->index) {
	case REG_ID:
	case REG_ARBITRATION:
		return (uint32_t)io->id << 24;
	case REG_VERSION:
		return VERSION;
	}
	if (io->index < REG_ENTRIES || pin >= IOAPIC_PINS)
		return 0;
	return (uint32_t)(io->entry[pin] >> (io->index % 2 * 32));
}

static void
register_write(struct ioapic *io, uint32_t value)
{
	unsigned pin = (io->index - (unsigned)REG_ENTRIES) / 2;
	unsigned shift = io->index % 2 * 32;
	uint64_t entry;

	if (io->index == REG_ID)
		io->id = value >> 24 & 0xf;
	if (io->index < REG_ENTRIES || pin >= IOAPIC_PINS)
		return;
	entry = io->entry[pin] & ~(UINT64_C(0xffffffff) << shift);
	entry |= (uint64_t)value << shift;
	io->entry[pin] = entry & ~ENTRY_READ_ONLY;
}

uint32_t
ioapic_read(const struct ioapic *io, uint32_t offset)
{
	if (offset == OFFSET_INDEX)
		return io->index;
	if (offset == OFFSET_DATA)
		return register_read(io);
	return 0;
}

void
ioapic_write(struct ioapic *io, uint32_t offset, uint32_t value)
{
	if (offset == OFFSET_INDEX)
		io->index = (uint8_t)value;
	else if (offset == OFFSET_DATA)
		register_write(io, value);
}

bool
ioapic_enabled(const struct ioapic *io, unsigned pin)
{
	return pin < IOAPIC_PINS && (io->entry[pin] & ENTRY_MASKED) == 0;
}

bool
ioapic_set_line(struct ioapic *io, unsigned pin, bool level,
    struct interrupt *out)
{
	uint64_t entry;
	bool edge;

	if (pin >= IOAPIC_PINS)
		return false;
	edge = level && !io->line[pin];
	io->line[pin] = level;
	if (!edge || !ioapic_enabled(io, pin))
		return false;
	entry = io->entry[pin];
	*out = (struct interrupt){
		.vector = (uint8_t)entry,
		.mode = (uint8_t)(entry >> 8 & 7),
		.destination = (uint8_t)(entry >> 56),
		.logical = (entry & ENTRY_LOGICAL) != 0,
	};
	return true;
}
