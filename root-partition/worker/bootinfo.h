/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel finds in memory when it starts: pure builders. */
#ifndef MULLION_WORKER_BOOTINFO_H
#define MULLION_WORKER_BOOTINFO_H

#include <stddef.h>
#include <stdint.h>

#include "worker/bzimage.h"
#include "worker/memmap.h"

#define BOOTINFO_PAGE 4096

/* Selectors of the table that bootinfo_gdt() writes. */
#define BOOTINFO_CODE_64 0x10
#define BOOTINFO_DATA 0x18
#define BOOTINFO_CODE_32 0x20
#define BOOTINFO_TASK 0x28
#define BOOTINFO_GDT_SIZE 0x38

#define BOOTINFO_PAGE_TABLES_SIZE (6 * BOOTINFO_PAGE)

struct boot_files {
	uint64_t initrd;	/* address; 0: there is none */
	uint64_t initrd_size;
	uint64_t cmdline;	/* address of a NUL-terminated string */
	uint32_t cmdline_length;
	uint64_t rsdp;
};

/* Write Linux's zero page. */
void bootinfo_zero_page(uint8_t page[BOOTINFO_PAGE], const struct bzimage *k,
    const struct boot_files *files, const struct memmap *memory,
    uint64_t kernel);

/*
 * Write the PVH start info, with its module list and memory map, as it lies
 * at guest address @gpa.
 */
void bootinfo_start_info(uint8_t page[BOOTINFO_PAGE], uint64_t gpa,
    const struct boot_files *files, const struct memmap *memory);

/* Write page tables, for guest address @gpa, that map 4 GiB to themselves. */
void bootinfo_page_tables(uint8_t out[BOOTINFO_PAGE_TABLES_SIZE],
    uint64_t gpa);

void bootinfo_gdt(uint8_t out[BOOTINFO_GDT_SIZE]);

#endif
