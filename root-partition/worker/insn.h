/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the moves with which kernels reach device registers in memory. */
#ifndef MULLION_WORKER_INSN_H
#define MULLION_WORKER_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_MAX 15

enum insn_mode {
	INSN_MODE_16,
	INSN_MODE_32,
	INSN_MODE_64,
};

/* What a read does with the bits of the register that it does not fill. */
enum insn_extend {
	INSN_KEEP,	/* 1 and 2 bytes; 4 bytes clear the upper half */
	INSN_ZERO,
	INSN_SIGN,
};

struct insn {
	uint8_t length;
	uint8_t size;		/* bytes in memory: 1, 2, 4 or 8 */
	uint8_t target_size;	/* bytes of the register, for @extend */
	bool write;		/* to memory */
	bool immediate;		/* what is written is @value */
	bool high_byte;		/* the register is AH, CH, DH or BH */
	uint8_t reg;		/* 0 RAX, 1 RCX, 2 RDX, 3 RBX, 4 RSP ... 15 */
	enum insn_extend extend;
	uint64_t value;
};

/*
 * Decode the instruction at @bytes, which touched memory. False when it is
 * none of MOV, MOVZX and MOVSX, or goes on after @len bytes.
 */
bool insn_decode(const uint8_t *bytes, size_t len, enum insn_mode mode,
    struct insn *out);

/* The bytes that a write stores; @registers are the 16 in order of number. */
uint64_t insn_stored(const struct insn *i, const uint64_t registers[16]);

/* Put what a read found into the register it names. */
void insn_load(const struct insn *i, uint64_t value, uint64_t registers[16]);

#endif
