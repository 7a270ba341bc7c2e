/* SPDX-License-Identifier: Apache-2.0 */
/* The call that runs a VP of a child on the caller's processor. */
#ifndef TLFS_DISPATCH_H
#define TLFS_DISPATCH_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

/* hv_input_dispatch_vp.flags */
#define HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND	UINT32_C(0x01)

enum hv_dispatch_state {
	HV_DISPATCH_STATE_INVALID	= 0,
	HV_DISPATCH_STATE_BLOCKED	= 1,
	HV_DISPATCH_STATE_READY		= 2,
};

enum hv_dispatch_event {
	HV_DISPATCH_EVENT_NONE		= 0,
	HV_DISPATCH_EVENT_SUSPEND	= 1,
	HV_DISPATCH_EVENT_INTERCEPT	= 2,
};

struct hv_output_dispatch_vp {
	uint32_t dispatch_state;
	uint32_t dispatch_event;
};
HV_LAYOUT_SIZE(struct hv_output_dispatch_vp, 8);

#endif /* TLFS_DISPATCH_H */
