/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that the parent may lose. */
#include "pool.h"

#include <stdbool.h>

#include "lib/payload.h"

#define PAGE 4096u

static uint8_t arena[POOL_PAGES * PAGE]
    __attribute__((aligned(0x200000), section(".arena,\"aw\",@nobits#")));
static bool given[POOL_PAGES];
static size_t given_count, next;

uint64_t
pool_first_pfn(void)
{
	return (uintptr_t)arena / PAGE;
}

size_t
pool_pick(uint64_t *list, size_t count)
{
	size_t found = 0;

	for (size_t tries = 0; tries < POOL_PAGES && found < count; tries++) {
		next = (next + 1) % POOL_PAGES;
		if (!given[next])
			list[found++] = pool_first_pfn() + next;
	}
	return found;
}

/* The page's place in the pool, or POOL_PAGES if it is another page. */
static size_t
pool_index(uint64_t pfn)
{
	uint64_t first = pool_first_pfn();

	if (pfn < first || pfn >= first + POOL_PAGES)
		return POOL_PAGES;
	return (size_t)(pfn - first);
}

void
pool_give(const uint64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = pool_index(list[i]);

		if (at == POOL_PAGES)
			continue;
		if (given[at])
			payload_fail("page 0x%lx was deposited twice",
			    list[i]);
		given[at] = true;
		given_count++;
	}
}

void
pool_take_back(const uint64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = pool_index(list[i]);

		if (at == POOL_PAGES)
			continue;
		if (!given[at])
			payload_fail("page 0x%lx was withdrawn, but never "
			    "deposited", list[i]);
		given[at] = false;
		given_count--;
	}
}

size_t
pool_given(void)
{
	return given_count;
}
