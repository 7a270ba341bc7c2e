/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercalls by which a guest reaches its VMBus, taken apart. */
#ifndef MULLION_WORKER_GUEST_CALL_H
#define MULLION_WORKER_GUEST_CALL_H

#include <stddef.h>
#include <stdint.h>

#include <tlfs/intercept_message.h>
#include <tlfs/status.h>

#include "vmbus/memory.h"
#include "vmbus/message.h"

enum guest_call_kind {
	GUEST_CALL_POST,	/* HvPostMessage */
	GUEST_CALL_SIGNAL,	/* HvSignalEvent */
};

struct guest_call {
	enum guest_call_kind kind;
	uint32_t connection_id;
	uint16_t flag;				/* of GUEST_CALL_SIGNAL */
	size_t len;				/* of GUEST_CALL_POST */
	uint8_t message[MESSAGE_BYTES_MAX] __attribute__((aligned(8)));
};

/*
 * Take apart the call that @m tells of, and copy what it points to out of the
 * guest's memory. Anything but HV_SUCCESS is what the guest is to be told.
 */
enum hv_status guest_call_decode(
    const struct hv_hypercall_intercept_message *m,
    const struct memory *memory, struct guest_call *call);

#endif
