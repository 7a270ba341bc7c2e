/* SPDX-License-Identifier: Apache-2.0 */
/* Lock order, checked when a lock is taken and when it is released. */

#include "core/lock.h"

#include "core/assert.h"

void
lock_rank_enter(const struct spinlock *l)
{
	uint32_t *held = lock_ranks_held();

	ASSERT(l->rank > 0 && l->rank < 32);
	if (*held >> l->rank != 0)
		panic("lock of rank %u taken while ranks 0x%x are held",
		    l->rank, *held);
	*held |= UINT32_C(1) << l->rank;
}

void
lock_rank_leave(const struct spinlock *l)
{
	uint32_t *held = lock_ranks_held();
	uint32_t bit = UINT32_C(1) << l->rank;

	ASSERT((*held & bit) != 0);
	*held &= ~bit;
}
