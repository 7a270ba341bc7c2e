/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that pay for a partition's objects. */
#include "core/pool.h"

#include "boot/boot.h"
#include "core/assert.h"
#include "core/frame.h"
#include "core/memory_access.h"
#include "core/string.h"

void
pool_init(struct pool *pool, bool grows)
{
	*pool = (struct pool){ .grows = grows };
	spinlock_init(&pool->lock, LOCK_RANK_POOL);
}

static void
push(struct pool *pool, uint64_t page)
{
	uint64_t *link = spa_to_ptr(spa(page));

	ASSERT(page != 0 && is_aligned(page, PAGE_SIZE));
	*link = pool->first;
	pool->first = page;
	pool->free_pages++;
}

/*
 * The parent still sees a deposited page and can spoil the link in it. What
 * cannot be a free page ends the list: that parent has lost the rest.
 */
static uint64_t
pop(struct pool *pool)
{
	uint64_t page = pool->first;
	uint64_t next;

	if (page == 0)
		return 0;
	next = READ_ONCE(*(uint64_t *)spa_to_ptr(spa(page)));
	pool->free_pages--;
	if (pool->free_pages == 0 || !frame_claimed(spa(next))) {
		pool->free_pages = 0;
		next = 0;
	}
	pool->first = next;
	return page;
}

void
pool_deposit(struct pool *pool, spa_t page)
{
	spin_lock(&pool->lock);
	push(pool, page.v);
	pool->deposited++;
	spin_unlock(&pool->lock);
}

void *
pool_alloc(struct pool *pool)
{
	uint64_t page;
	void *fresh;

	spin_lock(&pool->lock);
	page = pop(pool);
	spin_unlock(&pool->lock);
	if (page != 0)
		return memset(spa_to_ptr(spa(page)), 0, PAGE_SIZE);
	if (!pool->grows)
		return NULL;
	fresh = boot_pages(1);
	if (fresh == NULL)
		return NULL;
	spin_lock(&pool->lock);
	pool->deposited++;
	spin_unlock(&pool->lock);
	return fresh;
}

void
pool_free(struct pool *pool, void *page)
{
	if (page == NULL)
		return;
	spin_lock(&pool->lock);
	ASSERT(pool->free_pages < pool->deposited);
	push(pool, ptr_to_spa(page).v);
	spin_unlock(&pool->lock);
}

bool
pool_withdraw(struct pool *pool, spa_t *page)
{
	uint64_t taken;

	spin_lock(&pool->lock);
	taken = pop(pool);
	if (taken != 0)
		pool->deposited--;
	spin_unlock(&pool->lock);
	if (taken == 0)
		return false;
	memset(spa_to_ptr(spa(taken)), 0, PAGE_SIZE);
	*page = spa(taken);
	return true;
}

struct pool_counters
pool_counters(struct pool *pool)
{
	struct pool_counters c;

	spin_lock(&pool->lock);
	c.deposited = pool->deposited;
	c.in_use = pool->deposited - pool->free_pages;
	spin_unlock(&pool->lock);
	return c;
}
