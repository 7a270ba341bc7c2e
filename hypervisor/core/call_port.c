/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on ports and connections. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/partition.h"
#include "core/port.h"
#include <tlfs/synic.h>

/* Only the parent has ports. */
static bool
is_own(const struct hypercall *hc, uint64_t id)
{
	return id == HV_PARTITION_ID_SELF || id == hc->part->id;
}

/* The child at the other end, with a reference. */
static struct partition *
child_get(const struct hypercall *hc, uint64_t id)
{
	struct partition *part = hypercall_partition(hc, id);

	if (part == NULL || !part->is_root)
		return part;
	partition_put(part);
	return NULL;
}

enum hv_status
call_create_port(struct hypercall *hc)
{
	const struct hv_input_create_port *in =
	    HYPERCALL_INPUT(hc, struct hv_input_create_port);
	struct partition *child;
	enum hv_status status;

	if (!is_own(hc, in->port_partition_id))
		return HV_INVALID_PARTITION_ID;
	child = child_get(hc, in->connection_partition_id);
	if (child == NULL)
		return HV_INVALID_PARTITION_ID;
	status = port_create(in, child);
	partition_put(child);
	return status;
}

enum hv_status
call_delete_port(struct hypercall *hc)
{
	const struct hv_input_delete_port *in =
	    HYPERCALL_INPUT(hc, struct hv_input_delete_port);

	if (!is_own(hc, in->port_partition_id))
		return HV_INVALID_PARTITION_ID;
	return port_delete(in->port_id);
}

enum hv_status
call_connect_port(struct hypercall *hc)
{
	const struct hv_input_connect_port *in =
	    HYPERCALL_INPUT(hc, struct hv_input_connect_port);
	struct partition *child;
	enum hv_status status;

	if (!is_own(hc, in->port_partition_id))
		return HV_INVALID_PARTITION_ID;
	child = child_get(hc, in->connection_partition_id);
	if (child == NULL)
		return HV_INVALID_PARTITION_ID;
	status = port_connect(child, in);
	partition_put(child);
	return status;
}

enum hv_status
call_disconnect_port(struct hypercall *hc)
{
	const struct hv_input_disconnect_port *in =
	    HYPERCALL_INPUT(hc, struct hv_input_disconnect_port);
	struct partition *child;
	enum hv_status status;

	child = child_get(hc, in->connection_partition_id);
	if (child == NULL)
		return HV_INVALID_PARTITION_ID;
	status = port_disconnect(child, in->connection_id);
	partition_put(child);
	return status;
}

enum hv_status
call_notify_port_ring_empty(struct hypercall *hc)
{
	const struct hv_input_notify_port_ring_empty *in =
	    HYPERCALL_INPUT(hc, struct hv_input_notify_port_ring_empty);

	if (in->sint_index >= HV_SINT_COUNT)
		return HV_INVALID_PARAMETER;
	port_ring_empty(in->sint_index);
	return HV_SUCCESS;
}
