/* SPDX-License-Identifier: Apache-2.0 */
/* Control and debug registers: they keep what is legal and refuse the rest. */
#include "lib/cpu.h"
#include "lib/payload.h"

static void
cr0_check(void)
{
	uint64_t cr0 = cr0_read();
	uint16_t low = 0;

	cr0_write(cr0 | CR0_TS);
	CHECK_EQ(cr0_read(), cr0 | CR0_TS);
	CHECK_EQ(TRY("fnop", , "r"(0)), VEC_NM);
	__asm__ volatile("clts");
	CHECK_EQ(cr0_read(), cr0);
	cr0_write(cr0 | CR0_CD);
	CHECK_EQ(cr0_read(), cr0 | CR0_CD);
	cr0_write(cr0);
	__asm__ volatile("smsw %0" : "=r"(low));
	CHECK_EQ(low, cr0 & 0xffff);
	__asm__ volatile("lmsw %0" : : "r"((uint16_t)(low | CR0_TS)));
	CHECK_EQ(cr0_read(), cr0 | CR0_TS);
	__asm__ volatile("clts");
	/* Illegal values are not tried: QEMU's processor obeys them. */
	CHECK_EQ(cr0_read(), cr0);
}

static void
cr4_check(void)
{
	uint64_t cr4 = cr4_read();

	cr4_write(cr4 ^ CR4_PGE);
	CHECK_EQ(cr4_read(), cr4 ^ CR4_PGE);
	cr4_write(cr4);
	CHECK_EQ(try_cr4_write(cr4 | UINT64_C(1) << 12), VEC_GP);	/* LA57 */
	CHECK_EQ(cr4_read(), cr4);
}

static void
cr_other_check(void)
{
	uint64_t cr3 = cr3_read();

	for (int i = 0; i < 100; i++)
		cr3_write(cr3);
	CHECK_EQ(cr3_read(), cr3);
	cr2_write(0x123456789abc);
	CHECK_EQ(cr2_read(), 0x123456789abc);
	cr8_write(9);
	CHECK_EQ(cr8_read(), 9);
	cr8_write(0);
}

static void
debug_registers_check(void)
{
	uint64_t value = 0;

	__asm__ volatile("mov %1, %%db0; mov %%db0, %0"
	    : "=r"(value) : "r"(UINT64_C(0x1234567)));
	CHECK_EQ(value, 0x1234567);
	__asm__ volatile("mov %1, %%db3; mov %%db3, %0"
	    : "=r"(value) : "r"(UINT64_C(0x7654321)));
	CHECK_EQ(value, 0x7654321);
	__asm__ volatile("mov %1, %%db7; mov %%db7, %0"
	    : "=r"(value) : "r"(UINT64_C(0x400)));
	CHECK_EQ(value, 0x400);
	CHECK_EQ(TRY("mov %[v], %%db7", , [v] "r"(UINT64_C(1) << 32)), VEC_GP);
	cr4_write(cr4_read() | CR4_DE);
	CHECK_EQ(TRY("mov %%db4, %%r14", , "r"(0)), VEC_UD);
	cr4_write(cr4_read() & ~CR4_DE);
}

static void
breakpoint_check(void)
{
	static uint64_t watched;
	uint64_t seven = 0x90401;	/* DR0: writes of 8 bytes, local */
	uint64_t six;

	__asm__ volatile("mov %0, %%db0" : : "r"(&watched));
	__asm__ volatile("mov %0, %%db7" : : "r"(seven));
	CHECK_EQ(TRY("movq $1, %[w]; nop", , [w] "m"(watched)), VEC_DB);
	__asm__ volatile("mov %%db6, %0" : "=r"(six));
	CHECK_EQ(six & 0xf, 1);
	__asm__ volatile("mov %0, %%db7; mov %0, %%db6"
	    : : "r"(UINT64_C(0x400)));
}

void
payload_run(void)
{
	cr0_check();
	cr4_check();
	cr_other_check();
	debug_registers_check();
	breakpoint_check();
}
