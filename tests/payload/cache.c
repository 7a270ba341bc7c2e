/* SPDX-License-Identifier: Apache-2.0 */
/* WBINVD, INVD, PAUSE, INVLPG, PREFETCH and MONITOR, as a child finds them. */
#include "lib/cpu.h"
#include "lib/payload.h"

#define CPUID_1_ECX_MONITOR (1u << 3)

static volatile uint64_t word = 7;

void
payload_run(void)
{
	for (int i = 0; i < 100; i++) {
		word = (uint64_t)i;
		CHECK_EQ(TRY("wbinvd", , "r"(0)), VEC_NONE);
		CHECK_EQ(word, i);
		CHECK_EQ(TRY("pause", , "r"(0)), VEC_NONE);
		CHECK_EQ(TRY("invlpg %[w]", , [w] "m"(word)), VEC_NONE);
		CHECK_EQ(TRY("clflush %[w]", , [w] "m"(word)), VEC_NONE);
	}
	/* INVD must not lose what was written: it acts as WBINVD. */
	word = 42;
	CHECK_EQ(TRY("invd", , "r"(0)), VEC_NONE);
	CHECK_EQ(word, 42);
	if ((cpuid_read(1, 0).ecx & CPUID_1_ECX_MONITOR) != 0)
		return;
	CHECK_EQ(TRY("monitor", , "a"(&word), "c"(0), "d"(0)), VEC_UD);
	CHECK_EQ(TRY("mwait", , "a"(0), "c"(0)), VEC_UD);
}
