/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own page tables. */
#ifndef HV_X86_PAGING_H
#define HV_X86_PAGING_H

#include "boot/memory_map.h"

/*
 * Build the tables and switch to them: the image with the rights that each
 * part needs, and a map of all memory of @map that is RAM or ACPI's. Needs
 * boot_pages. What was mapped for booting is gone afterwards.
 */
void paging_init(const struct memory_map *map);

/* The direct map also covers [start, start + size) of a device, uncached. */
void paging_map_device(uint64_t start, uint64_t size);

/* For a starting processor: ours, and the page at @page where it is. */
spa_t paging_trampoline_root(spa_t page);

/* Ours. */
spa_t paging_root(void);

/* True if the processor has pages of 1 GiB. */
bool paging_has_huge_pages(void);

#endif /* HV_X86_PAGING_H */
