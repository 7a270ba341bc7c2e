/* SPDX-License-Identifier: Apache-2.0 */
/* The reference TSC page tells the same time as the MSR, without an exit. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

struct tsc_page {
	volatile uint32_t sequence;
	uint32_t reserved;
	volatile uint64_t scale;
	volatile int64_t offset;
	uint64_t unused[509];
};
_Static_assert(sizeof(struct tsc_page) == 4096, "TLFS layout");

static struct tsc_page page __attribute__((aligned(4096)));

static uint64_t
page_time(void)
{
	uint32_t sequence;
	uint64_t high;
	int64_t offset;

	do {
		sequence = page.sequence;
		__asm__ volatile("mul %2"
		    : "=d"(high) : "a"(tsc_read()), "r"(page.scale) : "cc");
		offset = page.offset;
	} while (page.sequence != sequence);
	return high + (uint64_t)offset;
}

void
payload_run(void)
{
	uint64_t start, frequency;

	hyperv_need_features(HV_EAX_REFERENCE_TSC | HV_EAX_TIME_REF, 0);
	msr_write(HV_MSR_REFERENCE_TSC, (uintptr_t)&page | 1);
	CHECK(page.sequence != 0, "the page is not valid");
	frequency = msr_read(HV_MSR_TSC_FREQUENCY);
	/* 2^64 / scale is the number of TSC ticks in 100 ns. */
	CHECK(page.scale != 0, "the scale is 0");
	CHECK(UINT64_MAX / page.scale <= frequency / 10000000 + 1,
	    "scale 0x%lx does not fit %lu Hz", page.scale, frequency);

	start = hyperv_time();
	while (hyperv_time() < start + 50 * 10000) {
		uint64_t before = hyperv_time();
		uint64_t now = page_time();
		uint64_t after = hyperv_time();

		CHECK(before <= now + 1 && now <= after + 1,
		    "the page says %lu between %lu and %lu", now, before,
		    after);
	}
}
