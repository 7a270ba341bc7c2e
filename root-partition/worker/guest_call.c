/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a guest's hypercalls; all of it is the guest's to choose. */
#include "worker/guest_call.h"

#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/synic.h>

static enum hv_status
decode_post(const struct hv_hypercall_intercept_message *m,
    const struct memory *memory, struct guest_call *call)
{
	struct hv_input_post_message in;
	const uint8_t *at;

	if ((m->rcx & HV_HYPERCALL_FAST) != 0)
		return HV_INVALID_HYPERCALL_INPUT;
	at = memory_at(memory, m->rdx, sizeof(in));
	if (at == NULL)
		return HV_INVALID_PARAMETER;
	/* Once: the guest's other processors may change it meanwhile. */
	memcpy(&in, at, sizeof(in));
	if (in.payload_size > sizeof(call->message))
		return HV_INVALID_PARAMETER;
	call->kind = GUEST_CALL_POST;
	call->connection_id = in.connection_id;
	call->len = in.payload_size;
	memcpy(call->message, in.payload, call->len);
	return HV_SUCCESS;
}

static enum hv_status
decode_signal(const struct hv_hypercall_intercept_message *m,
    const struct memory *memory, struct guest_call *call)
{
	struct hv_input_signal_event in;
	const void *at = &m->rdx;

	if ((m->rcx & HV_HYPERCALL_FAST) == 0)
		at = memory_at(memory, m->rdx, sizeof(in));
	if (at == NULL)
		return HV_INVALID_PARAMETER;
	memcpy(&in, at, sizeof(in));
	call->kind = GUEST_CALL_SIGNAL;
	call->connection_id = in.connection_id;
	call->flag = in.flag_number;
	return HV_SUCCESS;
}

enum hv_status
guest_call_decode(const struct hv_hypercall_intercept_message *m,
    const struct memory *memory, struct guest_call *call)
{
	switch (m->rcx & HV_HYPERCALL_CODE_MASK) {
	case HVCALL_POST_MESSAGE:
		return decode_post(m, memory, call);
	case HVCALL_SIGNAL_EVENT:
		return decode_signal(m, memory, call);
	default:
		return HV_INVALID_HYPERCALL_CODE;
	}
}
