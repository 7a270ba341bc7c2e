/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages: the objects that have them and the counters we fill. */
#ifndef TLFS_STATS_H
#define TLFS_STATS_H

#include <tlfs/layout.h>

enum hv_stats_object_type {
	HV_STATS_OBJECT_HYPERVISOR		= 0x00000001,
	HV_STATS_OBJECT_LOGICAL_PROCESSOR	= 0x00000002,
	HV_STATS_OBJECT_PARTITION		= 0x00010001,
	HV_STATS_OBJECT_VP			= 0x00010002,
};

enum hv_stats_area_type {
	HV_STATS_AREA_SELF			= 0,
};

struct hv_stats_page {
	uint64_t data[HV_PAGE_SIZE / sizeof(uint64_t)];
};
HV_LAYOUT_SIZE(struct hv_stats_page, HV_PAGE_SIZE);

/* Indexes into hv_stats_page.data; times are in 100 ns. */
enum hv_hypervisor_counter {
	HV_COUNTER_LOGICAL_PROCESSORS		= 1,
	HV_COUNTER_PARTITIONS			= 2,
	HV_COUNTER_TOTAL_PAGES			= 3,
};

enum hv_lp_counter {
	HV_LP_COUNTER_GLOBAL_TIME		= 1,
	HV_LP_COUNTER_TOTAL_RUN_TIME		= 2,
	HV_LP_COUNTER_ROOT_VP_INDEX		= 19,
};

enum hv_partition_counter {
	HV_PARTITION_COUNTER_VPS		= 1,
	HV_PARTITION_COUNTER_DEPOSITED_PAGES	= 5,
	HV_PARTITION_COUNTER_GPA_PAGES		= 6,
	HV_PARTITION_COUNTER_GPA_PAGES_4K	= 10,
	HV_PARTITION_COUNTER_GPA_PAGES_2M	= 11,
	HV_PARTITION_COUNTER_GPA_PAGES_1G	= 12,
	HV_PARTITION_COUNTER_PARTITION_ID	= 26,
	/* Ours; Linux shows it as PtPlaceholder1. */
	HV_PARTITION_COUNTER_PAGES_IN_USE	= 37,
};

enum hv_vp_counter {
	HV_VP_COUNTER_TOTAL_RUN_TIME		= 1,
	HV_VP_COUNTER_HYPERCALLS		= 7,
	HV_VP_COUNTER_IO_INSTRUCTIONS		= 13,
	HV_VP_COUNTER_HLT_INSTRUCTIONS		= 15,
	HV_VP_COUNTER_CPUID_INSTRUCTIONS	= 19,
	HV_VP_COUNTER_MSR_ACCESSES		= 21,
	HV_VP_COUNTER_OTHER_INTERCEPTS		= 23,
	HV_VP_COUNTER_EXTERNAL_INTERRUPTS	= 25,
	HV_VP_COUNTER_APIC_MMIO_ACCESSES	= 39,
	HV_VP_COUNTER_NESTED_PAGE_FAULTS	= 71,
	HV_VP_COUNTER_REFLECTED_EXCEPTIONS	= 79,
	/* Stays 0: mshv_root waits on it under a scheduler that we are not. */
	HV_VP_COUNTER_ROOT_DISPATCH_BLOCKED	= 202,
};

#endif /* TLFS_STATS_H */
