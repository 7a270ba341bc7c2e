/* SPDX-License-Identifier: Apache-2.0 */
/* MSRs that do not exist: #GP, or read as 0 and ignored; one policy for all. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

/* Nothing is at these: below, in, and above what SVM's MSR map covers. */
static const uint32_t unknown[] = {
	0x1500, HV_MSR_UNKNOWN, 0x4b564dff, 0x80001234, 0xc0001f00, 0xc0013000,
	0xffffffff,
};
#define UNKNOWN_COUNT (sizeof(unknown) / sizeof(unknown[0]))

void
payload_run(void)
{
	unsigned faults = 0;

	hyperv_need();
	for (unsigned i = 0; i < UNKNOWN_COUNT; i++) {
		uint64_t value = 1;
		enum vector on_read = try_msr_read(unknown[i], &value);
		enum vector on_write = try_msr_write(unknown[i], 0x55);

		CHECK(on_read == VEC_NONE || on_read == VEC_GP,
		    "MSR 0x%x: trap %u on read", unknown[i], on_read);
		CHECK(on_read == on_write, "MSR 0x%x: %u on read, %u on write",
		    unknown[i], on_read, on_write);
		if (on_read == VEC_GP) {
			faults++;
			continue;
		}
		CHECK(value == 0, "MSR 0x%x reads 0x%lx", unknown[i], value);
		(void)try_msr_read(unknown[i], &value);
		CHECK(value == 0, "MSR 0x%x keeps 0x%lx", unknown[i], value);
	}
	CHECK(faults == 0 || faults == UNKNOWN_COUNT,
	    "%u of %u unknown MSRs fault", faults, (unsigned)UNKNOWN_COUNT);
}
