/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages and events between a child and its worker. All goes through the
 * partition's descriptor: that of a VP is taken by the thread that runs it.
 */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/intercept.h>
#include <tlfs/registers.h>
#include <tlfs/status.h>
#include <tlfs/synic.h>
#include <tlfs/vp.h>

#include "worker/mshv_call.h"

int
mshv_call(int fd, struct mshv_call_request *r, const char *what,
    struct err *e)
{
	int code;

	if (ioctl(fd, MSHV_ROOT_HVCALL, r) == 0)
		return 0;
	code = errno;
	return err_set(e, code, "%s: %s (hypervisor's status %#x)", what,
	    strerror(code), r->status);
}

static int
intercept_install(const struct partition *p, uint32_t type, struct err *e)
{
	struct hv_input_install_intercept in = {
		.access_type = HV_INTERCEPT_ACCESS_MASK_EXECUTE,
		.intercept_type = type,
	};
	struct mshv_call_request r = {
		.code = HVCALL_INSTALL_INTERCEPT,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
	};

	return mshv_call(p->fd, &r, "intercepting hypercalls", e);
}

int
mshv_intercept_hypercalls(const struct partition *p, struct err *e)
{
	if (intercept_install(p, HV_INTERCEPT_TYPE_HYPERCALL, e) < 0)
		return -1;
	return intercept_install(p, HV_INTERCEPT_TYPE_UNKNOWN_CONNECTION, e);
}

enum backend_delivery
mshv_post_message(const struct partition *p, uint32_t vp, uint8_t sint,
    const struct hv_message *m)
{
	struct hv_input_post_message_direct in = {
		.vp_index = vp,
		.sint_index = sint,
	};
	struct mshv_call_request r = {
		.code = HVCALL_POST_MESSAGE_DIRECT,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
	};
	struct err ignored;

	memcpy(in.message, m, sizeof(*m));
	if (mshv_call(p->fd, &r, "message", &ignored) == 0)
		return BACKEND_DELIVERED;
	return r.status == HV_INSUFFICIENT_BUFFERS ||
	    r.status == HV_NOT_ACKNOWLEDGED ? BACKEND_BUSY : BACKEND_CLOSED;
}

int
mshv_await_slots(const struct partition *p, uint32_t vp, uint16_t sints,
    struct err *e)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc element;
	} in = {
		.head.vp_index = vp,
		.element = {
			.name = HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
			.value.reg64 = (uint64_t)sints <<
			    HV_DELIVERABILITY_SINT_SHIFT,
		},
	};
	struct mshv_call_request r = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = 1,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
	};

	return mshv_call(p->fd, &r, "waiting for a message slot", e);
}

void
mshv_signal_event(const struct partition *p, uint32_t vp, uint8_t sint,
    uint16_t flag)
{
	struct hv_input_signal_event_direct in = {
		.target_vp = vp,
		.target_sint = sint,
		.flag_number = flag,
	};
	struct hv_output_signal_event_direct out;
	struct mshv_call_request r = {
		.code = HVCALL_SIGNAL_EVENT_DIRECT,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
		.out = (uintptr_t)&out,
		.out_size = sizeof(out),
	};
	struct err ignored;

	/* A guest that does not listen loses it, as with real hardware. */
	mshv_call(p->fd, &r, "event", &ignored);
}
