/* SPDX-License-Identifier: Apache-2.0 */
/* The call that runs a VP of a child on the caller's processor. */
#ifndef TLFS_DISPATCH_H
#define TLFS_DISPATCH_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

/* hv_input_dispatch_vp.flags */
#define HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND	UINT32_C(0x01)

enum hv_dispatch_state {
	HV_DISPATCH_STATE_BLOCKED	= 1,
	HV_DISPATCH_STATE_READY		= 2,
};

enum hv_dispatch_event {
	HV_DISPATCH_EVENT_SUSPEND	= 1,
	HV_DISPATCH_EVENT_INTERCEPT	= 2,
};

#endif /* TLFS_DISPATCH_H */
