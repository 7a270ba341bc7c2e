/* SPDX-License-Identifier: Apache-2.0 */
/* A hypercall leaves every register alone that it may not change. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define A UINT64_C(0x1111111122222222)

static void
registers_check(void)
{
	uint64_t rax = A, rbx = A + 1, rsi = A + 2, rdi = A + 3;
	uint64_t rcx = HV_CALL_LONG_SPIN | HV_FAST;
	register uint64_t r12 __asm__("r12") = A + 4;
	register uint64_t r13 __asm__("r13") = A + 5;
	register uint64_t r14 __asm__("r14") = A + 6;
	register uint64_t r15 __asm__("r15") = A + 7;

	__asm__ volatile("vmmcall"
	    : "+a"(rax), "+b"(rbx), "+S"(rsi), "+D"(rdi), "+c"(rcx),
	      "+r"(r12), "+r"(r13), "+r"(r14), "+r"(r15)
	    : : "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	CHECK_EQ(rax, HV_OK);
	CHECK_EQ(rbx, A + 1);
	CHECK_EQ(rsi, A + 2);
	CHECK_EQ(rdi, A + 3);
	CHECK_EQ(r12, A + 4);
	CHECK_EQ(r13, A + 5);
	CHECK_EQ(r14, A + 6);
	CHECK_EQ(r15, A + 7);
}

static void
vector_registers_check(void)
{
	static const uint64_t in[2] = { A, ~A };
	uint64_t out[2] = { 0, 0 };

	__asm__ volatile("movups %[in], %%xmm0; movups %[in], %%xmm15; "
	    "mov $0x10008, %%ecx; vmmcall; movups %%xmm0, %[out]"
	    : [out] "=m"(out) : [in] "m"(in)
	    : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	CHECK_EQ(out[0], A);
	CHECK_EQ(out[1], ~A);
	__asm__ volatile("movups %%xmm15, %[out]" : [out] "=m"(out));
	CHECK_EQ(out[0], A);
	CHECK_EQ(out[1], ~A);
}

void
payload_run(void)
{
	hyperv_enable();
	for (int i = 0; i < 100; i++) {
		registers_check();
		vector_registers_check();
	}
}
