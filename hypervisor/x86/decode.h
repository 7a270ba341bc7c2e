/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the few instructions that access device-like memory. */
#ifndef HV_X86_DECODE_H
#define HV_X86_DECODE_H

#include "core/types.h"

#define INSN_MAX_LENGTH		15u

/* How CS makes the processor read code. */
enum insn_mode {
	INSN_MODE_16,
	INSN_MODE_32,
	INSN_MODE_64,
};

/*
 * What is done to the memory operand @mem and the other one, @src: a register
 * or a constant. For INSN_LOAD the register is the destination.
 */
enum insn_kind {
	INSN_LOAD,		/* register := mem */
	INSN_LOAD_SIGNED,	/* the same, sign-extended */
	INSN_STORE,		/* mem := src */
	INSN_EXCHANGE,		/* both change */
	INSN_AND,
	INSN_OR,
	INSN_XOR,
	INSN_ADD,
	INSN_SUB,
	INSN_TEST,		/* flags of mem AND src */
	INSN_COMPARE,		/* flags of a subtraction */
};

struct insn {
	uint64_t constant;	/* sign-extended; valid if !has_register */
	uint8_t length;		/* bytes */
	uint8_t kind;		/* enum insn_kind */
	uint8_t size;		/* of the memory operand: 1, 2, 4, 8 */
	uint8_t register_size;	/* of the register, larger if extended */
	uint8_t reg;		/* 0 to 15, as encoded: RAX RCX RDX RBX ... */
	bool has_register;
	bool high_byte;		/* bits 15:8 of register @reg: AH CH DH BH */
	bool to_register;	/* the result goes there, not to memory */
	bool is_string;		/* STOS: RDI then moves by @size */
	uint8_t address_size;	/* of RDI's part that counts: 2, 4, 8 */
};

/* Whether memory is written, and whether it is read. */
bool insn_writes(const struct insn *in);
bool insn_reads(const struct insn *in);

/*
 * Decode the instruction at the start of @bytes. False if it is cut off, is
 * invalid, has no memory operand, or is none that we know.
 */
bool insn_decode(const uint8_t *bytes, size_t size, enum insn_mode mode,
    struct insn *in);

/*
 * Carry out the instruction on @mem, the value in memory (0 if it is not
 * read), and @reg, the whole of the register named (any if there is none).
 * Both become what they are afterwards, as do the arithmetic flags in @rflags.
 */
void insn_execute(const struct insn *in, uint64_t *mem, uint64_t *reg,
    uint64_t *rflags);

#endif /* HV_X86_DECODE_H */
