/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the few instructions that access device-like memory. */
#include "x86/decode.h"

#define REX_W		0x8u
#define REX_R		0x4u
#define TWO_BYTE	0x0f00u

struct cursor {
	const uint8_t *bytes;
	size_t size;
	size_t at;
};

struct prefixes {
	enum insn_mode mode;
	bool operand;
	bool address;
	bool lock;
	bool repeat;
	bool has_rex;
	uint8_t rex;
};

enum operand {
	OPERAND_FROM_REGISTER,
	OPERAND_TO_REGISTER,
	OPERAND_CONSTANT_8,
	OPERAND_CONSTANT,
};

/* What an opcode means; @size 0: what the prefixes say. */
struct form {
	enum insn_kind kind;
	enum operand operand;
	uint8_t size;
};

static bool
take_byte(struct cursor *c, uint8_t *byte)
{
	if (c->at >= c->size)
		return false;
	*byte = c->bytes[c->at++];
	return true;
}

/* @count <= 8 bytes, sign-extended. */
static bool
take_value(struct cursor *c, unsigned int count, uint64_t *value)
{
	uint8_t byte = 0;

	*value = 0;
	for (unsigned int i = 0; i < count; i++) {
		if (!take_byte(c, &byte))
			return false;
		*value |= (uint64_t)byte << (8 * i);
	}
	if ((byte & 0x80) != 0 && count < 8)
		*value |= UINT64_MAX << (8 * count);
	return true;
}

/* Whether @byte is a prefix other than REX. */
static bool
prefix_note(struct prefixes *p, uint8_t byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
		return true;
	case 0x66:
		p->operand = true;
		return true;
	case 0x67:
		p->address = true;
		return true;
	case 0xf0:
		p->lock = true;
		return true;
	case 0xf2: case 0xf3:
		p->repeat = true;
		return true;
	default:
		return false;
	}
}

/* Takes the prefixes and the opcode. */
static bool
take_opcode(struct cursor *c, struct prefixes *p, unsigned int *opcode)
{
	uint8_t byte;

	do {
		if (!take_byte(c, &byte))
			return false;
	} while (prefix_note(p, byte));
	if (p->mode == INSN_MODE_64 && (byte & 0xf0) == 0x40) {
		p->has_rex = true;
		p->rex = byte;
		if (!take_byte(c, &byte))
			return false;
	}
	*opcode = byte;
	if (byte != 0x0f)
		return true;
	if (!take_byte(c, &byte))
		return false;
	*opcode = TWO_BYTE | byte;
	return true;
}

static uint8_t
operand_size(const struct prefixes *p)
{
	if ((p->rex & REX_W) != 0)
		return 8;
	return p->operand == (p->mode == INSN_MODE_16) ? 4 : 2;
}

static uint8_t
address_size(const struct prefixes *p)
{
	if (p->mode == INSN_MODE_64)
		return p->address ? 4 : 8;
	return p->address == (p->mode == INSN_MODE_16) ? 4 : 2;
}

/* Bytes of displacement after ModRM; takes the SIB byte, if there is one. */
static bool
take_sib(struct cursor *c, uint8_t modrm, uint8_t address,
    unsigned int *displacement)
{
	unsigned int mod = modrm >> 6, base = modrm & 7;
	unsigned int wide = address == 2 ? 2 : 4;
	uint8_t sib;

	if (address != 2 && base == 4) {
		if (!take_byte(c, &sib))
			return false;
		base = sib & 7;
	}
	if (mod == 0)
		*displacement = base == (address == 2 ? 6 : 5) ? wide : 0;
	else
		*displacement = mod == 1 ? 1 : wide;
	return true;
}

/* Takes ModRM and what belongs to it; it must name memory. */
static bool
take_modrm(struct cursor *c, const struct prefixes *p, uint8_t *reg)
{
	unsigned int displacement;
	uint64_t unused;
	uint8_t modrm;

	if (!take_byte(c, &modrm) || modrm >> 6 == 3)
		return false;
	*reg = (modrm >> 3) & 7;
	return take_sib(c, modrm, address_size(p), &displacement) &&
	    take_value(c, displacement, &unused);
}

/* The arithmetic that bits 5:3 of an opcode or of ModRM select. */
static bool
arithmetic(unsigned int code, enum insn_kind *kind)
{
	static const uint8_t kinds[8] = {
		INSN_ADD, INSN_OR, 0, 0, INSN_AND, INSN_SUB, INSN_XOR,
		INSN_COMPARE,
	};

	*kind = (enum insn_kind)kinds[code];
	return kinds[code] != 0;	/* else it is with carry */
}

/* Opcodes whose other operand is the register that ModRM names. */
static bool
form_register(unsigned int opcode, struct form *f)
{
	f->operand = OPERAND_FROM_REGISTER;
	switch (opcode) {
	case 0x84: case 0x85:
		f->kind = INSN_TEST;
		break;
	case 0x86: case 0x87:
		f->kind = INSN_EXCHANGE;
		break;
	case 0x8a: case 0x8b:
		f->operand = OPERAND_TO_REGISTER;
		f->kind = INSN_LOAD;
		break;
	case 0x88: case 0x89: case TWO_BYTE | 0xc3:
		f->kind = INSN_STORE;
		break;
	default:
		if (opcode >= 0x40 || (opcode & 4) != 0)
			return false;
		if ((opcode & 2) != 0)
			f->operand = OPERAND_TO_REGISTER;
		if (!arithmetic(opcode >> 3, &f->kind))
			return false;
		break;
	}
	f->size = opcode < TWO_BYTE && (opcode & 1) == 0 ? 1 : 0;
	return true;
}

