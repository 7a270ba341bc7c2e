/* SPDX-License-Identifier: Apache-2.0 */
/* Answering a guest in place of a provider that is gone. Pure. */
#ifndef MULLION_VMBUS_FAREWELL_H
#define MULLION_VMBUS_FAREWELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/gpadl.h"
#include "vmbus/memory.h"

/*
 * A driver may wait for ever for answers to what it sent when its device is
 * taken away. Answer each packet in the ring of the guest that asks for it by
 * the @len bytes at @payload, at most FAREWELL_MAX. @rings are the pages of
 * both rings, of which the one to the guest begins at @downstream; nobody else
 * may use the host's ends any more. Rings that are broken, or not in one
 * piece, are left alone. True: the guest is to be signalled.
 */
#define FAREWELL_MAX 64u

bool farewell_say(const struct memory *memory, const struct gpadl *rings,
    uint32_t downstream, const void *payload, size_t len);

#endif
