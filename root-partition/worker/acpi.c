/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables other than the DSDT: RSDP, XSDT, FADT and MADT. */
#include "worker/acpi.h"

#include <errno.h>
#include <string.h>

#include "worker/bytes.h"

#define HEADER_SIZE 36
#define RSDP_SIZE 36
#define XSDT_SIZE (HEADER_SIZE + 2 * 8)
#define FADT_SIZE 276
#define MADT_FIXED_SIZE (HEADER_SIZE + 8)
#define MADT_LAPIC_SIZE 8
#define MADT_IOAPIC_SIZE 12

#define FADT_NO_VGA (1U << 2)
#define FADT_NO_CMOS_DEVICE (1U << 5)
#define FADT_RESET_SUPPORTED (1U << 10)
#define FADT_HW_REDUCED (1U << 20)

#define SPACE_IO 1
#define ACCESS_BYTE 1

static uint8_t
checksum(const uint8_t *bytes, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

void
acpi_finish_table(uint8_t *table, size_t len, const char signature[4],
    uint8_t revision)
{
	memcpy(table, signature, 4);
	put32(table + 4, (uint32_t)len);
	table[8] = revision;
	table[9] = 0;
	memcpy(table + 10, "MULLIO", 6);
	memcpy(table + 16, "MULLION ", 8);
	put32(table + 24, 1);
	memcpy(table + 28, "MULL", 4);
	put32(table + 32, 1);
	table[9] = checksum(table, len);
}

static void
rsdp_write(uint8_t *t, uint64_t xsdt)
{
	memset(t, 0, RSDP_SIZE);
	memcpy(t, "RSD PTR ", 8);
	memcpy(t + 9, "MULLIO", 6);
	t[15] = 2;
	put32(t + 20, RSDP_SIZE);
	put64(t + 24, xsdt);
	t[8] = checksum(t, 20);
	t[32] = checksum(t, RSDP_SIZE);
}

static void
xsdt_write(uint8_t *t, uint64_t fadt, uint64_t madt)
{
	put64(t + HEADER_SIZE, fadt);
	put64(t + HEADER_SIZE + 8, madt);
	acpi_finish_table(t, XSDT_SIZE, "XSDT", 1);
}

static void
register_write(uint8_t *t, uint16_t port)
{
	t[0] = SPACE_IO;
	t[1] = 8;
	t[2] = 0;
	t[3] = ACCESS_BYTE;
	put64(t + 4, port);
}

static void
fadt_write(uint8_t *t, uint64_t dsdt)
{
	memset(t, 0, FADT_SIZE);
	put32(t + 40, (uint32_t)dsdt);
	/* The clock is read through its ports; it has no interrupt. */
	put16(t + 109, FADT_NO_VGA | FADT_NO_CMOS_DEVICE);
	put32(t + 112, FADT_HW_REDUCED | FADT_RESET_SUPPORTED);
	register_write(t + 116, ACPI_RESET_PORT);
	t[128] = ACPI_RESET_VALUE;
	t[131] = 3;			/* minor version: 6.3 */
	put64(t + 140, dsdt);
	register_write(t + 244, ACPI_SLEEP_CONTROL_PORT);
	register_write(t + 256, ACPI_SLEEP_STATUS_PORT);
	memcpy(t + 268, "Mullion", 7);
	acpi_finish_table(t, FADT_SIZE, "FACP", 6);
}

static size_t
madt_size(unsigned cpus)
{
	return MADT_FIXED_SIZE + cpus * (size_t)MADT_LAPIC_SIZE +
	    MADT_IOAPIC_SIZE;
}

static void
madt_write(uint8_t *t, unsigned cpus)
{
	uint8_t *p = t + MADT_FIXED_SIZE;

	put32(t + 36, (uint32_t)MEMMAP_LAPIC);
	put32(t + 40, 0);		/* no pair of 8259 */
	for (unsigned i = 0; i < cpus; i++) {
		p[0] = 0;
		p[1] = MADT_LAPIC_SIZE;
		p[2] = (uint8_t)i;
		p[3] = (uint8_t)i;	/* the APIC id is the VP's index */
		put32(p + 4, 1);
		p += MADT_LAPIC_SIZE;
	}
	p[0] = 1;
	p[1] = MADT_IOAPIC_SIZE;
	p[2] = 0;
	p[3] = 0;
	put32(p + 4, (uint32_t)MEMMAP_IOAPIC);
	put32(p + 8, 0);
	acpi_finish_table(t, madt_size(cpus), "APIC", 5);
}

static size_t
align16(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

int
acpi_build(const struct acpi_machine *m, uint64_t gpa, uint8_t *out,
    size_t size, size_t *len, struct err *e)
{
	size_t xsdt = align16(RSDP_SIZE);
	size_t fadt = align16(xsdt + XSDT_SIZE);
	size_t madt = align16(fadt + FADT_SIZE);
	size_t dsdt = align16(madt + madt_size(m->cpus));
	size_t n;

	n = dsdt < size ? acpi_build_dsdt(m, out + dsdt, size - dsdt) : 0;
	if (n == 0)
		return err_set(e, ENOSPC,
		    "ACPI tables for %u processors do not fit", m->cpus);
	rsdp_write(out, gpa + xsdt);
	xsdt_write(out + xsdt, gpa + fadt, gpa + madt);
	fadt_write(out + fadt, gpa + dsdt);
	madt_write(out + madt, m->cpus);
	*len = dsdt + n;
	return 0;
}
