/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers on bits and bit fields. */
#ifndef HV_CORE_BITS_H
#define HV_CORE_BITS_H

#include "core/types.h"

#define BIT(n)		(UINT64_C(1) << (n))

/* Bits @hi down to @lo, as a mask in place; hi >= lo, both below 64. */
#define BITS(hi, lo) \
	((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))

/* Number of the lowest or highest set bit; @v is not 0. */
static inline unsigned int
bits_lowest(uint64_t v)
{
	return (unsigned int)__builtin_ctzll(v);
}

static inline unsigned int
bits_highest(uint64_t v)
{
	return 63 ^ (unsigned int)__builtin_clzll(v);
}

/* Without the POPCNT instruction, which not every processor has. */
static inline unsigned int
bits_count(uint64_t v)
{
	v -= (v >> 1) & UINT64_C(0x5555555555555555);
	v = (v & UINT64_C(0x3333333333333333)) +
	    ((v >> 2) & UINT64_C(0x3333333333333333));
	v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned int)((v * UINT64_C(0x0101010101010101)) >> 56);
}

static inline bool
bitmap_test(const uint64_t *map, size_t bit)
{
	return (map[bit / 64] >> (bit % 64)) & 1;
}

static inline void
bitmap_set(uint64_t *map, size_t bit)
{
	map[bit / 64] |= BIT(bit % 64);
}

static inline void
bitmap_clear(uint64_t *map, size_t bit)
{
	map[bit / 64] &= ~BIT(bit % 64);
}

#endif /* HV_CORE_BITS_H */
