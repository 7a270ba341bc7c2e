/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables as machines have them, and damaged. */

#include <criterion/criterion.h>
#include <string.h>

#include "boot/bytes.h"
#include "x86/acpi_tables.h"

static uint8_t table[512];

/* Makes the bytes up to @size sum up to 0 by the one at @at. */
static void
fix_checksum(uint8_t *bytes, size_t size, size_t at)
{
	uint8_t sum = 0;
	size_t i;

	bytes[at] = 0;
	for (i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[at] = (uint8_t)-sum;
}

static void
table_start(const char *signature, uint32_t size)
{
	memset(table, 0, sizeof(table));
	memcpy(table, signature, 4);
	put32(table + 4, size);
}

static void
rsdp_start(uint8_t revision)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "RSD PTR ", 8);
	table[15] = revision;
	put32(table + 16, 0x1000);
	put64(table + 24, 0x2000);
	fix_checksum(table, 20, 8);
	fix_checksum(table, 36, 32);
}

Test(acpi_tables, leads_from_an_old_rsdp_to_the_rsdt)
{
	struct acpi_root root;

	rsdp_start(0);
	cr_assert(acpi_rsdp_parse(table, 20, &root));
	cr_expect_eq(root.addr, 0x1000);
	cr_expect_eq(root.entry_size, 4);
}

Test(acpi_tables, leads_from_a_new_rsdp_to_the_xsdt)
{
	struct acpi_root root;

	rsdp_start(2);
	cr_assert(acpi_rsdp_parse(table, 36, &root));
	cr_expect_eq(root.addr, 0x2000);
	cr_expect_eq(root.entry_size, 8);
}

Test(acpi_tables, falls_back_to_the_rsdt_if_the_new_part_is_damaged)
{
	struct acpi_root root;

	rsdp_start(2);
	table[33] ^= 1;
	cr_assert(acpi_rsdp_parse(table, 36, &root));
	cr_expect_eq(root.addr, 0x1000);
}

Test(acpi_tables, refuses_a_damaged_rsdp)
{
	struct acpi_root root;

	rsdp_start(2);
	table[9] ^= 1;
	cr_expect_not(acpi_rsdp_parse(table, 36, &root));
	rsdp_start(2);
	cr_expect_not(acpi_rsdp_parse(table, 19, &root));
}

Test(acpi_tables, checks_signature_length_and_checksum)
{
	table_start("FACP", 100);
	fix_checksum(table, 100, 9);
	cr_expect(acpi_table_check(table, 100, "FACP"));
	cr_expect_not(acpi_table_check(table, 100, "APIC"));
	cr_expect_not(acpi_table_check(table, 99, "FACP"));
	table[50] ^= 1;
	cr_expect_not(acpi_table_check(table, 100, "FACP"));
}

Test(acpi_tables, refuses_lengths_that_no_table_has)
{
	table_start("FACP", 35);
	cr_expect_eq(acpi_table_size(table), 0);
	put32(table + 4, ACPI_TABLE_MAX + 1);
	cr_expect_eq(acpi_table_size(table), 0);
	put32(table + 4, 36);
	cr_expect_eq(acpi_table_size(table), 36);
}

Test(acpi_tables, lists_entries_of_both_sizes)
{
	put64(table + 36, 0x1122334455667788);
	cr_expect_eq(acpi_root_count(36 + 19, 8), 2);
	cr_expect_eq(acpi_root_count(36 + 19, 4), 4);
	cr_expect_eq(acpi_root_entry(table, 8, 0), 0x1122334455667788);
	cr_expect_eq(acpi_root_entry(table, 4, 1), 0x11223344);
}

Test(acpi_tables, finds_ports_of_an_old_fadt)
{
	struct acpi_fadt fadt;

	table_start("FACP", 116);
	put32(table + 64, 0x604);
	put32(table + 76, 0x608);
	acpi_fadt_parse(table, 116, &fadt);
	cr_expect_eq(fadt.pm1a_control, 0x604);
	cr_expect_eq(fadt.pm1b_control, 0);
	cr_expect_eq(fadt.pm_timer, 0x608);
	cr_expect_not(fadt.has_reset);
}

Test(acpi_tables, prefers_the_wide_fields_of_a_new_fadt)
{
	struct acpi_fadt fadt;

	table_start("FACP", 244);
	put32(table + 64, 0x604);
	table[172] = ACPI_SPACE_IO;
	put64(table + 176, 0xb004);
	/* In memory, which no port is: the narrow field stays. */
	put32(table + 76, 0x608);
	table[208] = ACPI_SPACE_MEMORY;
	put64(table + 212, 0xfed00000);
	acpi_fadt_parse(table, 244, &fadt);
	cr_expect_eq(fadt.pm1a_control, 0xb004);
	cr_expect_eq(fadt.pm_timer, 0x608);
}

Test(acpi_tables, takes_no_port_beyond_16_bits)
{
	struct acpi_fadt fadt;

	table_start("FACP", 116);
	put32(table + 64, 0x10604);
	acpi_fadt_parse(table, 116, &fadt);
	cr_expect_eq(fadt.pm1a_control, 0);
}

Test(acpi_tables, finds_the_reset_register_if_the_flag_is_set)
{
	struct acpi_fadt fadt;

	table_start("FACP", 244);
	table[116] = ACPI_SPACE_IO;
	put64(table + 120, 0xcf9);
	table[128] = 0x0f;
	acpi_fadt_parse(table, 244, &fadt);
	cr_expect_not(fadt.has_reset);
	put32(table + 112, 1u << 10);
	acpi_fadt_parse(table, 244, &fadt);
	cr_expect(fadt.has_reset);
	cr_expect_eq(fadt.reset_addr, 0xcf9);
	cr_expect_eq(fadt.reset_value, 0x0f);
}

static size_t
madt_add(size_t at, uint8_t type, uint8_t size, size_t flags_at,
	uint32_t flags)
{
	table[at] = type;
	table[at + 1] = size;
	put32(table + at + flags_at, flags);
	return at + size;
}

Test(acpi_tables, lists_enabled_processors_of_both_kinds)
{
	uint32_t ids[2] = { 0, 0 };
	size_t at = 44;

	table_start("APIC", 0);
	at = madt_add(at, 0, 8, 4, 1);
	at = madt_add(at, 0, 8, 4, 0);
	at = madt_add(at, 0, 8, 4, 2);		/* may be added later */
	at = madt_add(at, 1, 12, 4, 1);		/* an I/O APIC */
	put32(table + at + 4, 300);
	at = madt_add(at, 9, 16, 8, 1);
	table[44 + 3] = 7;
	cr_expect_eq(acpi_madt_processors(table, at, ids, 2), 2);
	cr_expect_eq(ids[0], 7);
	cr_expect_eq(ids[1], 300);
	cr_expect_eq(acpi_madt_processors(table, at, ids, 0), 2);
}

Test(acpi_tables, stops_at_a_damaged_madt_entry)
{
	size_t at = madt_add(44, 0, 8, 4, 1);
	uint32_t ids[2];

	table[at + 1] = 0;
	cr_expect_eq(acpi_madt_processors(table, at + 8, ids, 2), 1);
	table[at + 1] = 200;
	cr_expect_eq(acpi_madt_processors(table, at + 8, ids, 2), 1);
	cr_expect_eq(acpi_madt_processors(table, 36, ids, 2), 0);
}
