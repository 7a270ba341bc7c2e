/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of virtual processors. */
#include "core/vpset.h"

#include "core/assert.h"
#include <tlfs/interrupt.h>

void
vpset_first(struct vpset *set, unsigned int count)
{
	ASSERT(count <= VPSET_MAX);
	*set = (struct vpset){ 0 };
	for (unsigned int i = 0; i < count / 64; i++)
		set->bank[i] = UINT64_MAX;
	if (count % 64 != 0)
		set->bank[count / 64] = BIT(count % 64) - 1;
}

enum hv_status
vpset_from_banks(struct vpset *set, uint64_t format, uint64_t valid_mask,
    const uint64_t *banks, size_t bank_count, unsigned int vp_count)
{
	struct vpset result = { 0 };

	if (format == HV_GENERIC_SET_ALL) {
		vpset_first(set, vp_count);
		return HV_SUCCESS;
	}
	if (format != HV_GENERIC_SET_SPARSE_4K ||
	    bits_count(valid_mask) != bank_count)
		return HV_INVALID_PARAMETER;
	for (size_t i = 0; i < bank_count; i++) {
		unsigned int bank = bits_lowest(valid_mask);

		valid_mask &= valid_mask - 1;
		if (bank < VPSET_BANKS)
			result.bank[bank] = banks[i];
		else if (banks[i] != 0)
			return HV_INVALID_PARAMETER;
	}
	*set = result;
	return HV_SUCCESS;
}

unsigned int
vpset_next(const struct vpset *set, unsigned int from)
{
	unsigned int bank = from / 64;
	uint64_t bits;

	if (from >= VPSET_MAX)
		return VPSET_MAX;
	bits = set->bank[bank] & (UINT64_MAX << (from % 64));
	while (bits == 0) {
		if (++bank == VPSET_BANKS)
			return VPSET_MAX;
		bits = set->bank[bank];
	}
	return bank * 64 + bits_lowest(bits);
}
