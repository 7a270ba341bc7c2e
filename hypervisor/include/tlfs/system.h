/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the machine: processors, system properties, sleep, events. */
#ifndef TLFS_SYSTEM_H
#define TLFS_SYSTEM_H

#include <tlfs/partition.h>

enum hv_system_property {
	HV_SYSTEM_PROPERTY_SCHEDULER_TYPE		= 15,
};

enum hv_scheduler_type {
	HV_SCHEDULER_TYPE_ROOT		= 4,
};

enum hv_sleep_state {
	HV_SLEEP_STATE_S5		= 5,
};

#endif /* TLFS_SYSTEM_H */
