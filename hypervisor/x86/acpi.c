/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the ACPI tables in memory and drives the registers they name. */

#include <mullion/config.h>

#include "x86/acpi.h"

#include "core/atomic.h"
#include "core/memory_access.h"
#include "x86/port.h"
#include "x86/traps.h"

/* What is mapped while booting. */
#define REACH			UINT64_C(0x100000000)

#define SLEEP_TYPE_SHIFT	10
#define SLEEP_TYPE_MASK		(7u << SLEEP_TYPE_SHIFT)
#define SLEEP_ENABLE		(1u << 13)

#define PORT_RESET		0xcf9
#define RESET_COLD		0x02
#define RESET_NOW		0x06
#define PORT_PCI_ADDR		0xcf8
#define PORT_PCI_DATA		0xcfc
#define PORT_KEYBOARD		0x64
#define KEYBOARD_PULSE_RESET	0xfe

static struct acpi_fadt fadt;
static uint32_t processors = 1;
static uint32_t processor_ids[HV_MAX_PROCESSORS];

/* The table at @addr; NULL if it is out of reach or has no sound header. */
static uint8_t *
table_at(uint64_t addr, size_t *size)
{
	uint8_t *bytes = spa_to_ptr(spa(addr));

	if (addr == 0 || addr > REACH - ACPI_HEADER_SIZE)
		return NULL;
	*size = acpi_table_size(bytes);
	if (*size == 0 || addr > REACH - *size)
		return NULL;
	return bytes;
}

/* Makes it a table that nobody knows, with a checksum that is still right. */
static void
table_hide(uint8_t *bytes)
{
	bytes[9] = (uint8_t)(bytes[9] + bytes[0] - 'X');
	bytes[0] = 'X';
}

static void
table_read(uint8_t *bytes, size_t size)
{
	if (acpi_table_check(bytes, size, "FACP"))
		acpi_fadt_parse(bytes, size, &fadt);
	else if (acpi_table_check(bytes, size, "APIC"))
		processors = MAX(acpi_madt_processors(bytes, size,
		    processor_ids, HV_MAX_PROCESSORS), 1u);
	else if (acpi_table_check(bytes, size, "DMAR") ||
	    acpi_table_check(bytes, size, "IVRS"))
		table_hide(bytes);
}

bool
acpi_init(const uint8_t *rsdp, size_t size)
{
	struct acpi_root root;
	const uint8_t *list;
	uint8_t *table;
	size_t list_size;
	size_t count;

	if (!acpi_rsdp_parse(rsdp, size, &root))
		return false;
	list = table_at(root.addr, &list_size);
	if (list == NULL || !acpi_table_check(list, list_size,
	    root.entry_size == 8 ? "XSDT" : "RSDT"))
		return false;
	count = acpi_root_count(list_size, root.entry_size);
	for (size_t i = 0; i < count; i++) {
		table = table_at(acpi_root_entry(list, root.entry_size, i),
		    &size);
		if (table != NULL)
			table_read(table, size);
	}
	return true;
}

const struct acpi_fadt *
acpi_fadt(void)
{
	return &fadt;
}

bool
acpi_processor_exists(uint32_t apic_id)
{
	for (uint32_t i = 0; i < MIN(processors, HV_MAX_PROCESSORS); i++) {
		if (processor_ids[i] == apic_id)
			return true;
	}
	return false;
}

uint32_t
acpi_processor_count(void)
{
	return processors;
}

static void
sleep_enter(uint16_t port, uint8_t type)
{
	unsigned int v = inw(port) & ~SLEEP_TYPE_MASK;

	v |= ((unsigned int)type << SLEEP_TYPE_SHIFT) & SLEEP_TYPE_MASK;
	outw(port, (uint16_t)v);
	outw(port, (uint16_t)(v | SLEEP_ENABLE));
}

enum hv_status
acpi_power_off(uint8_t slp_a, uint8_t slp_b)
{
	if (fadt.pm1a_control == 0)
		return HV_OPERATION_FAILED;
	if (fadt.pm1b_control != 0)
		sleep_enter(fadt.pm1b_control, slp_b);
	sleep_enter(fadt.pm1a_control, slp_a);
	/* Some chipsets take a while. */
	for (;;)
		cpu_relax();
}

/* A register in memory is left alone: it may be anywhere, and is not mapped. */
static void
reset_by_acpi(void)
{
	uint64_t addr = fadt.reset_addr;
	uint32_t pci;

	if (!fadt.has_reset)
		return;
	if (fadt.reset_space == ACPI_SPACE_IO) {
		outb((uint16_t)addr, fadt.reset_value);
	} else if (fadt.reset_space == ACPI_SPACE_PCI) {
		/* Device in bits 47:32, function in 31:16, offset below. */
		pci = (uint32_t)(addr >> 32 & 0x1f) << 11 |
		    (uint32_t)(addr >> 16 & 7) << 8 | (uint32_t)(addr & 0xfc);
		outl(PORT_PCI_ADDR, UINT32_C(0x80000000) | pci);
		outb((uint16_t)(PORT_PCI_DATA + (addr & 3)), fadt.reset_value);
	}
}

_Noreturn void
machine_reset(void)
{
	const struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} no_table = { 0, 0 };

	reset_by_acpi();
	outb(PORT_RESET, RESET_COLD);
	outb(PORT_RESET, RESET_NOW);
	outb(PORT_KEYBOARD, KEYBOARD_PULSE_RESET);
	/* Without a descriptor table any exception is a triple fault. */
	__asm__ volatile("lidt %0; int3" : : "m"(no_table));
	cpu_halt();
}
