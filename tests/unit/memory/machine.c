/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's memory in a test: an array stands for RAM. */
#include "machine.h"

#include <string.h>

#include "boot/boot.h"
#include "boot/memory_map.h"
#include "core/assert.h"
#include "core/frame.h"
#include "core/memory_access.h"

#define BOOT_PAGES	256u

static _Alignas(4096) uint8_t ram[MACHINE_RAM_PAGES][4096];
static uint32_t next_page;
static uint32_t next_boot_page;

static const struct hv_region private_regions[] = {
	{ { MACHINE_PRIVATE_START }, { MACHINE_PRIVATE_END } },
};

uint32_t *
lock_ranks_held(void)
{
	static _Thread_local uint32_t ranks;

	return &ranks;
}

void *
spa_to_ptr(spa_t addr)
{
	uint64_t offset = addr.v - MACHINE_RAM_START;

	ASSERT(offset < sizeof(ram));
	return (uint8_t *)ram + offset;
}

spa_t
ptr_to_spa(const void *ptr)
{
	uint64_t offset = (uint64_t)((const uint8_t *)ptr -
	    (const uint8_t *)ram);

	ASSERT(offset < sizeof(ram));
	return spa(offset + MACHINE_RAM_START);
}

const struct memory_map *
boot_memory_map(void)
{
	static const struct memory_map memory = {
		.count = 2,
		.range = {
			{ MACHINE_RAM_START, MACHINE_HOLE, MEMORY_RAM },
			{ MACHINE_HOLE + PAGE_SIZE,
			  MACHINE_RAM_START + sizeof(ram), MEMORY_RAM },
		},
	};

	return &memory;
}

/* The last pages of RAM are what booting set aside. */
void *
boot_pages_aligned(size_t pages, uint64_t align)
{
	ASSERT(align == PAGE_SIZE);
	if (next_boot_page + pages > BOOT_PAGES)
		return NULL;
	next_boot_page += (uint32_t)pages;
	return ram[MACHINE_RAM_PAGES - next_boot_page];
}

const struct hv_region *
boot_private_regions(size_t *count)
{
	*count = ARRAY_SIZE(private_regions);
	return private_regions;
}

spa_t
boot_ram_end(void)
{
	return spa(MACHINE_RAM_START + sizeof(ram));
}

void
machine_init(void)
{
	memset(ram, 0xa5, sizeof(ram));
	memset(ram[MACHINE_RAM_PAGES - BOOT_PAGES], 0, BOOT_PAGES * PAGE_SIZE);
	next_page = 0;
	next_boot_page = 0;
	ASSERT(frames_init());
}

uint64_t
machine_pfn(uint32_t n)
{
	uint64_t pfn = MACHINE_RAM_START / PAGE_SIZE + n;

	if (pfn >= MACHINE_PRIVATE_START / PAGE_SIZE)
		pfn += (MACHINE_PRIVATE_END - MACHINE_PRIVATE_START) /
		    PAGE_SIZE;
	return pfn;
}

void
machine_deposit(struct pool *pool, uint32_t count)
{
	while (count-- > 0) {
		spa_t page = spa(machine_pfn(next_page++) << PAGE_SHIFT);

		ASSERT(frame_claim(page));
		pool_deposit(pool, page);
	}
}
