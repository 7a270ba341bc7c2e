/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that read and set properties of partitions. */
#include <mullion/hypercall_handlers.h>

#include "core/property.h"

enum hv_status
call_get_partition_property(const struct hv_input_get_partition_property *in,
    struct partition *part, uint64_t *out)
{
	return property_get(part, in->property_code, out);
}

/* The parent's own time, features and rights are not its to change. */
enum hv_status
call_set_partition_property(const struct hv_input_set_partition_property *in,
    struct partition *part)
{
	return property_set(part, in->property_code, in->property_value);
}

enum hv_status
call_get_partition_property_ex(
    const struct hv_input_get_partition_property_ex *in,
    struct partition *part, struct hv_partition_property_banks *out)
{
	(void)part;
	return property_get_banks(in->property_code, out);
}
