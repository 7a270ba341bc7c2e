/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercall blocks in pages that nobody touched yet and that are not mapped. */
#include "lib/hyperv.h"
#include "lib/payload.h"

#define FRESH UINT64_C(0x3800000)
#define PAGES 16

void
payload_run(void)
{
	hyperv_enable();
	for (uint64_t i = 0; i < PAGES; i++) {
		/* All zero: a flush of no processor, or one without a target. */
		uint64_t in = FRESH + i * 0x40000;
		uint64_t result = hyperv_call(HV_CALL_FLUSH_SPACE, in, 0);

		CHECK(HV_STATUS(result) == HV_OK ||
		    HV_STATUS(result) == HV_INVALID_PARAMETER,
		    "page 0x%lx: status 0x%x", in, HV_STATUS(result));
	}
}
