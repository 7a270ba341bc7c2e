/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder against a table of encodings, and what instructions do. */
#include <criterion/criterion.h>
#include <string.h>

#include "x86/decode.h"

#define CODE(...)	(const uint8_t[]){ __VA_ARGS__ }, \
			    sizeof((const uint8_t[]){ __VA_ARGS__ })

struct encoding {
	const char *text;
	const uint8_t *bytes;
	size_t size;
	enum insn_mode mode;
	struct insn expected;
};

#define M16	INSN_MODE_16
#define M32	INSN_MODE_32
#define M64	INSN_MODE_64

/* Kind, memory size, register and its size. */
#define LOAD(k, s, r, rs) { .kind = INSN_##k, .size = (s), .reg = (r), \
	.register_size = (rs), .has_register = true, .to_register = true }
#define FROM(k, s, r) { .kind = INSN_##k, .size = (s), .reg = (r), \
	.register_size = (s), .has_register = true }
#define CONST(k, s, c) { .kind = INSN_##k, .size = (s), \
	.constant = (uint64_t)(int64_t)(c) }

static const struct encoding known[] = {
	{ "mov %eax,(%rdi)", CODE(0x89, 0x07), M64, FROM(STORE, 4, 0) },
	{ "mov %eax,-0xa03d00", CODE(0x89, 0x04, 0x25, 0x00, 0xc3, 0x5f, 0xff),
	    M64, FROM(STORE, 4, 0) },
	{ "mov %r9,8(%r10)", CODE(0x4d, 0x89, 0x4a, 0x08), M64,
	    FROM(STORE, 8, 9) },
	{ "mov %ax,(%rdi)", CODE(0x66, 0x89, 0x07), M64, FROM(STORE, 2, 0) },
	{ "mov %cl,(%rdi)", CODE(0x88, 0x0f), M64, FROM(STORE, 1, 1) },
	{ "mov %sil,(%rdi)", CODE(0x40, 0x88, 0x37), M64, FROM(STORE, 1, 6) },
	{ "mov %dh,(%rdi)", CODE(0x88, 0x37), M64, { .kind = INSN_STORE,
	    .size = 1, .register_size = 1, .reg = 2, .has_register = true,
	    .high_byte = true } },
	{ "mov (%rdi),%edx", CODE(0x8b, 0x17), M64, LOAD(LOAD, 4, 2, 4) },
	{ "mov (%rdi),%r15", CODE(0x4c, 0x8b, 0x3f), M64,
	    LOAD(LOAD, 8, 15, 8) },
	{ "mov 0x80(%rip),%ecx", CODE(0x8b, 0x0d, 0x80, 0, 0, 0), M64,
	    LOAD(LOAD, 4, 1, 4) },
	{ "mov 0x20(%rsp),%al", CODE(0x8a, 0x44, 0x24, 0x20), M64,
	    LOAD(LOAD, 1, 0, 1) },
	{ "mov 0x20(,%rax,8),%al", CODE(0x8a, 0x04, 0xc5, 0x20, 0, 0, 0), M64,
	    LOAD(LOAD, 1, 0, 1) },
	{ "mov 1000(%r13,%rax),%al", CODE(0x41, 0x8a, 0x84, 0x05, 0xe8, 3, 0,
	    0), M64, LOAD(LOAD, 1, 0, 1) },
	{ "movl $0xff,(%rdi)", CODE(0xc7, 0x07, 0xff, 0, 0, 0), M64,
	    CONST(STORE, 4, 0xff) },
	{ "movq $-1,(%rdi)", CODE(0x48, 0xc7, 0x07, 0xff, 0xff, 0xff, 0xff),
	    M64, CONST(STORE, 8, -1) },
	{ "movw $0x1234,(%rdi)", CODE(0x66, 0xc7, 0x07, 0x34, 0x12), M64,
	    CONST(STORE, 2, 0x1234) },
	{ "movb $0x80,(%rdi)", CODE(0xc6, 0x07, 0x80), M64,
	    CONST(STORE, 1, -128) },
	{ "movl $0,0xb0(%rax)", CODE(0xc7, 0x80, 0xb0, 0, 0, 0, 0, 0, 0, 0),
	    M64, CONST(STORE, 4, 0) },
	{ "movnti %eax,(%rdi)", CODE(0x0f, 0xc3, 0x07), M64,
	    FROM(STORE, 4, 0) },
	{ "movzbl (%rdi),%eax", CODE(0x0f, 0xb6, 0x07), M64,
	    LOAD(LOAD, 1, 0, 4) },
	{ "movzwq (%rdi),%r8", CODE(0x4c, 0x0f, 0xb7, 0x07), M64,
	    LOAD(LOAD, 2, 8, 8) },
	{ "movsbw (%rdi),%ax", CODE(0x66, 0x0f, 0xbe, 0x07), M64,
	    LOAD(LOAD_SIGNED, 1, 0, 2) },
	{ "movswl (%rdi),%esi", CODE(0x0f, 0xbf, 0x37), M64,
	    LOAD(LOAD_SIGNED, 2, 6, 4) },
	{ "movslq (%rdi),%rax", CODE(0x48, 0x63, 0x07), M64,
	    LOAD(LOAD_SIGNED, 4, 0, 8) },
	{ "xchg %eax,(%rdi)", CODE(0x87, 0x07), M64, FROM(EXCHANGE, 4, 0) },
	{ "lock xchg %al,(%rdi)", CODE(0xf0, 0x86, 0x07), M64,
	    FROM(EXCHANGE, 1, 0) },
	{ "test %eax,(%rdi)", CODE(0x85, 0x07), M64, FROM(TEST, 4, 0) },
	{ "testl $0x1000,0x300(%rdi)", CODE(0xf7, 0x87, 0, 3, 0, 0, 0, 0x10, 0,
	    0), M64, CONST(TEST, 4, 0x1000) },
	{ "testb $1,(%rdi)", CODE(0xf6, 0x07, 1), M64, CONST(TEST, 1, 1) },
	{ "and %ecx,(%rdi)", CODE(0x21, 0x0f), M64, FROM(AND, 4, 1) },
	{ "and (%rdi),%ecx", CODE(0x23, 0x0f), M64, LOAD(AND, 4, 1, 4) },
	{ "andl $-2,(%rdi)", CODE(0x83, 0x27, 0xfe), M64, CONST(AND, 4, -2) },
	{ "andb $0xf,(%rdi)", CODE(0x80, 0x27, 0x0f), M64, CONST(AND, 1, 15) },
	{ "orl $0x100,(%rdi)", CODE(0x81, 0x0f, 0, 1, 0, 0), M64,
	    CONST(OR, 4, 0x100) },
	{ "lock orq $1,(%rdi)", CODE(0xf0, 0x48, 0x83, 0x0f, 1), M64,
	    CONST(OR, 8, 1) },
	{ "xor %al,(%rdi)", CODE(0x30, 0x07), M64, FROM(XOR, 1, 0) },
	{ "add %eax,(%rdi)", CODE(0x01, 0x07), M64, FROM(ADD, 4, 0) },
	{ "sub (%rdi),%eax", CODE(0x2b, 0x07), M64, LOAD(SUB, 4, 0, 4) },
	{ "cmpl $7,(%rdi)", CODE(0x83, 0x3f, 7), M64, CONST(COMPARE, 4, 7) },
	{ "cmp %edx,(%rdi)", CODE(0x39, 0x17), M64, FROM(COMPARE, 4, 2) },
	{ "stos %eax,(%rdi)", CODE(0xab), M64, { .kind = INSN_STORE, .size = 4,
	    .register_size = 4, .has_register = true, .is_string = true } },
	{ "movabs %eax,0xfee00300", CODE(0xa3, 0, 3, 0xe0, 0xfe, 0, 0, 0, 0),
	    M64, FROM(STORE, 4, 0) },
	{ "mov 0xfee00020,%eax", CODE(0xa1, 0x20, 0, 0xe0, 0xfe), M32,
	    LOAD(LOAD, 4, 0, 4) },
	{ "mov %eax,0xfee00300", CODE(0xa3, 0, 3, 0xe0, 0xfe), M32,
	    FROM(STORE, 4, 0) },
	{ "mov %eax,0xfee000b0", CODE(0x89, 0x05, 0xb0, 0, 0xe0, 0xfe), M32,
	    FROM(STORE, 4, 0) },
	{ "mov %ax,8(%bp) in 32-bit code", CODE(0x67, 0x66, 0x89, 0x46, 8),
	    M32, FROM(STORE, 2, 0) },
	{ "mov %ax,0x1234", CODE(0x89, 0x06, 0x34, 0x12), M16,
	    FROM(STORE, 2, 0) },
	{ "mov %eax,%es:(%di)", CODE(0x26, 0x66, 0x89, 0x05), M16,
	    FROM(STORE, 4, 0) },
	{ "mov %eax,4(%eax) in 16-bit code", CODE(0x67, 0x66, 0x89, 0x40, 4),
	    M16, FROM(STORE, 4, 0) },
	{ "movl $5,%gs:(%edi)", CODE(0x65, 0x67, 0xc7, 0x07, 5, 0, 0, 0), M64,
	    CONST(STORE, 4, 5) },
};

