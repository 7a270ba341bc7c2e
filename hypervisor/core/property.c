/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of partitions. */
#include <mullion/hypercall_handlers.h>

#include "core/clock.h"
#include "core/partition.h"
#include "x86/cpuid.h"
#include "x86/fpu.h"
#include "x86/tsc.h"
#include <tlfs/port.h>

#define AMD_EBX		UINT32_C(0x68747541)	/* "Auth" */
#define HYGON_EBX	UINT32_C(0x6f677948)	/* "Hygo" */

/* Synthetic features that we have for children. */
#define SYNTHETIC_FEATURES \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 | \
	 HV_SYNTHETIC_VP_RUN_TIME | HV_SYNTHETIC_REFERENCE_COUNTER | \
	 HV_SYNTHETIC_SYNIC | HV_SYNTHETIC_TIMERS | \
	 HV_SYNTHETIC_INTERRUPT_CONTROL | HV_SYNTHETIC_HYPERCALL | \
	 HV_SYNTHETIC_VP_INDEX | HV_SYNTHETIC_REFERENCE_TSC | \
	 HV_SYNTHETIC_GUEST_IDLE | HV_SYNTHETIC_FREQUENCY | \
	 HV_SYNTHETIC_DIRECT_TIMERS | HV_SYNTHETIC_EX_MASKS | \
	 HV_SYNTHETIC_TLB_FLUSH | HV_SYNTHETIC_CLUSTER_IPI | \
	 HV_SYNTHETIC_LONG_SPIN_WAIT | HV_SYNTHETIC_SIGNAL_EVENTS)

static uint64_t
processor_vendor(void)
{
	uint32_t ebx = cpuid(0, 0).ebx;

	return ebx == AMD_EBX || ebx == HYGON_EBX ? HV_PROCESSOR_VENDOR_AMD :
	    HV_PROCESSOR_VENDOR_INTEL;
}

/* What the machine has and every partition sees alike. */
static enum hv_status
machine_property(uint32_t code, uint64_t *value)
{
	switch (code) {
	case HV_PROPERTY_PROCESSOR_VENDOR:
		*value = processor_vendor();
		return HV_SUCCESS;
	case HV_PROPERTY_PHYSICAL_ADDRESS_WIDTH:
		*value = cpuid(0x80000008, 0).eax & 0xff;
		return HV_SUCCESS;
	case HV_PROPERTY_PROCESSOR_XSAVE_FEATURES:
	case HV_PROPERTY_XSAVE_STATES:
		*value = fpu_components();
		return HV_SUCCESS;
	case HV_PROPERTY_MAX_XSAVE_DATA_SIZE:
		*value = fpu_area_size();
		return HV_SUCCESS;
	case HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY:
		*value = tsc_hz();
		return HV_SUCCESS;
	case HV_PROPERTY_PROCESSOR_FEATURES0:
	case HV_PROPERTY_PROCESSOR_FEATURES1:
		/* A bit is a feature that may be given: none is held back. */
		*value = UINT64_MAX;
		return HV_SUCCESS;
	case HV_PROPERTY_SIGNAL_WINDOW:
		*value = HV_SIGNAL_WINDOW;
		return HV_SUCCESS;
	case HV_PROPERTY_EVENT_INTERRUPTS:
		*value = 1;
		return HV_SUCCESS;
	default:
		return HV_UNKNOWN_PROPERTY;
	}
}

/* The values of a partition, whoever may change them. */
static bool
partition_property(const struct partition *part, uint32_t code,
    uint64_t *value)
{
	const uint64_t values[][2] = {
		{ HV_PROPERTY_PRIVILEGE_FLAGS, part->privileges },
		{ HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES,
		  part->synthetic_features },
		{ HV_PROPERTY_TIME_FREEZE, part->time.frozen },
		{ HV_PROPERTY_REFERENCE_TIME, clock_now(part) },
		{ HV_PROPERTY_PROCESSORS_PER_SOCKET,
		  part->processors_per_socket },
		{ HV_PROPERTY_GPA_PAGE_ACCESS_TRACKING, part->access_tracking },
		{ HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		  part->ignore_unknown_msrs },
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (values[i][0] == code) {
			*value = values[i][1];
			return true;
		}
	}
	return false;
}

enum hv_status
call_get_partition_property(const struct hv_input_get_partition_property *in,
    struct partition *part, uint64_t *out)
{
	return partition_property(part, in->property_code, out) ? HV_SUCCESS :
	    machine_property(in->property_code, out);
}

/* What children find at their start; the processor has told them later. */
static enum hv_status
set_early(struct partition *part, uint32_t code, uint64_t value)
{
	if (part->state != PARTITION_CREATED)
		return HV_INVALID_PARTITION_STATE;
	if (code == HV_PROPERTY_PRIVILEGE_FLAGS)
		part->privileges = value & cpuid_privileges(false);
	else
		part->synthetic_features =
		    value & SYNTHETIC_FEATURES;
	return HV_SUCCESS;
}

static enum hv_status
set_flag(bool *flag, uint64_t value)
{
	if (value > 1)
		return HV_PROPERTY_VALUE_OUT_OF_RANGE;
	*flag = value != 0;
	return HV_SUCCESS;
}

static enum hv_status
set_locked(struct partition *part, uint32_t code, uint64_t value)
{
	switch (code) {
	case HV_PROPERTY_PRIVILEGE_FLAGS:
	case HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES:
		return set_early(part, code, value);
	case HV_PROPERTY_TIME_FREEZE:
		if (value > 1)
			return HV_PROPERTY_VALUE_OUT_OF_RANGE;
		clock_freeze(part, value != 0);
		return HV_SUCCESS;
	case HV_PROPERTY_REFERENCE_TIME:
		clock_set(part, value);
		return HV_SUCCESS;
	case HV_PROPERTY_PROCESSORS_PER_SOCKET:
		if (value > PARTITION_MAX_VPS)
			return HV_PROPERTY_VALUE_OUT_OF_RANGE;
		part->processors_per_socket = (uint32_t)value;
		return HV_SUCCESS;
	case HV_PROPERTY_GPA_PAGE_ACCESS_TRACKING:
		return set_flag(&part->access_tracking, value);
	case HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		return set_flag(&part->ignore_unknown_msrs, value);
	default:
		return HV_UNKNOWN_PROPERTY;
	}
}

/*
 * The parent's own time, features and rights are not its to change. After an
 * error nothing has changed.
 */
enum hv_status
call_set_partition_property(const struct hv_input_set_partition_property *in,
    struct partition *part)
{
	enum hv_status status;

	spin_lock(&part->lock);
	status = set_locked(part, in->property_code, in->property_value);
	spin_unlock(&part->lock);
	return status;
}

/* The properties that are banks of bits. */
enum hv_status
call_get_partition_property_ex(
    const struct hv_input_get_partition_property_ex *in,
    struct partition *part, struct hv_partition_property_banks *out)
{
	(void)part;
	if (in->property_code == HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES)
		out->bank[0] = SYNTHETIC_FEATURES;
	else if (in->property_code != HV_PROPERTY_VMM_CAPABILITIES)
		return HV_UNKNOWN_PROPERTY;
	out->bank_count = 1;
	return HV_SUCCESS;
}
