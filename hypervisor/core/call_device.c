/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the interrupts of the parent's devices. */
#include <mullion/hypercall_handlers.h>

#include "core/device_interrupt.h"
#include "core/hypercall.h"
#include "core/vp.h"
#include "core/vpset.h"

/* The processors that the call names; Linux names one. */
static enum hv_status
target_set(struct hypercall *hc,
    const struct hv_input_map_device_interrupt *in, struct vpset *set)
{
	uint64_t banks[VPSET_BANKS];
	size_t count = hc->varhead > 1 ? hc->varhead - 1u : 0;
	enum hv_status status;

	if ((in->target_flags & HV_INTERRUPT_TARGET_VP_SET) == 0) {
		/* Without the set, a mask of the first 64 is in its place. */
		vpset_from_mask(set, in->vp_set.format);
		return HV_SUCCESS;
	}
	if (count > VPSET_BANKS)
		return HV_INVALID_PARAMETER;
	/* The header's first quadword is the mask, which we have. */
	status = count == 0 ? HV_SUCCESS :
	    hypercall_read_varhead(hc, 1, count, banks);
	if (status != HV_SUCCESS)
		return status;
	return vpset_from_banks(set, in->vp_set.format,
	    in->vp_set.valid_bank_mask, banks, count, hc->part->vp_count);
}

/*
 * The answer depends on nothing but the call, so there is nothing to keep and
 * nothing to undo.
 */
enum hv_status
call_map_device_interrupt(struct hypercall *hc,
    const struct hv_input_map_device_interrupt *in,
    struct hv_output_map_device_interrupt *out)
{
	const struct vp *vp;
	struct vpset set;
	enum hv_status status = target_set(hc, in, &set);

	if (status != HV_SUCCESS)
		return status;
	vp = partition_vp(hc->part, vpset_next(&set, 0));
	if (vp == NULL)
		return HV_INVALID_VP_INDEX;
	return device_interrupt_encode(in->device_id, in->vector, vp->apic.id,
	    &out->interrupt_entry);
}

enum hv_status
call_unmap_device_interrupt(const struct hv_input_unmap_device_interrupt *in)
{
	(void)in;
	return HV_SUCCESS;
}
