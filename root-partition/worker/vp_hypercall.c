/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's hypercalls, and message slots that it has emptied. */
#include <tlfs/intercept_message.h>

#include "worker/vmbus_host.h"
#include "worker/vp.h"
#include "worker/vp_registers.h"

int
vp_answer_hypercall(struct vp *vp,
    const struct hv_hypercall_intercept_message *m, struct err *e)
{
	unsigned length = m->header.length_cr8 & HV_INTERCEPT_LENGTH_MASK;
	struct vmbus_host *host = vp->machine->vmbus;
	struct guest_call call;
	uint64_t status;

	status = guest_call_decode(m, &host->memory, &call);
	if (status == HV_SUCCESS)
		status = vmbus_host_call(host, &call);
	return vp_step(vp, m->header.rip + length, &status, e);
}

void
vp_answer_deliverable(struct vp *vp,
    const struct hv_sint_deliverable_message *m)
{
	vmbus_host_deliverable(vp->machine->vmbus, vp->link.index,
	    m->deliverable_sints);
}
