/* SPDX-License-Identifier: Apache-2.0 */
/* A child has no virtualisation of its own: its instructions do not exist. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE 0xc0010117u

static uint8_t block[4096] __attribute__((aligned(4096)));

#define UNDEFINED(instruction) \
	CHECK(TRY(instruction, , "a"(block), "c"(0)) == VEC_UD, \
	    instruction " does not raise #UD")

void
payload_run(void)
{
	uint64_t value = 0;

	hyperv_need();
	UNDEFINED("vmrun");
	UNDEFINED("vmload");
	UNDEFINED("vmsave");
	UNDEFINED("stgi");
	UNDEFINED("clgi");
	UNDEFINED("invlpga");
	UNDEFINED("skinit");
	/* Intel's VMCALL and VMLAUNCH; VMXON the emulator takes for RDSEED. */
	UNDEFINED(".byte 0x0f, 0x01, 0xc1");
	UNDEFINED(".byte 0x0f, 0x01, 0xc2");
	CHECK(try_msr_write(MSR_EFER, msr_read(MSR_EFER) | 1u << 12) == VEC_GP,
	    "EFER.SVME can be set");
	if (try_msr_write(MSR_VM_HSAVE, (uintptr_t)block) == VEC_NONE &&
	    try_msr_read(MSR_VM_HSAVE, &value) == VEC_NONE)
		CHECK(value != (uintptr_t)block, "VM_HSAVE_PA can be set");
	if (try_msr_read(MSR_VM_CR, &value) == VEC_NONE)
		CHECK(value == 0 || (value & 1u << 4) != 0,
		    "VM_CR is 0x%lx: SVM is not disabled", value);
}