static const struct encoding unknown[] = {
	{ "no bytes", NULL, 0, M64, { 0 } },
	{ "mov %eax,%ecx", CODE(0x89, 0xc1), M64, { 0 } },
	{ "adc %eax,(%rdi)", CODE(0x11, 0x07), M64, { 0 } },
	{ "add $1,%al", CODE(0x04, 0x01), M64, { 0 } },
	{ "lock mov %eax,(%rdi)", CODE(0xf0, 0x89, 0x07), M64, { 0 } },
	{ "lock and (%rdi),%eax", CODE(0xf0, 0x23, 0x07), M64, { 0 } },
	{ "lock cmp", CODE(0xf0, 0x39, 0x07), M64, { 0 } },
	{ "rep stos", CODE(0xf3, 0xab), M64, { 0 } },
	{ "movs", CODE(0xa5), M64, { 0 } },
	{ "mov group 1", CODE(0xc7, 0x0f, 0, 0, 0, 0), M64, { 0 } },
	{ "not (%rdi)", CODE(0xf7, 0x17), M64, { 0 } },
	{ "arpl", CODE(0x63, 0x07), M32, { 0 } },
	{ "movups", CODE(0x0f, 0x11, 0x07), M64, { 0 } },
	{ "no opcode", CODE(0x66), M64, { 0 } },
	{ "no ModRM", CODE(0x89), M64, { 0 } },
	{ "no SIB", CODE(0x89, 0x04), M64, { 0 } },
	{ "short displacement", CODE(0x89, 0x05, 0, 0, 0), M64, { 0 } },
	{ "short constant", CODE(0xc7, 0x07, 0, 0, 0), M64, { 0 } },
	{ "too long", CODE(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x89, 0x07), M64, { 0 } },
	{ "REX is an opcode outside 64-bit mode", CODE(0x48, 0x89, 0x07), M32,
	    { 0 } },
};

