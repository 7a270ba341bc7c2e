/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoder for moves to and from memory. The address is not computed: the
 * exit told it already.
 */
#include "worker/insn.h"

struct cursor {
	const uint8_t *bytes;
	size_t len;
	size_t at;
	bool short_of_bytes;
};

struct prefixes {
	bool operand;
	bool address;
	uint8_t rex;
};

enum {
	REX_B = 1,
	REX_R = 4,
	REX_W = 8,
};

static uint8_t
next(struct cursor *c)
{
	if (c->at >= c->len) {
		c->short_of_bytes = true;
		return 0;
	}
	return c->bytes[c->at++];
}

static uint64_t
next_little_endian(struct cursor *c, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)next(c) << (8 * i);
	return v;
}

/* Reads prefixes and returns the first byte of the opcode. */
static uint8_t
prefixes_read(struct cursor *c, enum insn_mode mode, struct prefixes *p)
{
	uint8_t byte;

	*p = (struct prefixes){ .rex = 0 };
	for (;;) {
		byte = next(c);
		if (c->short_of_bytes)
			return 0;
		switch (byte) {
		case 0x66:
			p->operand = true;
			continue;
		case 0x67:
			p->address = true;
			continue;
		case 0x26: case 0x2e: case 0x36: case 0x3e:
		case 0x64: case 0x65:
			continue;
		}
		if (mode != INSN_MODE_64 || (byte & 0xf0) != 0x40)
			return byte;
		/* A REX prefix counts only right before the opcode. */
		p->rex = byte;
		return next(c);
	}
}

static unsigned
address_size(enum insn_mode mode, const struct prefixes *p)
{
	if (mode == INSN_MODE_64)
		return p->address ? 4 : 8;
	return (mode == INSN_MODE_32) != p->address ? 4 : 2;
}

static unsigned
operand_size(enum insn_mode mode, const struct prefixes *p)
{
	if ((p->rex & REX_W) != 0)
		return 8;
	return (mode == INSN_MODE_16) == p->operand ? 4 : 2;
}

static void
skip_displacement_16(struct cursor *c, unsigned mod, unsigned rm)
{
	if (mod == 1)
		next(c);
	else if (mod == 2 || (mod == 0 && rm == 6))
		next_little_endian(c, 2);
}

static void
skip_displacement_32(struct cursor *c, unsigned mod, unsigned rm)
{
	unsigned base = rm;

	if (rm == 4)
		base = next(c) & 7;
	if (mod == 1)
		next(c);
	else if (mod == 2 || (mod == 0 && base == 5))
		next_little_endian(c, 4);
}

/* Reads the ModRM byte and what belongs to it; false if it is no memory. */
static bool
operand_read(struct cursor *c, enum insn_mode mode, const struct prefixes *p,
    unsigned *reg)
{
	uint8_t modrm = next(c);
	unsigned mod = modrm >> 6;

	*reg = modrm >> 3 & 7;
	if (mod == 3)
		return false;
	if (address_size(mode, p) == 2)
		skip_displacement_16(c, mod, modrm & 7);
	else
		skip_displacement_32(c, mod, modrm & 7);
	return true;
}

static void
register_name(struct insn *i, const struct prefixes *p, unsigned reg,
    unsigned bytes)
{
	if (bytes == 1 && p->rex == 0 && reg >= 4) {
		i->high_byte = true;
		reg -= 4;
	}
	i->reg = (uint8_t)(reg + ((p->rex & REX_R) != 0 ? 8 : 0));
}

/* MOV with a ModRM byte: 88 to 8B. */
static bool
decode_register(struct cursor *c, enum insn_mode mode,
    const struct prefixes *p, uint8_t opcode, struct insn *i)
{
	unsigned reg;

	i->size = (opcode & 1) == 0 ? 1 : (uint8_t)operand_size(mode, p);
	i->write = (opcode & 2) == 0;
	i->target_size = i->size;
	if (!operand_read(c, mode, p, &reg))
		return false;
	register_name(i, p, reg, i->size);
	return true;
}

