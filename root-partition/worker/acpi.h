/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI tables of a child: a hardware-reduced machine. */
#ifndef MULLION_WORKER_ACPI_H
#define MULLION_WORKER_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "worker/memmap.h"

/* I/O ports that the tables name. */
#define ACPI_SLEEP_CONTROL_PORT 0x600
#define ACPI_SLEEP_STATUS_PORT 0x601
#define ACPI_RESET_PORT 0x602
#define ACPI_SERIAL_PORT 0x3f8

/* Values that the child writes there. */
#define ACPI_RESET_VALUE 0x01
#define ACPI_SLEEP_ENABLE 0x20
#define ACPI_SLEEP_TYPE_S5 5

/* Pins of the I/O APIC, which are also the interrupt numbers. */
#define ACPI_SERIAL_GSI 4
#define ACPI_EVENT_GSI 5

struct acpi_machine {
	unsigned cpus;
	bool serial;
	struct memmap memory;
};

/*
 * Write the tables as they lie at guest address @gpa, the RSDP first. Returns
 * their length. ENOSPC when @size bytes are too few.
 */
int acpi_build(const struct acpi_machine *m, uint64_t gpa, uint8_t *out,
    size_t size, size_t *len, struct err *e);

/* Write the DSDT with its header; 0 when @size bytes are too few. */
size_t acpi_build_dsdt(const struct acpi_machine *m, uint8_t *out,
    size_t size);

/* Write a table's header over its first 36 bytes, check sum included. */
void acpi_finish_table(uint8_t *table, size_t len, const char signature[4],
    uint8_t revision);

#endif