Test(decode, knows_these_encodings)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct encoding *e = &known[i];
		struct insn in, expected = e->expected;

		cr_assert(insn_decode(e->bytes, e->size, e->mode, &in), "%s",
		    e->text);
		expected.length = (uint8_t)e->size;
		expected.address_size = in.address_size;
		cr_expect_eq(in.length, expected.length, "%s", e->text);
		cr_expect_eq(in.kind, expected.kind, "%s", e->text);
		cr_expect_eq(in.size, expected.size, "%s", e->text);
		cr_expect_eq(in.constant, expected.constant, "%s", e->text);
		cr_expect_eq(in.has_register, expected.has_register, "%s",
		    e->text);
		cr_expect_eq(in.to_register, expected.to_register, "%s",
		    e->text);
		cr_expect_eq(in.high_byte, expected.high_byte, "%s", e->text);
		cr_expect_eq(in.is_string, expected.is_string, "%s", e->text);
		if (!in.has_register)
			continue;
		cr_expect_eq(in.reg, expected.reg, "%s", e->text);
		cr_expect_eq(in.register_size, expected.register_size, "%s",
		    e->text);
	}
}

Test(decode, needs_every_byte_and_no_more)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct encoding *e = &known[i];
		uint8_t longer[16];
		struct insn in;

		for (size_t size = 0; size < e->size; size++)
			cr_expect_not(insn_decode(e->bytes, size, e->mode,
			    &in), "%s, %zu bytes", e->text, size);
		memset(longer, 0xcc, sizeof(longer));
		memcpy(longer, e->bytes, e->size);
		cr_assert(insn_decode(longer, 15, e->mode, &in));
		cr_expect_eq(in.length, e->size, "%s", e->text);
	}
}