/* Opcodes that extend what they load. */
static bool
form_extend(unsigned int opcode, const struct prefixes *p, struct form *f)
{
	f->operand = OPERAND_TO_REGISTER;
	switch (opcode) {
	case 0x63:
		if (p->mode != INSN_MODE_64 || operand_size(p) == 2)
			return false;
		f->size = 4;
		break;
	case TWO_BYTE | 0xb6: case TWO_BYTE | 0xbe:
		f->size = 1;
		break;
	case TWO_BYTE | 0xb7: case TWO_BYTE | 0xbf:
		f->size = 2;
		break;
	default:
		return false;
	}
	f->kind = (opcode & 0xf0) == 0xb0 && (opcode & 8) == 0 ? INSN_LOAD :
	    INSN_LOAD_SIGNED;
	return true;
}

/* Opcodes whose other operand is a constant; ModRM's @ext says more. */
static bool
form_constant(unsigned int opcode, unsigned int ext, struct form *f)
{
	f->operand = opcode == 0x83 ? OPERAND_CONSTANT_8 : OPERAND_CONSTANT;
	f->size = (opcode & 1) == 0 ? 1 : 0;
	switch (opcode) {
	case 0x80: case 0x81: case 0x83:
		return arithmetic(ext, &f->kind);
	case 0xc6: case 0xc7:
		f->kind = INSN_STORE;
		return ext == 0;
	case 0xf6: case 0xf7:
		f->kind = INSN_TEST;
		return ext <= 1;
	default:
		return false;
	}
}

static void
register_name(struct insn *in, const struct prefixes *p, uint8_t reg)
{
	in->has_register = true;
	if (in->register_size == 1 && !p->has_rex && reg >= 4) {
		in->high_byte = true;
		reg -= 4;
	}
	in->reg = (uint8_t)(reg | ((p->rex & REX_R) != 0 ? 8u : 0u));
}

static bool
decode_modrm(struct cursor *c, const struct prefixes *p, unsigned int opcode,
    struct insn *in)
{
	struct form f = { 0 };
	uint8_t reg;

	if (!take_modrm(c, p, &reg))
		return false;
	if (!form_register(opcode, &f) && !form_extend(opcode, p, &f) &&
	    !form_constant(opcode, reg, &f))
		return false;
	in->kind = (uint8_t)f.kind;
	in->size = f.size != 0 ? f.size : operand_size(p);
	/* All but byte instructions and the extending ones: the same. */
	in->register_size = f.size == 1 && opcode < TWO_BYTE ? 1 :
	    operand_size(p);
	if (opcode == (TWO_BYTE | 0xc3) && in->size == 2)
		return false;
	if (f.operand == OPERAND_CONSTANT_8)
		return take_value(c, 1, &in->constant);
	if (f.operand == OPERAND_CONSTANT)
		return take_value(c, MIN(in->size, 4u), &in->constant);
	in->to_register = f.operand == OPERAND_TO_REGISTER;
	register_name(in, p, reg);
	return true;
}

/* MOV between RAX and an address in the instruction, and STOS. */
static bool
decode_accumulator(struct cursor *c, const struct prefixes *p,
    unsigned int opcode, struct insn *in)
{
	uint64_t address;

	in->size = (opcode & 1) == 0 ? 1 : operand_size(p);
	in->register_size = in->size;
	in->has_register = true;
	in->kind = INSN_STORE;
	if (opcode >= 0xaa) {
		in->is_string = true;
		return !p->repeat;
	}
	if (opcode <= 0xa1) {
		in->kind = INSN_LOAD;
		in->to_register = true;
	}
	return take_value(c, in->address_size, &address);
}

/* LOCK is for what reads and writes memory. */
static bool
lock_allowed(const struct insn *in)
{
	return in->kind == INSN_EXCHANGE || (insn_writes(in) && insn_reads(in));
}

bool
insn_decode(const uint8_t *bytes, size_t size, enum insn_mode mode,
    struct insn *in)
{
	struct cursor c = {
		.bytes = bytes,
		.size = MIN(size, INSN_MAX_LENGTH),
	};
	struct prefixes p = { .mode = mode };
	unsigned int opcode;
	bool known;

	*in = (struct insn){ 0 };
	if (!take_opcode(&c, &p, &opcode))
		return false;
	in->address_size = address_size(&p);
	if ((opcode & ~3u) == 0xa0 || opcode == 0xaa || opcode == 0xab)
		known = decode_accumulator(&c, &p, opcode, in);
	else
		known = decode_modrm(&c, &p, opcode, in);
	if (!known || (p.lock && !lock_allowed(in)))
		return false;
	in->length = (uint8_t)c.at;
	return true;
}
