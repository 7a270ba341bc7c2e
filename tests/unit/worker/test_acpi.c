/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables as a kernel walks them: pointers, lengths, check sums. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/acpi.h"
#include "worker/bytes.h"

#define BASE 0xe0000

static uint8_t tables[65536];
static size_t tables_len;

static void
build(unsigned cpus, bool serial)
{
	struct acpi_machine m = { .cpus = cpus, .serial = serial,
		.memory = memmap_of(UINT64_C(256) << 20) };
	struct err e;

	cr_assert_eq(acpi_build(&m, BASE, tables, sizeof(tables),
	    &tables_len, &e), 0);
}

static uint8_t
sum(const uint8_t *p, size_t len)
{
	uint8_t s = 0;

	while (len-- != 0)
		s = (uint8_t)(s + *p++);
	return s;
}

/* The table at a guest address; its length and sum must be right. */
static const uint8_t *
table(uint64_t address, const char *signature)
{
	const uint8_t *t = tables + (address - BASE);

	cr_assert(address >= BASE && address < BASE + tables_len);
	cr_assert_arr_eq(t, signature, 4);
	cr_assert(get32(t + 4) <= tables_len - (size_t)(t - tables));
	cr_assert_eq(sum(t, get32(t + 4)), 0);
	return t;
}

static const uint8_t *
from_xsdt(unsigned index, const char *signature)
{
	const uint8_t *xsdt = table(get64(tables + 24), "XSDT");

	return table(get64(xsdt + 36 + 8 * index), signature);
}

static const uint8_t *
dsdt(void)
{
	return table(get64(from_xsdt(0, "FACP") + 140), "DSDT");
}

static bool
contains(const uint8_t *t, const char *text)
{
	return memmem(t, get32(t + 4), text, strlen(text)) != NULL;
}

Test(acpi, rsdp_has_both_check_sums)
{
	build(1, true);
	cr_expect_arr_eq(tables, "RSD PTR ", 8);
	cr_expect_eq(tables[15], 2);
	cr_expect_eq(sum(tables, 20), 0);
	cr_expect_eq(sum(tables, 36), 0);
}

Test(acpi, fadt_says_hardware_reduced_with_reset)
{
	const uint8_t *fadt;

	build(1, true);
	fadt = from_xsdt(0, "FACP");
	cr_expect_eq(get32(fadt + 4), 276);
	cr_expect_eq(fadt[8], 6);
	cr_expect(get32(fadt + 112) & 1u << 20, "hardware reduced");
	cr_expect(get32(fadt + 112) & 1u << 10, "reset register");
	cr_expect_eq(get16(fadt + 109), 0x24, "no VGA, no CMOS device");
	cr_expect_eq(fadt[116], 1, "reset by I/O port");
	cr_expect_eq(get64(fadt + 120), ACPI_RESET_PORT);
	cr_expect_eq(fadt[128], ACPI_RESET_VALUE);
	cr_expect_eq(get64(fadt + 248), ACPI_SLEEP_CONTROL_PORT);
	cr_expect_eq(get64(fadt + 260), ACPI_SLEEP_STATUS_PORT);
}

Test(acpi, madt_lists_every_processor_under_its_index)
{
	const uint8_t *madt;

	build(3, true);
	madt = from_xsdt(1, "APIC");
	cr_assert_eq(get32(madt + 4), 44 + 3 * 8 + 12);
	cr_expect_eq(get32(madt + 36), 0xfee00000);
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t *p = madt + 44 + 8 * i;

		cr_expect_eq(p[0], 0);
		cr_expect_eq(p[1], 8);
		cr_expect_eq(p[2], i);
		cr_expect_eq(p[3], i, "APIC id");
		cr_expect_eq(get32(p + 4), 1, "enabled");
	}
	cr_expect_eq(madt[44 + 24], 1, "I/O APIC");
	cr_expect_eq(get32(madt + 44 + 28), 0xfec00000);
}

Test(acpi, dsdt_names_the_devices)
{
	build(2, true);
	cr_expect(contains(dsdt(), "VMBus"));
	cr_expect(contains(dsdt(), "ACPI0004"));
	cr_expect(contains(dsdt(), "ACPI0013"));
	cr_expect(contains(dsdt(), "C001"));
	cr_expect(!contains(dsdt(), "C002"));
	cr_expect(contains(dsdt(), "COM1"));
}

Test(acpi, a_child_without_console_has_no_port)
{
	build(1, false);
	cr_expect(!contains(dsdt(), "COM1"));
}

Test(acpi, sixty_four_processors_fit_where_they_have_to)
{
	build(64, true);
	cr_expect_leq(tables_len, MEMMAP_ACPI_SIZE);
}

Test(acpi, too_little_room_is_an_error)
{
	struct acpi_machine m = { .cpus = 64, .memory = memmap_of(4 << 20) };
	struct err e;
	size_t len;

	cr_expect_eq(acpi_build(&m, BASE, tables, 600, &len, &e), -1);
	cr_expect_eq(acpi_build(&m, BASE, tables, 1200, &len, &e), -1);
}
