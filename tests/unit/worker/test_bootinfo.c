/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel finds when it starts. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/bootinfo.h"
#include "worker/bytes.h"
#include "worker/start_state.h"

#define MIB (UINT64_C(1) << 20)

static uint8_t page[BOOTINFO_PAGE];

static const struct boot_files files = { .initrd = 0xf000000,
	.initrd_size = 12345, .cmdline = MEMMAP_CMDLINE,
	.cmdline_length = 7, .rsdp = MEMMAP_ACPI };

Test(zero_page, holds_header_files_and_map)
{
	struct memmap m = memmap_of(256 * MIB);
	struct bzimage k = { .header_size = 0x7b };

	memset(k.header, 0x5a, sizeof(k.header));
	memset(page, 0xff, sizeof(page));
	bootinfo_zero_page(page, &k, &files, &m, 0x1000000);
	cr_expect_eq(page[0x1f1], 0x5a, "the image's header");
	cr_expect_eq(page[0x1f1 + 0x7b], 0, "and no more than it has");
	cr_expect_eq(page[0x210], 0xff, "type of loader");
	cr_expect_eq(get32(page + 0x214), 0x1000000);
	cr_expect_eq(get32(page + 0x218), 0xf000000);
	cr_expect_eq(get32(page + 0x21c), 12345);
	cr_expect_eq(get32(page + 0x228), MEMMAP_CMDLINE);
	cr_expect_eq(get64(page + 0x70), MEMMAP_ACPI);
	cr_assert_eq(page[0x1e8], 4);
	cr_expect_eq(get64(page + 0x2d0), 0);
	cr_expect_eq(get64(page + 0x2d8), MEMMAP_LOW_END);
	cr_expect_eq(get32(page + 0x2e0), 1);
	cr_expect_eq(get64(page + 0x2d0 + 3 * 20), MIB);
	cr_expect_eq(get64(page + 0x2d8 + 3 * 20), 255 * MIB);
	cr_expect_eq(page[0], 0, "what is not said is zero");
}

Test(start_info, points_to_its_lists)
{
	struct memmap m = memmap_of(256 * MIB);
	uint64_t module, map;

	bootinfo_start_info(page, MEMMAP_START_INFO, &files, &m);
	cr_expect_eq(get32(page), 0x336ec578);
	cr_expect_eq(get32(page + 4), 1);
	cr_expect_eq(get64(page + 24), MEMMAP_CMDLINE);
	cr_expect_eq(get64(page + 32), MEMMAP_ACPI);
	cr_assert_eq(get32(page + 12), 1);
	module = get64(page + 16) - MEMMAP_START_INFO;
	cr_assert_lt(module, sizeof(page));
	cr_expect_eq(get64(page + module), 0xf000000);
	cr_expect_eq(get64(page + module + 8), 12345);
	cr_assert_eq(get32(page + 48), 4);
	map = get64(page + 40) - MEMMAP_START_INFO;
	cr_assert_lt(map, sizeof(page));
	cr_expect_eq(get64(page + map + 8), MEMMAP_LOW_END);
	cr_expect_eq(get32(page + map + 16), 1);
}

Test(start_info, without_initrd_has_no_module)
{
	struct memmap m = memmap_of(16 * MIB);
	struct boot_files none = files;

	none.initrd = 0;
	bootinfo_start_info(page, MEMMAP_START_INFO, &none, &m);
	cr_expect_eq(get32(page + 12), 0);
	cr_expect_eq(get64(page + 16), 0);
}

/* Walk the tables as a processor does. */
static uint64_t
walk(const uint8_t *tables, uint64_t address)
{
	uint64_t entry = get64(tables + 8 * (address >> 39 & 511));

	cr_assert(entry & 1);
	entry = get64(tables + (entry & ~0xfffu) - MEMMAP_PAGE_TABLES +
	    8 * (address >> 30 & 511));
	cr_assert(entry & 1);
	entry = get64(tables + (entry & ~0xfffu) - MEMMAP_PAGE_TABLES +
	    8 * (address >> 21 & 511));
	cr_assert_eq(entry & 0x83, 0x83);
	return (entry & ~UINT64_C(0x1fffff)) | (address & 0x1fffff);
}

