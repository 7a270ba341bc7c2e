/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions: creation, life cycle and properties. */
#ifndef TLFS_PARTITION_H
#define TLFS_PARTITION_H

#include <tlfs/layout.h>

struct hv_proximity_domain_info {
	uint32_t domain_id;
	uint32_t flags;
};
HV_LAYOUT_SIZE(struct hv_proximity_domain_info, 8);

/* hv_input_create_partition.flags */
#define HV_PARTITION_FLAG_SMT_ENABLED_GUEST	UINT64_C(0x00000001)
#define HV_PARTITION_FLAG_NESTED_VIRTUALIZATION	UINT64_C(0x00000002)
#define HV_PARTITION_FLAG_GPA_SUPER_PAGES	UINT64_C(0x00000010)
#define HV_PARTITION_FLAG_EXO_PARTITION		UINT64_C(0x00000100)
#define HV_PARTITION_FLAG_LAPIC_ENABLED		UINT64_C(0x00002000)
#define HV_PARTITION_FLAG_INTERCEPT_PAGE	UINT64_C(0x00080000)
#define HV_PARTITION_FLAG_X2APIC_CAPABLE	UINT64_C(0x00400000)

#define HV_PROCESSOR_FEATURE_BANKS		2

/* HVCALL_CREATE_PARTITION */
struct hv_input_create_partition {
	uint64_t flags;
	struct hv_proximity_domain_info proximity_domain_info;
	uint32_t compatibility_version;
	uint32_t padding;
	uint64_t disabled_processor_features[HV_PROCESSOR_FEATURE_BANKS];
	uint64_t disabled_xsave_features;
	uint64_t isolation_properties;
};
HV_LAYOUT_AT(struct hv_input_create_partition, disabled_xsave_features, 40);

/* HVCALL_INITIALIZE_PARTITION, FINALIZE_PARTITION, DELETE_PARTITION */
struct hv_input_partition {
	uint64_t partition_id;
};

enum hv_partition_property {
	HV_PROPERTY_PRIVILEGE_FLAGS			= 0x00010000,
	HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES	= 0x00010001,
	HV_PROPERTY_INTEGRATED_SCHEDULER		= 0x00020005,
	HV_PROPERTY_TIME_FREEZE				= 0x00030003,
	HV_PROPERTY_REFERENCE_TIME			= 0x00030005,
	HV_PROPERTY_PROCESSORS_PER_SOCKET		= 0x00050003,
	HV_PROPERTY_GPA_PAGE_ACCESS_TRACKING		= 0x00050005,
	HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION		= 0x00050017,
	HV_PROPERTY_PROCESSOR_VENDOR			= 0x00060000,
	HV_PROPERTY_PROCESSOR_XSAVE_FEATURES		= 0x00060002,
	HV_PROPERTY_PHYSICAL_ADDRESS_WIDTH		= 0x00060006,
	HV_PROPERTY_XSAVE_STATES			= 0x00060007,
	HV_PROPERTY_MAX_XSAVE_DATA_SIZE			= 0x00060008,
	HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY		= 0x00060009,
	HV_PROPERTY_PROCESSOR_FEATURES0			= 0x0006000a,
	HV_PROPERTY_PROCESSOR_FEATURES1			= 0x0006000b,
	HV_PROPERTY_VMM_CAPABILITIES			= 0x00090007,
	HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES	= 0x00090009,
	/* Ours: HV_SIGNAL_WINDOW, where doorbells can stand for connections. */
	HV_PROPERTY_SIGNAL_WINDOW			= 0x4d550001,
	/* Ours: 1, where interrupts can be events of VMBus. */
	HV_PROPERTY_EVENT_INTERRUPTS			= 0x4d550002,
};

/* HV_PROPERTY_PROCESSOR_VENDOR */
#define HV_PROCESSOR_VENDOR_AMD		0
#define HV_PROCESSOR_VENDOR_INTEL	1

/* HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES */
#define HV_SYNTHETIC_HYPERVISOR_PRESENT	(UINT64_C(1) << 0)
#define HV_SYNTHETIC_HV1		(UINT64_C(1) << 1)
#define HV_SYNTHETIC_VP_RUN_TIME	(UINT64_C(1) << 2)
#define HV_SYNTHETIC_REFERENCE_COUNTER	(UINT64_C(1) << 3)
#define HV_SYNTHETIC_SYNIC		(UINT64_C(1) << 4)
#define HV_SYNTHETIC_TIMERS		(UINT64_C(1) << 5)
#define HV_SYNTHETIC_INTERRUPT_CONTROL	(UINT64_C(1) << 6)
#define HV_SYNTHETIC_HYPERCALL		(UINT64_C(1) << 7)
#define HV_SYNTHETIC_VP_INDEX		(UINT64_C(1) << 8)
#define HV_SYNTHETIC_REFERENCE_TSC	(UINT64_C(1) << 9)
#define HV_SYNTHETIC_GUEST_IDLE		(UINT64_C(1) << 10)
#define HV_SYNTHETIC_FREQUENCY		(UINT64_C(1) << 11)
#define HV_SYNTHETIC_DIRECT_TIMERS	(UINT64_C(1) << 22)
#define HV_SYNTHETIC_EX_MASKS		(UINT64_C(1) << 24)
#define HV_SYNTHETIC_TLB_FLUSH		(UINT64_C(1) << 25)
#define HV_SYNTHETIC_CLUSTER_IPI	(UINT64_C(1) << 26)
#define HV_SYNTHETIC_LONG_SPIN_WAIT	(UINT64_C(1) << 27)
#define HV_SYNTHETIC_SIGNAL_EVENTS	(UINT64_C(1) << 29)

/* HVCALL_GET_PARTITION_PROPERTY */
struct hv_input_get_partition_property {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
};

/* HVCALL_SET_PARTITION_PROPERTY */
struct hv_input_set_partition_property {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
	uint64_t property_value;
};

/* HVCALL_GET_PARTITION_PROPERTY_EX */
struct hv_input_get_partition_property_ex {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
	uint64_t arg;
};

/* HV_PROPERTY_VMM_CAPABILITIES, HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES */
struct hv_partition_property_banks {
	uint16_t bank_count;
	uint16_t reserved[3];
	uint64_t bank[1];
};
HV_LAYOUT_SIZE(struct hv_partition_property_banks, 16);

#endif /* TLFS_PARTITION_H */
