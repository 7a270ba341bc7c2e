/* SPDX-License-Identifier: Apache-2.0 */
/* A fair spinlock with a rank, so that lock order is checked, not hoped for. */
#ifndef HV_CORE_LOCK_H
#define HV_CORE_LOCK_H

#include <mullion/config.h>

#include "core/atomic.h"

/* The order in which locks are taken: a later rank inside an earlier one. */
enum lock_rank {
	LOCK_RANK_STATS		= 2,	/* which statistics pages exist */
	LOCK_RANK_PARTITION	= 4,	/* life cycle, VPs, ports */
	LOCK_RANK_GPAMAP	= 8,	/* one nested map */
	LOCK_RANK_POOL		= 12,	/* one pool of deposited pages */
	LOCK_RANK_TIMER		= 14,	/* one processor's deadlines */
	LOCK_RANK_SIGNAL	= 16,	/* what a root VP has to be told */
	LOCK_RANK_SYNIC		= 18,	/* SynIC and pages of one VP */
	LOCK_RANK_CONSOLE	= 31,	/* written to under any lock */
};

struct spinlock {
	uint16_t next;		/* ticket of the next taker */
	uint16_t owner;		/* ticket that may go ahead */
	uint8_t rank;		/* 1..31; locks are taken in rising rank */
};

#define SPINLOCK_INIT(r)	{ .rank = (r) }

/*
 * The ranks that this processor holds, one bit each. In the hypervisor it is
 * the last word of the processor's stack block; a unit test brings its own.
 */
uint32_t *lock_ranks_held(void);

/* Panic unless all locks held rank below @l; note that it is held. */
void lock_rank_enter(const struct spinlock *l);
void lock_rank_leave(const struct spinlock *l);

static inline void
spinlock_init(struct spinlock *l, uint8_t rank)
{
	*l = (struct spinlock){ .rank = rank };
}

static inline void
spin_lock(struct spinlock *l)
{
	uint16_t ticket;

	if (HV_DEBUG)
		lock_rank_enter(l);
	ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);
	while (atomic_load(&l->owner) != ticket)
		cpu_relax();
}

/* Does not wait and is not bound by rank; false if someone has the lock. */
static inline bool
spin_trylock(struct spinlock *l)
{
	uint16_t ticket = atomic_load(&l->owner);
	uint16_t next = ticket;

	if (!atomic_cas(&l->next, &next, (uint16_t)(ticket + 1)))
		return false;
	if (HV_DEBUG)
		*lock_ranks_held() |= UINT32_C(1) << l->rank;
	return true;
}

static inline void
spin_unlock(struct spinlock *l)
{
	if (HV_DEBUG)
		lock_rank_leave(l);
	atomic_store(&l->owner, (uint16_t)(l->owner + 1));
}

#endif /* HV_CORE_LOCK_H */
