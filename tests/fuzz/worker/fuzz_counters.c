/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds texts to the reader of the hypervisor's counters. */
#include <assert.h>

#include "worker/counters.h"
#include "worker/figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct partition_stats p = { 0 };
	struct vp_stats vp = { 0 };
	uint64_t value;

	counters_find(text, size, "A", &value);
	figures_add_vp_text(text, size, &vp);
	figures_add_partition_text(text, size, &p);
	assert(vp.exit_kinds <= STATUS_EXITS_MAX);
	return 0;
}
