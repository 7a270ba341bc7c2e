/* SPDX-License-Identifier: Apache-2.0 */
/* Zero page, PVH start info, page tables and descriptor table at start. */
#include "worker/bootinfo.h"

#include <string.h>

#include "worker/bytes.h"

/* Offsets in the zero page (boot protocol; zero-page documentation). */
enum {
	ZP_RSDP = 0x070,
	ZP_E820_COUNT = 0x1e8,
	ZP_LOADER = 0x210,
	ZP_LOAD_FLAGS = 0x211,
	ZP_CODE32_START = 0x214,
	ZP_INITRD = 0x218,
	ZP_INITRD_SIZE = 0x21c,
	ZP_CMDLINE = 0x228,
	ZP_E820 = 0x2d0,
	E820_SIZE = 20,
};

#define LOADER_UNDEFINED 0xff
#define LOADED_HIGH 0x01

/* Offsets in the PVH structures (Xen's public header start_info). */
enum {
	SI_MAGIC = 0,
	SI_VERSION = 4,
	SI_MODULES = 12,
	SI_MODULE_LIST = 16,
	SI_CMDLINE = 24,
	SI_RSDP = 32,
	SI_MAP = 40,
	SI_MAP_ENTRIES = 48,
	SI_SIZE = 56,
	SI_MODULE_SIZE = 32,
	SI_MAP_ENTRY_SIZE = 24,
};

#define SI_MAGIC_VALUE 0x336ec578U

#define PTE_PRESENT_WRITE 0x3U
#define PTE_LARGE 0x80U
#define LARGE_PAGE UINT64_C(0x200000)

static void
e820_write(uint8_t page[BOOTINFO_PAGE], const struct memmap *memory)
{
	struct memmap_range ranges[MEMMAP_E820_MAX];
	size_t n = memmap_ranges(memory, ranges);

	page[ZP_E820_COUNT] = (uint8_t)n;
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = page + ZP_E820 + i * E820_SIZE;

		put64(p, ranges[i].start);
		put64(p + 8, ranges[i].size);
		put32(p + 16, ranges[i].type);
	}
}

void
bootinfo_zero_page(uint8_t page[BOOTINFO_PAGE], const struct bzimage *k,
    const struct boot_files *files, const struct memmap *memory,
    uint64_t kernel)
{
	memset(page, 0, BOOTINFO_PAGE);
	memcpy(page + BZIMAGE_HEADER, k->header, k->header_size);
	page[ZP_LOADER] = LOADER_UNDEFINED;
	page[ZP_LOAD_FLAGS] = LOADED_HIGH;
	put32(page + ZP_CODE32_START, (uint32_t)kernel);
	put32(page + ZP_INITRD, (uint32_t)files->initrd);
	put32(page + ZP_INITRD_SIZE, (uint32_t)files->initrd_size);
	put32(page + ZP_CMDLINE, (uint32_t)files->cmdline);
	put64(page + ZP_RSDP, files->rsdp);
	e820_write(page, memory);
}

void
bootinfo_start_info(uint8_t page[BOOTINFO_PAGE], uint64_t gpa,
    const struct boot_files *files, const struct memmap *memory)
{
	struct memmap_range ranges[MEMMAP_E820_MAX];
	size_t n = memmap_ranges(memory, ranges);
	uint8_t *module = page + SI_SIZE + 8;
	uint8_t *map = module + SI_MODULE_SIZE;

	memset(page, 0, BOOTINFO_PAGE);
	put32(page + SI_MAGIC, SI_MAGIC_VALUE);
	put32(page + SI_VERSION, 1);
	put64(page + SI_CMDLINE, files->cmdline);
	put64(page + SI_RSDP, files->rsdp);
	if (files->initrd != 0) {
		put32(page + SI_MODULES, 1);
		put64(page + SI_MODULE_LIST, gpa + (uint64_t)(module - page));
		put64(module, files->initrd);
		put64(module + 8, files->initrd_size);
	}
	put64(page + SI_MAP, gpa + (uint64_t)(map - page));
	put32(page + SI_MAP_ENTRIES, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = map + i * SI_MAP_ENTRY_SIZE;

		put64(p, ranges[i].start);
		put64(p + 8, ranges[i].size);
		put32(p + 16, ranges[i].type);
	}
}

void
bootinfo_page_tables(uint8_t out[BOOTINFO_PAGE_TABLES_SIZE], uint64_t gpa)
{
	uint8_t *directory_pointers = out + BOOTINFO_PAGE;
	uint8_t *directories = out + 2 * BOOTINFO_PAGE;

	memset(out, 0, 2 * BOOTINFO_PAGE);
	put64(out, (gpa + BOOTINFO_PAGE) | PTE_PRESENT_WRITE);
	for (uint64_t i = 0; i < 4; i++)
		put64(directory_pointers + 8 * i,
		    (gpa + (2 + i) * BOOTINFO_PAGE) | PTE_PRESENT_WRITE);
	for (uint64_t i = 0; i < 4 * 512; i++)
		put64(directories + 8 * i,
		    i * LARGE_PAGE | PTE_LARGE | PTE_PRESENT_WRITE);
}

void
bootinfo_gdt(uint8_t out[BOOTINFO_GDT_SIZE])
{
	memset(out, 0, BOOTINFO_GDT_SIZE);
	put64(out + BOOTINFO_CODE_64, UINT64_C(0x00af9b000000ffff));
	put64(out + BOOTINFO_DATA, UINT64_C(0x00cf93000000ffff));
	put64(out + BOOTINFO_CODE_32, UINT64_C(0x00cf9b000000ffff));
	put64(out + BOOTINFO_TASK, UINT64_C(0x00008b0000000067));
}
