/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the interrupts of the parent's devices. */
#include <mullion/hypercall_handlers.h>

#include "core/device_interrupt.h"
#include "core/hypercall.h"
#include "core/hypercall_target.h"
#include "core/vp.h"
#include "core/vpset.h"

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
	enum hv_status st = HV_SUCCESS;
	struct vpset set;

	/* Linux names one processor. In the header, the mask comes first. */
	if ((in->target_flags & HV_INTERRUPT_TARGET_VP_SET) != 0)
		st = target_vps(hc, 1, in->format, in->valid_bank_mask, &set);
	else
		vpset_from_mask(&set, in->format);
	if (st != HV_SUCCESS)
		return st;
	vp = partition_vp(hc->part, vpset_next(&set, 0));
	if (vp == NULL)
		return HV_INVALID_VP_INDEX;
	return device_interrupt_encode(in->device_id, in->vector, vp->apic.id,
	    out);
}
