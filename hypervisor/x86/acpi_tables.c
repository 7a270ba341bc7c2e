/* SPDX-License-Identifier: Apache-2.0 */
/* RSDP, RSDT, XSDT, FADT and MADT, by the offsets of the ACPI manual. */

#include "x86/acpi_tables.h"

#include "boot/bytes.h"

#define RSDP_OLD_SIZE		20
#define RSDP_NEW_SIZE		36

enum {
	FADT_PM1A_CONTROL = 64,
	FADT_PM1B_CONTROL = 68,
	FADT_PM_TIMER = 76,
	FADT_FLAGS = 112,
	FADT_RESET_REGISTER = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_PM1A_CONTROL = 172,
	FADT_X_PM1B_CONTROL = 184,
	FADT_X_PM_TIMER = 208,
};

#define FADT_HAS_RESET		(UINT32_C(1) << 10)

/* A generic address: space, bits, offset, access size, then the address. */
#define GENERIC_SIZE		12
#define GENERIC_ADDR		4

#define MADT_FIRST		44
#define MADT_LAPIC		0
#define MADT_X2APIC		9
#define MADT_ENABLED		1

static bool
checksum_right(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

bool
acpi_rsdp_parse(const uint8_t *bytes, size_t size, struct acpi_root *root)
{
	if (size < RSDP_OLD_SIZE || memcmp(bytes, "RSD PTR ", 8) != 0 ||
	    !checksum_right(bytes, RSDP_OLD_SIZE))
		return false;
	*root = (struct acpi_root){ get32(bytes + 16), 4 };
	/* Revision 2 and later: there may be an XSDT. */
	if (bytes[15] < 2 || size < RSDP_NEW_SIZE ||
	    !checksum_right(bytes, RSDP_NEW_SIZE) || get64(bytes + 24) == 0)
		return root->addr != 0;
	*root = (struct acpi_root){ get64(bytes + 24), 8 };
	return true;
}

bool
acpi_table_check(const uint8_t *bytes, size_t size, const char *signature)
{
	return size >= ACPI_HEADER_SIZE && get32(bytes + 4) == size &&
	    memcmp(bytes, signature, 4) == 0 && checksum_right(bytes, size);
}

size_t
acpi_table_size(const uint8_t header[ACPI_HEADER_SIZE])
{
	uint32_t size = get32(header + 4);

	return size < ACPI_HEADER_SIZE || size > ACPI_TABLE_MAX ? 0 : size;
}

size_t
acpi_root_count(size_t size, size_t entry_size)
{
	return (size - ACPI_HEADER_SIZE) / entry_size;
}

uint64_t
acpi_root_entry(const uint8_t *bytes, size_t entry_size, size_t i)
{
	const uint8_t *entry = bytes + ACPI_HEADER_SIZE + i * entry_size;

	return entry_size == 8 ? get64(entry) : get32(entry);
}

/* A port, by the wide field if the table has it and it is set. */
static uint16_t
fadt_port(const uint8_t *bytes, size_t size, size_t narrow, size_t wide)
{
	uint64_t addr = 0;

	if (size >= wide + GENERIC_SIZE && bytes[wide] == ACPI_SPACE_IO)
		addr = get64(bytes + wide + GENERIC_ADDR);
	if (addr == 0 && size >= narrow + 4)
		addr = get32(bytes + narrow);
	return addr > UINT16_MAX ? 0 : (uint16_t)addr;
}

void
acpi_fadt_parse(const uint8_t *bytes, size_t size, struct acpi_fadt *out)
{
	*out = (struct acpi_fadt){
		.pm1a_control = fadt_port(bytes, size, FADT_PM1A_CONTROL,
		    FADT_X_PM1A_CONTROL),
		.pm1b_control = fadt_port(bytes, size, FADT_PM1B_CONTROL,
		    FADT_X_PM1B_CONTROL),
		.pm_timer = fadt_port(bytes, size, FADT_PM_TIMER,
		    FADT_X_PM_TIMER),
	};
	if (size <= FADT_RESET_VALUE ||
	    (get32(bytes + FADT_FLAGS) & FADT_HAS_RESET) == 0)
		return;
	out->has_reset = true;
	out->reset_space = bytes[FADT_RESET_REGISTER];
	out->reset_addr = get64(bytes + FADT_RESET_REGISTER + GENERIC_ADDR);
	out->reset_value = bytes[FADT_RESET_VALUE];
}

/* A processor that is there, and not only may be added later; its APIC id. */
static bool
entry_is_processor(const uint8_t *entry, size_t size, uint32_t *id)
{
	if (entry[0] == MADT_LAPIC && size >= 8) {
		*id = entry[3];
		return (get32(entry + 4) & MADT_ENABLED) != 0;
	}
	if (entry[0] == MADT_X2APIC && size >= 16) {
		*id = get32(entry + 4);
		return (get32(entry + 8) & MADT_ENABLED) != 0;
	}
	return false;
}

uint32_t
acpi_madt_processors(const uint8_t *bytes, size_t size, uint32_t *ids,
    uint32_t max)
{
	uint32_t found = 0;
	uint32_t id;
	size_t at = MADT_FIRST;

	while (size > at && size - at >= 2) {
		size_t length = bytes[at + 1];

		if (length < 2 || length > size - at)
			break;
		if (entry_is_processor(bytes + at, length, &id)) {
			if (found < max)
				ids[found] = id;
			found++;
		}
		at += length;
	}
	return found;
}
