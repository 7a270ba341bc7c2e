/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the life of partitions. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"

enum hv_status
call_create_partition(const struct hv_input_create_partition *in,
    uint64_t *out)
{
	return partition_create(in->flags, out);
}

enum hv_status
call_initialize_partition(const struct hv_input_partition *in,
    struct partition *part)
{
	(void)in;
	return partition_initialize(part);
}

enum hv_status
call_finalize_partition(const struct hv_input_partition *in,
    struct partition *part)
{
	(void)in;
	return partition_finalize(part);
}

/* The reference goes with the partition. */
enum hv_status
call_delete_partition(struct hypercall *hc)
{
	struct partition *part = hypercall_partition(hc, HYPERCALL_INPUT(hc,
	    struct hv_input_partition)->partition_id);
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
	return hypercall_output(hc, &hc->part->id, sizeof(hc->part->id));
}
