/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the machine: processors, system properties, sleep, events. */
#ifndef TLFS_SYSTEM_H
#define TLFS_SYSTEM_H

#include <tlfs/partition.h>

struct hv_output_get_logical_processor_run_time {
	uint64_t global_time;
	uint64_t local_run_time;
	uint64_t rsvdz0;
	uint64_t hypervisor_time;
};
HV_LAYOUT_SIZE(struct hv_output_get_logical_processor_run_time, 32);

struct hv_output_add_logical_processor {
	uint64_t hv_status;
	uint64_t substatus[6];
};
HV_LAYOUT_SIZE(struct hv_output_add_logical_processor, 56);

enum hv_system_property {
	HV_SYSTEM_PROPERTY_SLEEP_STATE			= 3,
	HV_SYSTEM_PROPERTY_SCHEDULER_TYPE		= 15,
};

enum hv_scheduler_type {
	HV_SCHEDULER_TYPE_ROOT		= 4,
};

enum hv_sleep_state {
	HV_SLEEP_STATE_S5		= 5,
};

struct hv_sleep_state_info {
	uint32_t sleep_state;
	uint8_t pm1a_slp_typ;
	uint8_t pm1b_slp_typ;
	uint16_t padding;
};

/* HVCALL_SET_SYSTEM_PROPERTY */
struct hv_input_set_system_property {
	uint32_t property_id;
	uint32_t reserved;
	union {
		struct hv_sleep_state_info sleep_state_info;
		uint64_t value[8];
	};
};
HV_LAYOUT_AT(struct hv_input_set_system_property,
    sleep_state_info.pm1a_slp_typ, 12);

enum hv_partition_event {
	HV_PARTITION_EVENT_ALL_LPS_STARTED	= 4,
};

#endif /* TLFS_SYSTEM_H */
