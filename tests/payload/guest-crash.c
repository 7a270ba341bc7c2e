/* SPDX-License-Identifier: Apache-2.0 */
/* The crash MSRs keep what the guest leaves in them. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

void
payload_run(void)
{
	hyperv_need_features(0, HV_EDX_CRASH);
	CHECK((msr_read(HV_MSR_CRASH_CTL) >> 63) == 1,
	    "crash control does not offer to notify");
	for (uint32_t i = 0; i < 5; i++)
		msr_write(HV_MSR_CRASH_P0 + i, 0x1000 + i);
	for (uint32_t i = 0; i < 5; i++)
		CHECK_EQ(msr_read(HV_MSR_CRASH_P0 + i), 0x1000 + i);
}