Test(decode, leaves_the_rest_alone)
{
	struct insn in;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		cr_expect_not(insn_decode(unknown[i].bytes, unknown[i].size,
		    unknown[i].mode, &in), "%s", unknown[i].text);
}

Test(decode, address_size_of_a_string)
{
	struct insn in;

	cr_assert(insn_decode((const uint8_t[]){ 0xab }, 1, M64, &in));
	cr_expect_eq(in.address_size, 8);
	cr_assert(insn_decode((const uint8_t[]){ 0x67, 0xab }, 2, M64, &in));
	cr_expect_eq(in.address_size, 4);
	cr_assert(insn_decode((const uint8_t[]){ 0x66, 0xab }, 2, M16, &in));
	cr_expect_eq(in.address_size, 2);
	cr_expect_eq(in.size, 4);
}

/* What @code does in 64-bit mode to memory, register and flags. */
struct machine {
	uint64_t mem, reg, flags;
};

static struct machine
run(const uint8_t *bytes, size_t size, struct machine m)
{
	struct insn in;

	cr_assert(insn_decode(bytes, size, M64, &in));
	insn_execute(&in, &m.mem, &m.reg, &m.flags);
	return m;
}

static void
expect(const char *text, struct machine got, struct machine expected)
{
	cr_expect_eq(got.mem, expected.mem, "%s: mem %lx", text, got.mem);
	cr_expect_eq(got.reg, expected.reg, "%s: reg %lx", text, got.reg);
	cr_expect_eq(got.flags, expected.flags, "%s: flags %lx", text,
	    got.flags);
}

#define ALL_ONES	UINT64_MAX

Test(decode, moves)
{
	expect("mov %eax,m", run(CODE(0x89, 0x07), (struct machine){ 1,
	    UINT64_C(0x1122334455667788), 0x8d5 }), (struct machine){
	    0x55667788, UINT64_C(0x1122334455667788), 0x8d5 });
	expect("mov m,%eax", run(CODE(0x8b, 0x07), (struct machine){
	    0x80000001, ALL_ONES, 2 }), (struct machine){ 0x80000001,
	    0x80000001, 2 });
	expect("mov m,%ax", run(CODE(0x66, 0x8b, 0x07), (struct machine){
	    0x1234, ALL_ONES, 2 }), (struct machine){ 0x1234,
	    UINT64_C(0xffffffffffff1234), 2 });
	expect("mov m,%ah", run(CODE(0x8a, 0x27), (struct machine){ 0x12,
	    ALL_ONES, 2 }), (struct machine){ 0x12,
	    UINT64_C(0xffffffffffff12ff), 2 });
	expect("mov %ah,m", run(CODE(0x88, 0x27), (struct machine){ 0, 0x1234,
	    2 }), (struct machine){ 0x12, 0x1234, 2 });
	expect("movsbl", run(CODE(0x0f, 0xbe, 0x07), (struct machine){ 0x80,
	    ALL_ONES, 2 }), (struct machine){ 0x80, 0xffffff80, 2 });
	expect("movzbl", run(CODE(0x0f, 0xb6, 0x07), (struct machine){ 0x80,
	    ALL_ONES, 2 }), (struct machine){ 0x80, 0x80, 2 });
	expect("movslq", run(CODE(0x48, 0x63, 0x07), (struct machine){
	    0x80000000, 0, 2 }), (struct machine){ 0x80000000,
	    UINT64_C(0xffffffff80000000), 2 });
	expect("movq $-1", run(CODE(0x48, 0xc7, 0x07, 0xff, 0xff, 0xff, 0xff),
	    (struct machine){ 0, 5, 2 }), (struct machine){ ALL_ONES, 5, 2 });
	expect("movl $-1", run(CODE(0xc7, 0x07, 0xff, 0xff, 0xff, 0xff),
	    (struct machine){ 0, 5, 2 }), (struct machine){ 0xffffffff, 5,
	    2 });
	expect("xchg", run(CODE(0x87, 0x07), (struct machine){ 0x11,
	    UINT64_C(0xaaaaaaaa00000022), 2 }), (struct machine){ 0x22, 0x11,
	    2 });
}

