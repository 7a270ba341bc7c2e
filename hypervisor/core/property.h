/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of partitions, which parents read and set by number. */
#ifndef HV_CORE_PROPERTY_H
#define HV_CORE_PROPERTY_H

#include "core/types.h"
#include <tlfs/partition.h>
#include <tlfs/status.h>

struct partition;

/* Synthetic features that we have for children. */
#define PROPERTY_SYNTHETIC_FEATURES \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 | \
	 HV_SYNTHETIC_VP_RUN_TIME | HV_SYNTHETIC_REFERENCE_COUNTER | \
	 HV_SYNTHETIC_SYNIC | HV_SYNTHETIC_TIMERS | \
	 HV_SYNTHETIC_INTERRUPT_CONTROL | HV_SYNTHETIC_HYPERCALL | \
	 HV_SYNTHETIC_VP_INDEX | HV_SYNTHETIC_REFERENCE_TSC | \
	 HV_SYNTHETIC_GUEST_IDLE | HV_SYNTHETIC_FREQUENCY | \
	 HV_SYNTHETIC_DIRECT_TIMERS | HV_SYNTHETIC_EX_MASKS | \
	 HV_SYNTHETIC_TLB_FLUSH | HV_SYNTHETIC_CLUSTER_IPI | \
	 HV_SYNTHETIC_LONG_SPIN_WAIT | HV_SYNTHETIC_SIGNAL_EVENTS)

/* HV_UNKNOWN_PROPERTY: there is no such, or it cannot be read. */
enum hv_status property_get(const struct partition *part, uint32_t code,
    uint64_t *value);

/*
 * Errors: HV_UNKNOWN_PROPERTY, HV_INVALID_PARTITION_STATE (it is too late for
 * it), HV_PROPERTY_VALUE_OUT_OF_RANGE. Then nothing has changed.
 */
enum hv_status property_set(struct partition *part, uint32_t code,
    uint64_t value);

/* The properties that are banks of bits. HV_UNKNOWN_PROPERTY as above. */
enum hv_status property_get_banks(uint32_t code,
    struct hv_partition_property_banks *banks);

#endif /* HV_CORE_PROPERTY_H */
