/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that a guest makes about itself, and to its parent. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/hypercall_target.h"
#include "core/intercept.h"
#include "core/port.h"
#include "core/vp.h"
#include "core/vpset.h"
#include <tlfs/intercept.h>
#include <tlfs/interrupt.h>

static enum hv_status
flush(struct hypercall *hc, uint64_t flags, struct vpset *set)
{
	if ((flags & HV_FLUSH_ALL_PROCESSORS) != 0)
		vpset_first(set, hc->part->vp_count);
	partition_flush_vps(hc->part, set);
	/* Of a list all has been flushed: more than asked is always right. */
	hc->reps_done = hc->rep_count;
	return HV_SUCCESS;
}

enum hv_status
call_flush_virtual_address_space(struct hypercall *hc)
{
	const struct hv_input_flush_virtual_address *in = hypercall_input(hc);
	struct vpset set;

	vpset_from_mask(&set, in->processor_mask);
	return flush(hc, in->flags, &set);
}

enum hv_status
call_flush_virtual_address_space_ex(struct hypercall *hc)
{
	const struct hv_input_flush_virtual_address_ex *in = hypercall_input(hc);
	struct vpset set;
	enum hv_status st = target_vps(hc, 0, in->format,
	    in->valid_bank_mask, &set);

	return st != HV_SUCCESS ? st : flush(hc, in->flags, &set);
}

/* All or nothing: an index that no VP has is found before the first IPI. */
static enum hv_status
ipi_to_set(struct hypercall *hc, uint32_t vector, const struct vpset *set)
{
	unsigned int i;
	struct vp *vp;

	if (vector < VAPIC_FIRST_VECTOR || vector > UINT8_MAX)
		return HV_INVALID_PARAMETER;
	vpset_for_each(i, set) {
		if (partition_vp(hc->part, i) == NULL)
			return HV_INVALID_PARAMETER;
	}
	vpset_for_each(i, set) {
		vp = partition_vp(hc->part, i);
		/* The parent may be taking them away just now. */
		if (vp != NULL)
			vp_interrupt(vp, (uint8_t)vector, VAPIC_EDGE);
	}
	return HV_SUCCESS;
}

enum hv_status
call_send_ipi(struct hypercall *hc)
{
	const struct hv_input_send_ipi *in = hypercall_input(hc);
	struct vpset set;

	vpset_from_mask(&set, in->processor_mask);
	return ipi_to_set(hc, in->vector, &set);
}

enum hv_status
call_send_ipi_ex(struct hypercall *hc)
{
	const struct hv_input_send_ipi_ex *in = hypercall_input(hc);
	struct vpset set;
	enum hv_status st = target_vps(hc, 0, in->format,
	    in->valid_bank_mask, &set);

	return st != HV_SUCCESS ? st : ipi_to_set(hc, in->vector, &set);
}

/*
 * There are no message and event ports under this driver: what a child sends
 * is for its parent's worker, which asks for it by an intercept, or for events
 * by a doorbell.
 */
static enum hv_status
connection_unknown(struct hypercall *hc)
{
	uint32_t wanted = 1u << HV_INTERCEPT_TYPE_UNKNOWN_CONNECTION |
	    1u << HV_INTERCEPT_TYPE_HYPERCALL;

	if ((hc->part->intercepts & wanted) == 0)
		return HV_INVALID_CONNECTION_ID;
	intercept_hypercall(hc->vp);
	hc->outcome = HYPERCALL_SWITCH;
	return HV_SUCCESS;
}

enum hv_status
call_post_message(struct hypercall *hc)
{
	return connection_unknown(hc);
}

enum hv_status
call_signal_event(struct hypercall *hc)
{
	const struct hv_input_signal_event *in = hypercall_input(hc);

	if (port_signal(hc->part, in->connection_id, in->flag_number))
		return HV_SUCCESS;
	return connection_unknown(hc);
}

enum hv_status
call_get_partition_id(struct hypercall *hc)
{
	return hypercall_output(hc, &hc->part->id, sizeof(hc->part->id));
}
