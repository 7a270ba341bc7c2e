/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions reach the guest's own handlers, with the right error codes. */
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

extern uint64_t page_directories[];
static uint8_t user_stack[4096] __attribute__((aligned(16)));

static void
simple_check(void)
{
	CHECK_EQ(TRY("xor %%edx, %%edx; mov $1, %%eax; xor %%r14d, %%r14d; "
	    "div %%r14d", , "a"(0), "d"(0)), VEC_DE);
	CHECK_EQ(TRY("ud2", , "r"(0)), VEC_UD);
	CHECK_EQ(TRY("int3", , "r"(0)), VEC_BP);
	CHECK_EQ(TRY(".byte 0xf1", , "r"(0)), VEC_DB);
}

/* The counters of the processor are the parent's. */
static void
counters_check(void)
{
	CHECK_EQ(TRY("rdpmc", , "c"(0)), VEC_GP);
	CHECK_EQ(TRY(".byte 0x0f, 0x01, 0xfd", , "c"(0)), VEC_UD);
}

static void
error_codes_check(void)
{
	CHECK_EQ(TRY("mov %[s], %%ds", , [s] "r"(0x3f8)), VEC_GP);
	CHECK_EQ(cpu_error(), 0x3f8);
	CHECK_EQ(TRY("movq %[a], %%r14; movq (%%r14), %%r14", ,
	    [a] "r"(UINT64_C(1) << 60)), VEC_GP);
	CHECK_EQ(cpu_error(), 0);
}

/* A page that is absent, read-only, and not for user mode. */
static void
page_fault_check(void)
{
	volatile uint64_t *victim = (volatile uint64_t *)UINT64_C(0x3fe00000);
	uint64_t *entry = &page_directories[0x3fe00000 >> 21];
	uint64_t before = *entry;

	*entry = 0;
	page_invalidate(victim);
	CHECK_EQ(TRY("mov %[m], %%r14", , [m] "m"(*victim)), VEC_PF);
	CHECK_EQ(cpu_error(), 0);
	CHECK_EQ(cr2_read(), (uintptr_t)victim);
	CHECK_EQ(TRY("movq $1, %[m]", , [m] "m"(*victim)), VEC_PF);
	CHECK_EQ(cpu_error(), 2);
	*entry = (before & ~UINT64_C(2)) | UINT64_C(1) << 63;
	CHECK_EQ(TRY("jmp *%[m]", , [m] "r"(victim)), VEC_PF);
	CHECK_EQ(cpu_error() & ~UINT64_C(1), 0x10);
	*entry = before;
	page_invalidate(victim);
}

static void
user_divides(void)
{
	__asm__ volatile("xor %edx, %edx; xor %ecx, %ecx; mov $1, %eax; "
	    "div %ecx");
}

static void
user_reads_msr(void)
{
	__asm__ volatile("mov $0x1b, %ecx; rdmsr");
}

static void
user_halts(void)
{
	__asm__ volatile("hlt");
}

static void
user_mode_check(void)
{
	static struct trap_frame frame;
	void *stack = user_stack + sizeof(user_stack);

	CHECK_EQ(user_run(user_divides, stack, &frame), VEC_DE);
	CHECK_EQ(frame.cs & 3, 3);
	CHECK_EQ(user_run(user_reads_msr, stack, &frame), VEC_GP);
	CHECK_EQ(user_run(user_halts, stack, &frame), VEC_GP);
}

void
payload_run(void)
{
	simple_check();
	counters_check();
	error_codes_check();
	page_fault_check();
	user_mode_check();
}
