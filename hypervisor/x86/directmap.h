/* SPDX-License-Identifier: Apache-2.0 */
/* The map of all physical memory in the hypervisor's address space. */
#ifndef HV_X86_DIRECTMAP_H
#define HV_X86_DIRECTMAP_H

#include "core/types.h"

#define IMAGE_BASE		UINT64_C(0xffffffff80000000)
#define DIRECTMAP_BASE		UINT64_C(0xffff800000000000)
/* No RAM above is used: 64 TiB, a half of what four levels can map. */
#define DIRECTMAP_SIZE		(UINT64_C(1) << 46)

/* Where in physical memory the image's first byte is. */
extern uint64_t image_spa;

static inline void *
spa_to_ptr(spa_t addr)
{
	return (void *)(uintptr_t)(addr.v + DIRECTMAP_BASE);
}

/* @ptr is in the direct map or in the image. */
static inline spa_t
ptr_to_spa(const void *ptr)
{
	uint64_t v = (uintptr_t)ptr;

	if (v >= IMAGE_BASE)
		return (spa_t){ v - IMAGE_BASE + image_spa };
	return (spa_t){ v - DIRECTMAP_BASE };
}

#endif /* HV_X86_DIRECTMAP_H */