Test(page_tables, map_four_gib_to_themselves)
{
	static uint8_t tables[BOOTINFO_PAGE_TABLES_SIZE];

	bootinfo_page_tables(tables, MEMMAP_PAGE_TABLES);
	cr_expect_eq(walk(tables, 0), 0);
	cr_expect_eq(walk(tables, 0x1000200), 0x1000200);
	cr_expect_eq(walk(tables, 0xfee00000), 0xfee00000);
	cr_expect_eq(walk(tables, 0xffffffff), 0xffffffff);
	cr_expect_eq(get64(tables + 8), 0, "nothing above 512 GiB");
}

static const union hv_register_value *
value_of(const struct hv_register_assoc *list, size_t n, uint32_t name)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].name == name)
			return &list[i].value;
	cr_assert(false, "register %#x is not set", name);
	return NULL;
}

Test(start_state, linux_starts_in_long_mode_with_its_page)
{
	struct start s = { .protocol = START_LINUX_64, .entry = 0x1000200 };
	struct hv_register_assoc r[START_STATE_MAX];
	size_t n = start_state(&s, r);
	struct hv_segment_register cs;

	cr_expect_eq(value_of(r, n, HV_REGISTER_RIP)->reg64, 0x1000200);
	cr_expect_eq(value_of(r, n, HV_REGISTER_RSI)->reg64,
	    MEMMAP_ZERO_PAGE);
	cr_expect_eq(value_of(r, n, HV_REGISTER_RFLAGS)->reg64, 2);
	cr_expect_eq(value_of(r, n, HV_REGISTER_EFER)->reg64, 0x500);
	cr_expect_eq(value_of(r, n, HV_REGISTER_CR3)->reg64,
	    MEMMAP_PAGE_TABLES);
	cr_expect_eq(value_of(r, n, HV_REGISTER_CR0)->reg64 & 0x80000001,
	    0x80000001);
	cs = value_of(r, n, HV_REGISTER_CS)->segment;
	cr_expect_eq(cs.selector, 0x10);
	cr_expect_eq(cs.attributes, 0xa09b);
	cr_expect_eq(value_of(r, n, HV_REGISTER_DS)->segment.selector, 0x18);
}

Test(start_state, pvh_starts_unpaged_in_32_bits)
{
	struct start s = { .protocol = START_PVH, .entry = 0x100020 };
	struct hv_register_assoc r[START_STATE_MAX];
	size_t n = start_state(&s, r);

	cr_expect_eq(value_of(r, n, HV_REGISTER_RIP)->reg64, 0x100020);
	cr_expect_eq(value_of(r, n, HV_REGISTER_RBX)->reg64,
	    MEMMAP_START_INFO);
	cr_expect_eq(value_of(r, n, HV_REGISTER_CR0)->reg64, 0x11);
	cr_expect_eq(value_of(r, n, HV_REGISTER_CS)->segment.attributes,
	    0xc09b);
	cr_expect_eq(value_of(r, n, HV_REGISTER_TR)->segment.attributes,
	    0x8b);
}

Test(gdt, descriptors_agree_with_the_segments)
{
	uint8_t gdt[BOOTINFO_GDT_SIZE];

	bootinfo_gdt(gdt);
	cr_expect_eq(get64(gdt), 0);
	cr_expect_eq(get64(gdt + BOOTINFO_CODE_64) >> 40 & 0xf0ff, 0xa09b);
	cr_expect_eq(get64(gdt + BOOTINFO_CODE_32) >> 40 & 0xf0ff, 0xc09b);
	cr_expect_eq(get64(gdt + BOOTINFO_DATA) >> 40 & 0xf0ff, 0xc093);
}
