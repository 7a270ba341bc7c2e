/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables of any content, with right checksums to get past those. */

#include <stdlib.h>
#include <string.h>

#include "boot/bytes.h"
#include "x86/acpi_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fix_checksum(uint8_t *bytes, size_t size, size_t at)
{
	uint8_t sum = 0;
	size_t i;

	for (i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[at] = (uint8_t)(bytes[at] - sum);
}

static void
try_rsdp(uint8_t *bytes, size_t size)
{
	struct acpi_root root;

	if (size < 36)
		return;
	memcpy(bytes, "RSD PTR ", 8);
	fix_checksum(bytes, 20, 8);
	fix_checksum(bytes, 36, 32);
	if (acpi_rsdp_parse(bytes, size, &root) && root.addr == 0)
		abort();
}

static void
try_table(uint8_t *bytes, size_t size, const char *signature)
{
	struct acpi_fadt fadt;
	uint32_t ids[4];
	size_t i;

	memcpy(bytes, signature, 4);
	put32(bytes + 4, (uint32_t)size);
	fix_checksum(bytes, size, 9);
	if (acpi_table_size(bytes) != size ||
	    !acpi_table_check(bytes, size, signature))
		abort();
	acpi_fadt_parse(bytes, size, &fadt);
	if (acpi_madt_processors(bytes, size, ids, 4) > size)
		abort();
	for (i = 0; i < acpi_root_count(size, 8); i++)
		(void)acpi_root_entry(bytes, 8, i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length = size == 0 ? 0 : 36 + data[0];
	uint8_t *bytes = calloc(1, length);
	size_t i;

	if (bytes == NULL)
		return 0;
	/* Short inputs go behind the header, where entries are. */
	for (i = 1; i < size && 43 + i < length; i++)
		bytes[43 + i] = data[i];
	for (; i < size && i < length; i++)
		bytes[i % 36] = data[i];
	if (length > 0) {
		try_rsdp(bytes, length);
		try_table(bytes, length, "APIC");
	}
	free(bytes);
	return 0;
}
