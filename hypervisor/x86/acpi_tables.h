/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of the few ACPI tables that matter here; they touch only bytes. */
#ifndef HV_X86_ACPI_TABLES_H
#define HV_X86_ACPI_TABLES_H

#include "core/types.h"

#define ACPI_HEADER_SIZE	36
/* No table that is looked at is longer. */
#define ACPI_TABLE_MAX		(256 * 1024)

/* Where the list of all tables is: the XSDT, or else the RSDT. */
struct acpi_root {
	uint64_t addr;
	size_t entry_size;	/* 8 or 4 */
};

enum acpi_space {
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_IO = 1,
	ACPI_SPACE_PCI = 2,	/* configuration of bus 0: 16-bit fields */
};

struct acpi_fadt {
	uint16_t pm1a_control;	/* I/O ports; 0: there is none */
	uint16_t pm1b_control;
	uint16_t pm_timer;
	bool has_reset;
	uint8_t reset_space;	/* enum acpi_space */
	uint8_t reset_value;
	uint64_t reset_addr;
};

/* False if it is no RSDP or a checksum is wrong. */
bool acpi_rsdp_parse(const uint8_t *bytes, size_t size,
	struct acpi_root *root);

/*
 * The @size bytes are a whole table, with a right checksum, and @signature
 * (4 characters) is its own.
 */
bool acpi_table_check(const uint8_t *bytes, size_t size,
	const char *signature);

/* The length that a table's header states; 0 if it cannot be one. */
size_t acpi_table_size(const uint8_t header[ACPI_HEADER_SIZE]);

/* Entries of a checked RSDT or XSDT of @size bytes. */
size_t acpi_root_count(size_t size, size_t entry_size);
uint64_t acpi_root_entry(const uint8_t *bytes, size_t entry_size, size_t i);

/* From a checked FADT of @size bytes. */
void acpi_fadt_parse(const uint8_t *bytes, size_t size,
	struct acpi_fadt *out);

/*
 * How many enabled processors a checked MADT of @size bytes lists; the APIC
 * ids of the first @max of them go into @ids.
 */
uint32_t acpi_madt_processors(const uint8_t *bytes, size_t size,
    uint32_t *ids, uint32_t max);

#endif /* HV_X86_ACPI_TABLES_H */
