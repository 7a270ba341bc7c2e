/* SPDX-License-Identifier: Apache-2.0 */
/* A set of virtual processors of one partition. */
#ifndef HV_CORE_VPSET_H
#define HV_CORE_VPSET_H

#include "core/bits.h"
#include <tlfs/status.h>

#define VPSET_BANKS	4u
#define VPSET_MAX	(VPSET_BANKS * 64u)

struct vpset {
	uint64_t bank[VPSET_BANKS];
};

/* The first @count VPs; @count <= VPSET_MAX. */
void vpset_first(struct vpset *set, unsigned int count);

/* The VPs 0 to 63 whose bits are set, as the older calls tell them. */
static inline void
vpset_from_mask(struct vpset *set, uint64_t mask)
{
	*set = (struct vpset){ .bank = { mask } };
}

/*
 * As the TLFS tells it: @format, a bit in @valid_mask for each bank that is
 * told, and these @bank_count @banks in order. HV_GENERIC_SET_ALL is the first
 * @vp_count. Errors: HV_INVALID_PARAMETER for an unknown format, a count that
 * is not that of @valid_mask, or a VP that no partition can have.
 */
enum hv_status vpset_from_banks(struct vpset *set, uint64_t format,
    uint64_t valid_mask, const uint64_t *banks, size_t bank_count,
    unsigned int vp_count);

/* The first member that is >= @from, or VPSET_MAX. */
unsigned int vpset_next(const struct vpset *set, unsigned int from);

#define vpset_for_each(vp, set) \
	for ((vp) = vpset_next((set), 0); (vp) < VPSET_MAX; \
	    (vp) = vpset_next((set), (vp) + 1))

#endif /* HV_CORE_VPSET_H */
