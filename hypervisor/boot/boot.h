/* SPDX-License-Identifier: Apache-2.0 */
/* What booting leaves behind: memory of our own, and the parent's entry. */
#ifndef HV_BOOT_BOOT_H
#define HV_BOOT_BOOT_H

#include "core/types.h"

/* How the parent's first VP starts: 64-bit, paging on, interrupts off. */
struct parent_entry {
	uint64_t rip;
	uint64_t rsi;		/* address of boot_params */
	uint64_t cr3;		/* identity map of the first 4 GiB */
	uint64_t gdt_base;	/* 0x10 is flat 64-bit code, 0x18 flat data */
	uint16_t gdt_limit;
};

/* Physical memory that the parent must not see. */
struct hv_region {
	spa_t start;
	spa_t end;		/* first byte after it */
};

/* All of them, page-aligned, in rising order; they never change. */
const struct hv_region *boot_private_regions(size_t *count);

/*
 * @pages zeroed pages in a row of private memory, at a multiple of @align
 * bytes (a power of two, at least PAGE_SIZE). Never freed: for what exists
 * once a machine or a processor. NULL if there is no more. Any processor.
 */
void *boot_pages_aligned(size_t pages, uint64_t align);

static inline void *
boot_pages(size_t pages)
{
	return boot_pages_aligned(pages, PAGE_SIZE);
}

/*
 * A zeroed page that the parent may see, which its memory map calls reserved.
 * Never freed; spa(0) if there is no more. Any processor.
 */
spa_t boot_shared_page(void);

/* How many private pages there are, given out or not. */
size_t boot_pages_total(void);

struct memory_map;

/*
 * The machine's memory as the firmware tells it. What is not RESERVED or
 * UNUSABLE in it is in the direct map.
 */
const struct memory_map *boot_memory_map(void);

/* End of the highest RAM of the machine. */
spa_t boot_ram_end(void);

/* Processors that the firmware lists, at most HV_MAX_PROCESSORS. */
uint32_t boot_processor_count(void);

/*
 * Build the parent partition, with its first VP ready to run at @entry.
 * Booting calls it once, on the first processor, before lp_main.
 */
void root_create(const struct parent_entry *entry);

#endif /* HV_BOOT_BOOT_H */
