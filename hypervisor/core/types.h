/* SPDX-License-Identifier: Apache-2.0 */
/* Integer types, page arithmetic and the two kinds of physical address. */
#ifndef HV_CORE_TYPES_H
#define HV_CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define SIZE_2M		(UINT64_C(1) << 21)
#define SIZE_1G		(UINT64_C(1) << 30)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

/* The structure that has @member at @ptr. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* Guest physical: an address as a partition sees it. */
typedef struct { uint64_t v; } gpa_t;
/* System physical: an address on the machine's bus. */
typedef struct { uint64_t v; } spa_t;

static inline gpa_t
gpa(uint64_t v)
{
	return (gpa_t){ v };
}

static inline spa_t
spa(uint64_t v)
{
	return (spa_t){ v };
}

static inline gpa_t
gpa_add(gpa_t a, uint64_t n)
{
	return (gpa_t){ a.v + n };
}

/* @align is a power of two. */
static inline uint64_t
align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

/* Wraps to 0 when the next multiple does not fit 64 bits. */
static inline uint64_t
align_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static inline bool
is_aligned(uint64_t v, uint64_t align)
{
	return (v & (align - 1)) == 0;
}

#endif /* HV_CORE_TYPES_H */
