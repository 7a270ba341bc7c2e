/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the instruction decoder, in every mode. */
#include <assert.h>

#include "worker/insn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned mode = INSN_MODE_16; mode <= INSN_MODE_64; mode++) {
		uint64_t registers[16] = { 0 };
		struct insn i;

		if (!insn_decode(data, size, (enum insn_mode)mode, &i))
			continue;
		assert(i.length >= 2 && i.length <= INSN_MAX);
		assert(i.length <= size);
		assert(i.size == 1 || i.size == 2 || i.size == 4 ||
		    i.size == 8);
		assert(i.reg < 16);
		if (i.write)
			insn_stored(&i, registers);
		else
			insn_load(&i, UINT64_MAX, registers);
	}
	return 0;
}
