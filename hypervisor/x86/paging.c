/* SPDX-License-Identifier: Apache-2.0 */
/* Builds page tables of four levels, with the largest pages that fit. */

#include "x86/paging.h"

#include "boot/boot.h"
#include "core/assert.h"
#include "core/memory_access.h"
#include "core/string.h"
#include "x86/cpu.h"
#include "x86/pte.h"

#define LEVELS		4
#define ENTRIES		512
#define CPUID_HUGE	(UINT32_C(1) << 26)

extern const char image_start[];
extern const char image_text_end[];
extern const char image_rodata_end[];
extern const char image_end[];

uint64_t image_spa;

static uint64_t *root;
static bool huge_pages;

/* Bytes that an entry of @level maps; level 0 has the 4 KiB pages. */
static uint64_t
level_size(unsigned int level)
{
	return PAGE_SIZE << (9 * level);
}

static uint64_t *
table_new(void)
{
	uint64_t *table = boot_pages(1);

	if (table == NULL)
		panic("no memory for page tables");
	return table;
}

static uint64_t *
table_below(uint64_t *entry)
{
	if ((*entry & PTE_PRESENT) == 0)
		*entry = ptr_to_spa(table_new()).v | PTE_PRESENT | PTE_WRITE;
	ASSERT((*entry & PTE_LARGE) == 0);
	return spa_to_ptr(spa(*entry & PTE_FRAME));
}

static unsigned int
largest_level(uint64_t va, uint64_t pa, uint64_t size)
{
	unsigned int level = huge_pages ? 2 : 1;

	while (level > 0 && (!is_aligned(va | pa, level_size(level)) ||
	    size < level_size(level)))
		level--;
	return level;
}

static void
map_one(uint64_t *table, uint64_t va, uint64_t pa, unsigned int level,
	uint64_t flags)
{
	for (unsigned int l = LEVELS - 1; l > level; l--)
		table = table_below(&table[va / level_size(l) % ENTRIES]);
	table[va / level_size(level) % ENTRIES] = pa | flags | PTE_PRESENT |
	    (level > 0 ? PTE_LARGE : 0);
}

static void
map(uint64_t *table, uint64_t va, uint64_t pa, uint64_t size, uint64_t flags)
{
	while (size > 0) {
		unsigned int level = largest_level(va, pa, size);

		map_one(table, va, pa, level, flags);
		va += level_size(level);
		pa += level_size(level);
		size -= level_size(level);
	}
}

static void
map_section(const char *start, const char *end, uint64_t flags)
{
	uint64_t va = (uintptr_t)start;

	/* By single pages: neighbours have other rights. */
	for (; va < (uintptr_t)end; va += PAGE_SIZE)
		map_one(root, va, va - IMAGE_BASE + image_spa, 0,
		    flags | PTE_GLOBAL);
}

static void
map_direct(uint64_t start, uint64_t end)
{
	if (start < end)
		map(root, DIRECTMAP_BASE + start, start, end - start,
		    PTE_WRITE | PTE_NO_EXECUTE | PTE_GLOBAL);
}

/* All but text and constants of the image: those stay read-only. */
static void
map_range(const struct memory_range *r)
{
	uint64_t hole = image_spa;
	uint64_t hole_end = ptr_to_spa(image_rodata_end).v;
	uint64_t end = MIN(r->end, DIRECTMAP_SIZE);

	if (r->type == MEMORY_RESERVED || r->type == MEMORY_UNUSABLE)
		return;
	if (r->start < hole_end && hole < end) {
		map_direct(r->start, MAX(hole, r->start));
		map_direct(MIN(hole_end, end), end);
	} else {
		map_direct(r->start, end);
	}
}

static void
load_root(void)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(ptr_to_spa(root).v)
	    : "memory");
}

void
paging_init(const struct memory_map *memory)
{
	huge_pages = paging_has_huge_pages();
	root = table_new();
	map_section(image_start, image_text_end, 0);
	map_section(image_text_end, image_rodata_end, PTE_NO_EXECUTE);
	map_section(image_rodata_end, image_end, PTE_NO_EXECUTE | PTE_WRITE);
	for (size_t i = 0; i < memory->count; i++)
		map_range(&memory->range[i]);
	load_root();
}

void
paging_map_device(uint64_t start, uint64_t size)
{
	uint64_t end = align_up(start + size, PAGE_SIZE);

	start = align_down(start, PAGE_SIZE);
	map(root, DIRECTMAP_BASE + start, start, end - start,
	    PTE_WRITE | PTE_NO_EXECUTE | PTE_GLOBAL | PTE_UNCACHED);
}

spa_t
paging_trampoline_root(spa_t page)
{
	uint64_t *table = table_new();

	memcpy(table + ENTRIES / 2, root + ENTRIES / 2,
	    ENTRIES / 2 * sizeof(*table));
	map_one(table, page.v, page.v, 0, 0);
	ASSERT(ptr_to_spa(table).v <= UINT32_MAX);
	return ptr_to_spa(table);
}

spa_t
paging_root(void)
{
	return ptr_to_spa(root);
}

bool
paging_has_huge_pages(void)
{
	return cpuid(0x80000000, 0).eax >= 0x80000001 &&
	    (cpuid(0x80000001, 0).edx & CPUID_HUGE) != 0;
}
