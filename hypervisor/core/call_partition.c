/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the life of partitions. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/partition.h"
#include <tlfs/partition.h>

#define CREATION_FLAGS	(HV_PARTITION_FLAG_SMT_ENABLED_GUEST | \
			 HV_PARTITION_FLAG_NESTED_VIRTUALIZATION | \
			 HV_PARTITION_FLAG_GPA_SUPER_PAGES | \
			 HV_PARTITION_FLAG_EXO_PARTITION | \
			 HV_PARTITION_FLAG_LAPIC_ENABLED | \
			 HV_PARTITION_FLAG_INTERCEPT_PAGE | \
			 HV_PARTITION_FLAG_X2APIC_CAPABLE)

enum hv_status
call_create_partition(struct hypercall *hc)
{
	const struct hv_input_create_partition *in =
	    HYPERCALL_INPUT(hc, struct hv_input_create_partition);
	struct hv_output_create_partition out;
	enum hv_status status;

	if ((in->flags & ~CREATION_FLAGS) != 0 ||
	    in->isolation_properties != 0)
		return HV_INVALID_PARAMETER;
	status = partition_create(in->flags, &out.partition_id);
	if (status != HV_SUCCESS)
		return status;
	return hypercall_output(hc, &out, sizeof(out));
}

static struct partition *
named_partition(struct hypercall *hc)
{
	const struct hv_input_partition *in =
	    HYPERCALL_INPUT(hc, struct hv_input_partition);

	return hypercall_partition(hc, in->partition_id);
}

enum hv_status
call_initialize_partition(struct hypercall *hc)
{
	struct partition *part = named_partition(hc);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	status = partition_initialize(part);
	partition_put(part);
	return status;
}

enum hv_status
call_finalize_partition(struct hypercall *hc)
{
	struct partition *part = named_partition(hc);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	status = partition_finalize(part);
	partition_put(part);
	return status;
}

enum hv_status
call_delete_partition(struct hypercall *hc)
{
	struct partition *part = named_partition(hc);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	status = partition_delete(part);
	if (status != HV_SUCCESS)
		partition_put(part);
	return status;
}

enum hv_status
call_get_partition_id(struct hypercall *hc)
{
	struct hv_output_get_partition_id out = {
		.partition_id = hc->part->id,
	};

	return hypercall_output(hc, &out, sizeof(out));
}
