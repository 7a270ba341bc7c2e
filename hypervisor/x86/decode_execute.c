/* SPDX-License-Identifier: Apache-2.0 */
/* What a decoded instruction does to its operands and the flags. */
#include "x86/decode.h"

#include "core/bits.h"

#define RFLAGS_CF	UINT64_C(0x001)
#define RFLAGS_PF	UINT64_C(0x004)
#define RFLAGS_AF	UINT64_C(0x010)
#define RFLAGS_ZF	UINT64_C(0x040)
#define RFLAGS_SF	UINT64_C(0x080)
#define RFLAGS_OF	UINT64_C(0x800)
#define RFLAGS_ARITHMETIC	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | \
				    RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

bool
insn_writes(const struct insn *in)
{
	switch (in->kind) {
	case INSN_LOAD:
	case INSN_LOAD_SIGNED:
	case INSN_TEST:
	case INSN_COMPARE:
		return false;
	case INSN_STORE:
	case INSN_EXCHANGE:
		return true;
	default:
		return !in->to_register;
	}
}

bool
insn_reads(const struct insn *in)
{
	return in->kind != INSN_STORE;
}

static uint64_t
truncate(uint64_t value, unsigned int size)
{
	return value & (UINT64_MAX >> (64 - 8 * size));
}

static uint64_t
sign_bit(unsigned int size)
{
	return BIT(8 * size - 1);
}

static uint64_t
sign_extend(uint64_t value, unsigned int from)
{
	return (truncate(value, from) ^ sign_bit(from)) - sign_bit(from);
}

/* The operand's share of the register. */
static uint64_t
register_get(const struct insn *in, uint64_t reg)
{
	return in->high_byte ? (reg >> 8) & 0xff :
	    truncate(reg, in->register_size);
}

/* The register with @result in the operand's share. */
static uint64_t
register_set(const struct insn *in, uint64_t reg, uint64_t result)
{
	result = truncate(result, in->register_size);
	if (in->high_byte)
		return (reg & ~UINT64_C(0xff00)) | result << 8;
	if (in->register_size >= 4)
		return result;
	return (reg & ~truncate(UINT64_MAX, in->register_size)) | result;
}

static uint64_t
flags_of_result(uint64_t result, unsigned int size)
{
	uint64_t flags = 0;

	if (result == 0)
		flags |= RFLAGS_ZF;
	if ((result & sign_bit(size)) != 0)
		flags |= RFLAGS_SF;
	if (bits_count(result & 0xff) % 2 == 0)
		flags |= RFLAGS_PF;
	return flags;
}

/* @a + @b = @sum, or, the other way round, @sum - @b = @a. */
static uint64_t
flags_of_sum(uint64_t a, uint64_t b, uint64_t sum, unsigned int size)
{
	uint64_t carries = (a & b) | ((a | b) & ~sum);
	uint64_t flags = (a ^ b ^ sum) & RFLAGS_AF;

	if ((carries & sign_bit(size)) != 0)
		flags |= RFLAGS_CF;
	if (((a ^ sum) & (b ^ sum) & sign_bit(size)) != 0)
		flags |= RFLAGS_OF;
	return flags;
}

static uint64_t
arithmetic(enum insn_kind kind, uint64_t to, uint64_t by, unsigned int size,
    uint64_t *rflags)
{
	uint64_t result, flags = 0;

	switch (kind) {
	case INSN_AND:
	case INSN_TEST:
		result = to & by;
		break;
	case INSN_OR:
		result = to | by;
		break;
	case INSN_XOR:
		result = to ^ by;
		break;
	case INSN_ADD:
		result = truncate(to + by, size);
		flags = flags_of_sum(to, by, result, size);
		break;
	default:
		result = truncate(to - by, size);
		flags = flags_of_sum(result, by, to, size);
		break;
	}
	flags |= flags_of_result(result, size);
	*rflags = (*rflags & ~RFLAGS_ARITHMETIC) | flags;
	return result;
}

static void
execute_arithmetic(const struct insn *in, uint64_t other, uint64_t *mem,
    uint64_t *reg, uint64_t *rflags)
{
	enum insn_kind kind = (enum insn_kind)in->kind;
	uint64_t to = in->to_register ? other : *mem;
	uint64_t by = in->to_register ? *mem : other;
	uint64_t result = arithmetic(kind, to, by, in->size, rflags);

	if (kind == INSN_TEST || kind == INSN_COMPARE)
		return;
	if (in->to_register)
		*reg = register_set(in, *reg, result);
	else
		*mem = result;
}

void
insn_execute(const struct insn *in, uint64_t *mem, uint64_t *reg,
    uint64_t *rflags)
{
	uint64_t other = in->has_register ? register_get(in, *reg) :
	    truncate(in->constant, in->size);

	*mem = truncate(*mem, in->size);
	switch (in->kind) {
	case INSN_LOAD:
		*reg = register_set(in, *reg, *mem);
		break;
	case INSN_LOAD_SIGNED:
		*reg = register_set(in, *reg, sign_extend(*mem, in->size));
		break;
	case INSN_STORE:
		*mem = other;
		break;
	case INSN_EXCHANGE:
		*reg = register_set(in, *reg, *mem);
		*mem = other;
		break;
	default:
		execute_arithmetic(in, other, mem, reg, rflags);
		break;
	}
}
