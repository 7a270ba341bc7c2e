/* SPDX-License-Identifier: Apache-2.0 */
/* Any format, mask and banks as a set of VPs. */
#include <string.h>

#include "core/assert.h"
#include "core/vpset.h"

static bool
contains(const struct vpset *set, unsigned int vp)
{
	return vp < VPSET_MAX && bitmap_test(set->bank, vp);
}

static bool
empty(const struct vpset *set)
{
	return vpset_next(set, 0) == VPSET_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t words[2], banks[64] = { 0 };
	unsigned int vp, last = 0, count = 0;
	struct vpset set = { 0 };
	size_t bank_count;

	if (size < sizeof(words))
		return 0;
	memcpy(words, data, sizeof(words));
	bank_count = MIN((size - sizeof(words)) / 8, ARRAY_SIZE(banks));
	memcpy(banks, data + sizeof(words), bank_count * 8);
	if (vpset_from_banks(&set, words[0] % 3, words[1], banks, bank_count,
	    (unsigned int)(words[0] % (VPSET_MAX + 1))) != HV_SUCCESS)
		ASSERT(empty(&set));
	vpset_for_each(vp, &set) {
		ASSERT(count++ == 0 || vp > last);
		ASSERT(contains(&set, vp));
		last = vp;
	}
	return 0;
}
