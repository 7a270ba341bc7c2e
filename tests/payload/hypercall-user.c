/* SPDX-License-Identifier: Apache-2.0 */
/* A hypercall from CPL 3 is an undefined instruction, not a status. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

static uint8_t stack[4096] __attribute__((aligned(16)));

static void
user_calls(void)
{
	__asm__ volatile("mov $0x10008, %ecx; xor %edx, %edx; vmmcall; "
	    "1: jmp 1b");
}

void
payload_run(void)
{
	static struct trap_frame frame;

	hyperv_enable();
	for (int i = 0; i < 10; i++)
		CHECK_EQ(user_run(user_calls, stack + sizeof(stack), &frame),
		    VEC_UD);
	/* The kernel's own still work. */
	CHECK_EQ(HV_STATUS(hyperv_call(HV_CALL_LONG_SPIN | HV_FAST, 1, 0)),
	    HV_OK);
}
