/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding moves; the bytes are what an assembler makes of the comments. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/insn.h"

#define DECODE(mode, i, ...) \
	insn_decode((const uint8_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }), mode, i)

static uint64_t registers[16];

static void
setup(void)
{
	for (unsigned n = 0; n < 16; n++)
		registers[n] = UINT64_C(0x1111111111111111) * n;
}

TestSuite(insn, .init = setup);

Test(insn, mov_eax_to_memory)
{
	struct insn i;

	cr_assert(DECODE(INSN_MODE_64, &i, 0x89, 0x0a)); /* ecx, (rdx) */
	cr_expect(i.write);
	cr_expect_eq(i.length, 2);
	cr_expect_eq(i.size, 4);
	cr_expect_eq(insn_stored(&i, registers), 0x11111111);
}

Test(insn, mov_memory_to_a_register_clears_its_upper_half)
{
	struct insn i;

	/* mov 0x10(%rsp,%rax), %r9d */
	cr_assert(DECODE(INSN_MODE_64, &i, 0x44, 0x8b, 0x4c, 0x04, 0x10));
	cr_expect(!i.write);
	cr_expect_eq(i.length, 5);
	cr_expect_eq(i.reg, 9);
	insn_load(&i, 0xfffffffff1234567, registers);
	cr_expect_eq(registers[9], 0xf1234567);
}

Test(insn, short_reads_keep_the_rest)
{
	struct insn i;

	cr_assert(DECODE(INSN_MODE_64, &i, 0x66, 0x8b, 0x0a)); /* cx */
	insn_load(&i, 0xabcd, registers);
	cr_expect_eq(registers[1], 0x111111111111abcd);
	cr_assert(DECODE(INSN_MODE_64, &i, 0x8a, 0x2a)); /* ch */
	insn_load(&i, 0x77, registers);
	cr_expect_eq(registers[1], 0x11111111111177cd);
}

Test(insn, a_rex_prefix_makes_low_bytes_of_high_ones)
{
	struct insn i;

	cr_assert(DECODE(INSN_MODE_64, &i, 0x40, 0x88, 0x2a)); /* bpl */
	cr_expect(!i.high_byte);
	cr_expect_eq(i.reg, 5);
	cr_expect_eq(insn_stored(&i, registers), 0x55);
}

Test(insn, constants_are_as_wide_as_the_operand)
{
	struct insn i;

	/* movl $0x80000001, 0x1000(%rbx) */
	cr_assert(DECODE(INSN_MODE_64, &i, 0xc7, 0x83, 0, 0x10, 0, 0,
	    1, 0, 0, 0x80));
	cr_expect_eq(i.length, 10);
	cr_expect_eq(insn_stored(&i, registers), 0x80000001);
	/* movw $2, (%rbx) */
	cr_assert(DECODE(INSN_MODE_64, &i, 0x66, 0xc7, 0x03, 2, 0));
	cr_expect_eq(i.length, 5);
	/* movq $-1, (%rbx): the constant is extended */
	cr_assert(DECODE(INSN_MODE_64, &i, 0x48, 0xc7, 0x03,
	    0xff, 0xff, 0xff, 0xff));
	cr_expect_eq(insn_stored(&i, registers), UINT64_MAX);
}

Test(insn, address_forms_have_their_lengths)
{
	struct insn i;

	/* mov %eax, 0x11223344(%rip) */
	cr_assert(DECODE(INSN_MODE_64, &i, 0x89, 0x05, 0x44, 0x33, 0x22,
	    0x11));
	cr_expect_eq(i.length, 6);
	/* mov %eax, 0x11223344 (absolute, by SIB without base) */
	cr_assert(DECODE(INSN_MODE_64, &i, 0x89, 0x04, 0x25, 0x44, 0x33,
	    0x22, 0x11));
	cr_expect_eq(i.length, 7);
	/* movabs %eax, 8 bytes of address */
	cr_assert(DECODE(INSN_MODE_64, &i, 0xa3, 1, 2, 3, 4, 5, 6, 7, 8));
	cr_expect(i.write);
	cr_expect_eq(i.length, 9);
	/* 16-bit code: mov %ax, 0x1234 */
	cr_assert(DECODE(INSN_MODE_16, &i, 0x89, 0x06, 0x34, 0x12));
	cr_expect_eq(i.length, 4);
	cr_expect_eq(i.size, 2);
}

Test(insn, extension_fills_the_register)
{
	struct insn i;

	cr_assert(DECODE(INSN_MODE_64, &i, 0x0f, 0xb6, 0x0a)); /* movzbl */
	insn_load(&i, 0xff, registers);
	cr_expect_eq(registers[1], 0xff);
	cr_assert(DECODE(INSN_MODE_64, &i, 0x48, 0x0f, 0xbf, 0x0a));
	insn_load(&i, 0x8000, registers);
	cr_expect_eq(registers[1], 0xffffffffffff8000);
	cr_assert(DECODE(INSN_MODE_64, &i, 0x66, 0x0f, 0xbe, 0x0a));
	insn_load(&i, 0x80, registers);
	cr_expect_eq(registers[1], 0xffffffffffffff80, "movsbw keeps the rest");
}

Test(insn, other_instructions_are_refused)
{
	struct insn i;

	cr_expect(!DECODE(INSN_MODE_64, &i, 0x89, 0xc8), "no memory");
	cr_expect(!DECODE(INSN_MODE_64, &i, 0x01, 0x0a), "add");
	cr_expect(!DECODE(INSN_MODE_64, &i, 0xc7, 0x0b, 0, 0, 0, 0), "/1");
	cr_expect(!DECODE(INSN_MODE_64, &i, 0x0f, 0x10, 0x0a), "movups");
	cr_expect(!DECODE(INSN_MODE_64, &i, 0xf3, 0xa5), "rep movs");
}

Test(insn, an_instruction_that_is_cut_off_is_refused)
{
	const uint8_t whole[] = { 0x48, 0xc7, 0x84, 0x24, 1, 2, 3, 4,
		5, 6, 7, 8 };
	struct insn i;

	cr_expect(insn_decode(whole, sizeof(whole), INSN_MODE_64, &i));
	for (size_t n = 0; n < sizeof(whole); n++)
		cr_expect(!insn_decode(whole, n, INSN_MODE_64, &i), "%zu", n);
}

Test(insn, prefixes_do_not_go_on_for_ever)
{
	uint8_t bytes[64];
	struct insn i;

	memset(bytes, 0x66, sizeof(bytes));
	cr_expect(!insn_decode(bytes, sizeof(bytes), INSN_MODE_64, &i));
}
