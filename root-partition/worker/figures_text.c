/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the hypervisor's counters are figures that people look at. */
#include <string.h>

#include "worker/counters.h"
#include "worker/figures.h"

#define PAGE 4096
#define NS_PER_TICK 100

/* Exits that the hypervisor answers by itself. */
static const struct {
	const char *counter;
	const char *name;
} exits[] = {
	{ "VpHltInstructionsCount", "hlt" },
	{ "VpCpuidInstructionsCount", "cpuid" },
	{ "VpMsrAccessesCount", "msr" },
	{ "VpExternalInterruptsCount", "external-interrupt" },
	{ "VpNestedPageFaultInterceptsCount", "nested-page-fault" },
	{ "VpApicMmioAccesses", "apic-page" },
	{ "VpOtherReflectedGuestExceptions", "exception" },
	{ "VpOtherInterceptsCount", "other" },
};

void
figures_add_vp_text(const char *text, size_t len, struct vp_stats *out)
{
	uint64_t value;

	if (counters_find(text, len, "VpTotalRunTime", &value) && value != 0)
		out->run_time_ns = value * NS_PER_TICK;
	counters_find(text, len, "VpHypercallsCount", &out->hypercalls);
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		struct exit_stats *x = &out->exits[out->exit_kinds];

		if (out->exit_kinds == STATUS_EXITS_MAX ||
		    !counters_find(text, len, exits[i].counter, &x->count))
			continue;
		strcpy(x->name, exits[i].name);
		out->exit_kinds++;
	}
}

void
figures_add_partition_text(const char *text, size_t len,
    struct partition_stats *out)
{
	uint64_t pages;

	out->has_deposited = counters_find(text, len, "PtDepositedPages",
	    &pages);
	if (out->has_deposited)
		out->deposited = pages * PAGE;
	/* The driver has no name for it; other hypervisors leave it 0. */
	out->has_in_use = counters_find(text, len, "PtPlaceholder1",
	    &pages) && pages != 0;
	if (out->has_in_use)
		out->in_use = pages * PAGE;
}
