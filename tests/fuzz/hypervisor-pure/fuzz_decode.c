/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an instruction, and then carried out. */
#include "core/assert.h"
#include "x86/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct insn *in, size_t size)
{
	uint64_t mem = 0x8877665544332211, reg = 0x1122334455667788;
	uint64_t flags = 2;

	ASSERT(in->length > 0 && in->length <= INSN_MAX_LENGTH);
	ASSERT(in->length <= size);
	ASSERT(in->size == 1 || in->size == 2 || in->size == 4 ||
	    in->size == 8);
	ASSERT(in->reg < 16);
	ASSERT(insn_reads(in) || insn_writes(in));
	insn_execute(in, &mem, &reg, &flags);
	ASSERT(in->size == 8 || mem >> (8 * in->size) == 0);
	ASSERT((flags & ~UINT64_C(0x8d5)) == 2);
	ASSERT(in->has_register || reg == 0x1122334455667788);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct insn in;

	for (unsigned int mode = INSN_MODE_16; mode <= INSN_MODE_64; mode++)
		if (insn_decode(data, size, (enum insn_mode)mode, &in))
			check(&in, size);
	return 0;
}
