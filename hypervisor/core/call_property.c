/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that read and set properties of partitions. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/partition.h"
#include "core/property.h"

enum hv_status
call_get_partition_property(struct hypercall *hc)
{
	const struct hv_input_get_partition_property *in =
	    HYPERCALL_INPUT(hc, struct hv_input_get_partition_property);
	struct hv_output_get_partition_property out;
	struct partition *part = hypercall_partition(hc, in->partition_id);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	status = property_get(part, in->property_code, &out.property_value);
	partition_put(part);
	if (status != HV_SUCCESS)
		return status;
	return hypercall_output(hc, &out, sizeof(out));
}

enum hv_status
call_set_partition_property(struct hypercall *hc)
{
	const struct hv_input_set_partition_property *in =
	    HYPERCALL_INPUT(hc, struct hv_input_set_partition_property);
	struct partition *part = hypercall_partition(hc, in->partition_id);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	/* The parent's own time, features and rights are not its to change. */
	status = part->is_root ? HV_ACCESS_DENIED :
	    property_set(part, in->property_code, in->property_value);
	partition_put(part);
	return status;
}

enum hv_status
call_get_partition_property_ex(struct hypercall *hc)
{
	const struct hv_input_get_partition_property_ex *in =
	    HYPERCALL_INPUT(hc, struct hv_input_get_partition_property_ex);
	struct hv_partition_property_banks out;
	struct partition *part = hypercall_partition(hc, in->partition_id);
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	partition_put(part);
	status = property_get_banks(in->property_code, &out);
	if (status != HV_SUCCESS)
		return status;
	return hypercall_output(hc, &out, sizeof(out));
}
