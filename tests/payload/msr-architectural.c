/* SPDX-License-Identifier: Apache-2.0 */
/* PAT, MTRRs, EFER and the system call MSRs keep what they are given. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define PAT_RESET UINT64_C(0x0007040600070406)
#define PAT_WITH_WC UINT64_C(0x0407050600070106)
#define EFER_SVME (UINT64_C(1) << 12)
#define EFER_LMA (UINT64_C(1) << 10)
#define EFER_SCE UINT64_C(1)

static void
keeps(uint32_t msr, uint64_t value)
{
	uint64_t before = msr_read(msr);

	msr_write(msr, value);
	CHECK(msr_read(msr) == value, "MSR 0x%x is 0x%lx, not 0x%lx", msr,
	    msr_read(msr), value);
	msr_write(msr, before);
}

static void
pat_check(void)
{
	CHECK_EQ(msr_read(MSR_PAT), PAT_RESET);
	keeps(MSR_PAT, PAT_WITH_WC);
	CHECK(try_msr_write(MSR_PAT, 0x02) == VEC_GP, "PAT takes type 2");
	CHECK_EQ(msr_read(MSR_PAT), PAT_RESET);
}

static void
efer_check(void)
{
	uint64_t efer = msr_read(MSR_EFER);

	CHECK((efer & EFER_LMA) != 0, "EFER 0x%lx in long mode", efer);
	CHECK((efer & EFER_SVME) == 0, "EFER shows SVME");
	keeps(MSR_EFER, efer & ~EFER_SCE);
	CHECK(try_msr_write(MSR_EFER, efer | UINT64_C(1) << 40) == VEC_GP,
	    "EFER takes a reserved bit");
	CHECK(try_msr_write(MSR_EFER, efer | EFER_SVME) == VEC_GP,
	    "EFER takes SVME");
	CHECK(try_msr_write(MSR_EFER, efer & ~UINT64_C(0x100)) == VEC_GP,
	    "EFER takes LME=0 with paging on");
	CHECK_EQ(msr_read(MSR_EFER), efer);
}

static void
system_call_check(void)
{
	keeps(0xc0000081, UINT64_C(0x0023001000000000));	/* STAR */
	keeps(0xc0000082, 0x123456789abc);	/* LSTAR */
	keeps(0xc0000083, 0x23456789abcd);	/* CSTAR */
	keeps(0xc0000084, 0x47700);		/* SFMASK */
	keeps(0xc0000100, 0x1234567000);	/* FS base */
	keeps(0xc0000102, 0x2345678000);	/* kernel GS base */
	keeps(0x174, 0x10);			/* SYSENTER CS, ESP, EIP */
	keeps(0x175, 0x3456789000);
	keeps(0x176, 0x456789a000);
}

static void
mtrr_check(void)
{
	uint64_t capability;

	if ((cpuid_read(1, 0).edx & 1u << 12) == 0)
		return;
	capability = msr_read(0xfe);
	for (uint32_t i = 0; i < (capability & 0xff); i++) {
		keeps(0x200 + 2 * i, 0x80000006);
		keeps(0x201 + 2 * i, 0xff80000800);
	}
	keeps(0x2ff, 0x806);
	keeps(0x250, UINT64_C(0x0606060606060606));
}

void
payload_run(void)
{
	hyperv_need();
	pat_check();
	efer_check();
	system_call_check();
	mtrr_check();
}
