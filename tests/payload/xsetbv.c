/* SPDX-License-Identifier: Apache-2.0 */
/* XSETBV: legal masks are kept, illegal ones refused. */
#include "lib/cpu.h"
#include "lib/payload.h"

#define CPUID_1_ECX_XSAVE (1u << 26)
#define XCR0_X87 1u
#define XCR0_SSE 2u
#define XCR0_AVX 4u

static enum vector
try_xsetbv(uint32_t index, uint32_t low)
{
	return TRY("xsetbv", , "c"(index), "a"(low), "d"(0));
}

static uint64_t
xcr0_read(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low | (uint64_t)high << 32;
}

static void
refused_check(uint32_t low, const char *what)
{
	CHECK(try_xsetbv(0, low) == VEC_GP, "XCR0 takes %s", what);
}

void
payload_run(void)
{
	struct cpuid d;

	if ((cpuid_read(1, 0).ecx & CPUID_1_ECX_XSAVE) == 0)
		payload_skip("no XSAVE");
	CHECK_EQ(try_xsetbv(0, XCR0_X87), VEC_UD);	/* OSXSAVE is off */
	cr4_write(cr4_read() | CR4_OSXSAVE);
	CHECK_EQ(xcr0_read(), XCR0_X87);
	d = cpuid_read(0xd, 0);
	CHECK_EQ(try_xsetbv(0, d.eax & (XCR0_X87 | XCR0_SSE | XCR0_AVX)),
	    VEC_NONE);
	CHECK_EQ(xcr0_read(), d.eax & (XCR0_X87 | XCR0_SSE | XCR0_AVX));
	CHECK(cpuid_read(0xd, 0).ebx >= 576, "state of %u bytes",
	    cpuid_read(0xd, 0).ebx);
	refused_check(0, "nothing");
	refused_check(XCR0_SSE, "SSE without x87");
	refused_check(XCR0_X87 | XCR0_AVX, "AVX without SSE");
	refused_check(XCR0_X87 | 1u << 30, "an unknown bit");
	CHECK_EQ(try_xsetbv(1, 0), VEC_GP);	/* there is no XCR1 to write */
	CHECK_EQ(try_xsetbv(0, XCR0_X87), VEC_NONE);
	CHECK_EQ(cpuid_read(0xd, 0).ebx, 576);
}
