/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that pay for a partition's objects: its parent deposited them. */
#ifndef HV_CORE_POOL_H
#define HV_CORE_POOL_H

#include "core/lock.h"

/*
 * Free pages are linked through their first bytes. A page that the pool has
 * given out comes back by pool_free() and leaves for good by pool_withdraw().
 * Every function takes the pool's own lock, rank LOCK_RANK_POOL.
 */
struct pool {
	struct spinlock lock;
	bool grows;		/* takes boot pages when it is empty */
	uint64_t first;		/* physical address of a free page; 0: none */
	uint64_t free_pages;
	uint64_t deposited;	/* pages in the pool or given out */
};

struct pool_counters {
	uint64_t deposited;
	uint64_t in_use;
};

/*
 * An empty pool. With @grows it never lacks pages while there are boot pages:
 * for the hypervisor's own map of the parent.
 */
void pool_init(struct pool *pool, bool grows);

/* Add the page at @page, whose frame the caller has claimed. */
void pool_deposit(struct pool *pool, spa_t page);

/* A zeroed page, or NULL if there is none. */
void *pool_alloc(struct pool *pool);

/* Give back what pool_alloc() gave; NULL is allowed. */
void pool_free(struct pool *pool, void *page);

/*
 * Take a free page out of the pool, zeroed, for the one who deposited it. The
 * caller releases its frame. False if no page is free.
 */
bool pool_withdraw(struct pool *pool, spa_t *page);

struct pool_counters pool_counters(struct pool *pool);

#endif /* HV_CORE_POOL_H */
