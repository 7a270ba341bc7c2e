/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's memory in a test: RAM, private regions and boot pages. */
#ifndef TESTS_UNIT_MEMORY_MACHINE_H
#define TESTS_UNIT_MEMORY_MACHINE_H

#include "core/gpamap.h"
#include "core/pool.h"
#include "core/types.h"

/* RAM begins here in "physical" memory; below there is none. */
#define MACHINE_RAM_START	UINT64_C(0x100000)
#define MACHINE_RAM_PAGES	2048u

/* A region that only the hypervisor has, in the middle of the RAM. */
#define MACHINE_PRIVATE_START	UINT64_C(0x400000)
#define MACHINE_PRIVATE_END	UINT64_C(0x403000)

/* A page in it that is no RAM, so that nothing may touch it. */
#define MACHINE_HOLE		UINT64_C(0x500000)

/* Fresh memory, the frames set up; before each test. */
void machine_init(void);

/* The page number of the @n-th page that a test may use as it likes. */
uint64_t machine_pfn(uint32_t n);

/* Deposit @count pages, which no other call has given, into @pool. */
void machine_deposit(struct pool *pool, uint32_t count);

/* Pages of 4 KiB and of 2 MiB into a map, and out of it. */
static inline enum hv_status
machine_map(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    spa_t page, uint32_t perms)
{
	return gpamap_map(map, change, gpn, page, perms, 1);
}

static inline enum hv_status
machine_map_large(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, spa_t page, uint32_t perms)
{
	return gpamap_map(map, change, gpn, page, perms, 2);
}

static inline enum hv_status
machine_unmap(struct gpamap *map, struct gpamap_change *change, uint64_t gpn)
{
	return gpamap_unmap(map, change, gpn, 1);
}

static inline enum hv_status
machine_unmap_large(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn)
{
	return gpamap_unmap(map, change, gpn, 2);
}

#endif /* TESTS_UNIT_MEMORY_MACHINE_H */