Test(decode, arithmetic)
{
	/* CF 1, PF 4, AF 10, ZF 40, SF 80, OF 800. */
	expect("and to zero", run(CODE(0x21, 0x07), (struct machine){ 0xf0,
	    0x0f, 0x803 }), (struct machine){ 0, 0x0f, 0x46 });
	expect("and m,%eax", run(CODE(0x23, 0x07), (struct machine){
	    0xffffffff, UINT64_C(0x1ffffffff), 2 }), (struct machine){
	    0xffffffff, 0xffffffff, 0x86 });
	expect("test", run(CODE(0xf7, 0x07, 0, 0x10, 0, 0),
	    (struct machine){ 0x1000, 0, 2 }), (struct machine){ 0x1000, 0,
	    0x6 });
	expect("add wraps", run(CODE(0x01, 0x07), (struct machine){ 0xffffffff,
	    1, 2 }), (struct machine){ 0, 1, 0x57 });
	expect("add overflows", run(CODE(0x01, 0x07), (struct machine){
	    0x7fffffff, 1, 2 }), (struct machine){ 0x80000000, 1, 0x896 });
	expect("sub borrows", run(CODE(0x2b, 0x07), (struct machine){ 2, 1,
	    2 }), (struct machine){ 2, 0xffffffff, 0x97 });
	expect("sub overflows", run(CODE(0x80, 0x2f, 1), (struct machine){
	    0x80, 0, 2 }), (struct machine){ 0x7f, 0, 0x812 });
	expect("cmp equal", run(CODE(0x83, 0x3f, 7), (struct machine){ 7, 9,
	    2 }), (struct machine){ 7, 9, 0x46 });
	expect("cmp below", run(CODE(0x83, 0x3f, 7), (struct machine){ 6, 9,
	    2 }), (struct machine){ 6, 9, 0x97 });
	expect("xor", run(CODE(0x30, 0x07), (struct machine){ 0xff, 0x0f,
	    2 }), (struct machine){ 0xf0, 0x0f, 0x86 });
	expect("or", run(CODE(0x83, 0x0f, 0xff), (struct machine){ 0, 0,
	    2 }), (struct machine){ 0xffffffff, 0, 0x86 });
}

Test(decode, says_what_happens_to_memory)
{
	static const struct {
		uint8_t code[2];
		bool reads, writes;
	} table[] = {
		{ { 0x89, 0x07 }, false, true },
		{ { 0x8b, 0x07 }, true, false },
		{ { 0x87, 0x07 }, true, true },
		{ { 0x21, 0x07 }, true, true },
		{ { 0x23, 0x07 }, true, false },
		{ { 0x85, 0x07 }, true, false },
		{ { 0x39, 0x07 }, true, false },
	};
	struct insn in;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_assert(insn_decode(table[i].code, 2, M64, &in));
		cr_expect_eq(insn_reads(&in), table[i].reads, "%zu", i);
		cr_expect_eq(insn_writes(&in), table[i].writes, "%zu", i);
	}
}
