/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic loads, stores and read-modify-writes of any integer or pointer. */
#ifndef HV_CORE_ATOMIC_H
#define HV_CORE_ATOMIC_H

#include "core/types.h"

/* Once and whole, without order: for flags that another processor sets. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

#define atomic_load(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_store(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* These return the old value and are full barriers. */
#define atomic_swap(p, v)	__atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_add(p, v)	__atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_sub(p, v)	__atomic_fetch_sub((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_or(p, v)	__atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_and(p, v)	__atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)

/*
 * Puts @v where @p points if *@expected is there; else *@expected becomes
 * what was there. True if it was put.
 */
#define atomic_cas(p, expected, v) \
	__atomic_compare_exchange_n((p), (expected), (v), false, \
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define atomic_fence()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

/* Bit @bit of the bitmap at @map of 64-bit words; returns the old bit. */
static inline bool
atomic_bit_set(uint64_t *map, unsigned int bit)
{
	uint64_t mask = UINT64_C(1) << (bit % 64);

	return (atomic_fetch_or(&map[bit / 64], mask) & mask) != 0;
}

/* In the body of a loop that waits for another processor. */
static inline void
cpu_relax(void)
{
	__builtin_ia32_pause();
}

#endif /* HV_CORE_ATOMIC_H */