/* MOV of a constant: C6 and C7, where the register field is 0. */
static bool
decode_immediate(struct cursor *c, enum insn_mode mode,
    const struct prefixes *p, uint8_t opcode, struct insn *i)
{
	unsigned reg, bytes;

	i->size = opcode == 0xc6 ? 1 : (uint8_t)operand_size(mode, p);
	i->write = true;
	i->immediate = true;
	if (!operand_read(c, mode, p, &reg) || reg != 0)
		return false;
	bytes = i->size < 4 ? i->size : 4;
	i->value = next_little_endian(c, bytes);
	if (i->size == 8)
		i->value = (uint64_t)(int64_t)(int32_t)i->value;
	return true;
}

/* MOV between the accumulator and an address in the code: A0 to A3. */
static bool
decode_accumulator(struct cursor *c, enum insn_mode mode,
    const struct prefixes *p, uint8_t opcode, struct insn *i)
{
	i->size = (opcode & 1) == 0 ? 1 : (uint8_t)operand_size(mode, p);
	i->write = (opcode & 2) != 0;
	i->target_size = i->size;
	next_little_endian(c, address_size(mode, p));
	return true;
}

/* MOVZX and MOVSX: 0F B6, B7, BE, BF. */
static bool
decode_extend(struct cursor *c, enum insn_mode mode, const struct prefixes *p,
    struct insn *i)
{
	uint8_t opcode = next(c);
	unsigned reg;

	if ((opcode & 0xf6) != 0xb6)
		return false;
	i->size = (opcode & 1) == 0 ? 1 : 2;
	i->extend = (opcode & 8) == 0 ? INSN_ZERO : INSN_SIGN;
	i->target_size = (uint8_t)operand_size(mode, p);
	if (!operand_read(c, mode, p, &reg))
		return false;
	register_name(i, p, reg, i->target_size);
	return true;
}

bool
insn_decode(const uint8_t *bytes, size_t len, enum insn_mode mode,
    struct insn *out)
{
	struct cursor c = { .bytes = bytes,
		.len = len < INSN_MAX ? len : INSN_MAX };
	struct prefixes p;
	uint8_t opcode = prefixes_read(&c, mode, &p);
	bool known = false;

	*out = (struct insn){ .extend = INSN_KEEP };
	if (opcode >= 0x88 && opcode <= 0x8b)
		known = decode_register(&c, mode, &p, opcode, out);
	else if (opcode == 0xc6 || opcode == 0xc7)
		known = decode_immediate(&c, mode, &p, opcode, out);
	else if (opcode >= 0xa0 && opcode <= 0xa3)
		known = decode_accumulator(&c, mode, &p, opcode, out);
	else if (opcode == 0x0f)
		known = decode_extend(&c, mode, &p, out);
	out->length = (uint8_t)c.at;
	return known && !c.short_of_bytes;
}

static uint64_t
low_bytes(uint64_t value, unsigned bytes)
{
	return bytes >= 8 ? value : value & ((UINT64_C(1) << 8 * bytes) - 1);
}

uint64_t
insn_stored(const struct insn *i, const uint64_t registers[16])
{
	uint64_t value;

	if (i->immediate)
		return low_bytes(i->value, i->size);
	value = registers[i->reg & 15];
	if (i->high_byte)
		value >>= 8;
	return low_bytes(value, i->size);
}

void
insn_load(const struct insn *i, uint64_t value, uint64_t registers[16])
{
	uint64_t *r = &registers[i->reg & 15];
	uint64_t top = UINT64_C(1) << (8 * i->size - 1);
	unsigned shift = i->high_byte ? 8 : 0;
	uint64_t keep;

	value = low_bytes(value, i->size);
	if (i->extend == INSN_SIGN)
		value = low_bytes((value ^ top) - top, i->target_size);
	/* Writing 4 bytes of a register clears the other 4. */
	if (i->target_size >= 4) {
		*r = value;
		return;
	}
	keep = ~(low_bytes(~UINT64_C(0), i->target_size) << shift);
	*r = (*r & keep) | value << shift;
}
