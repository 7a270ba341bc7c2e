/* SPDX-License-Identifier: Apache-2.0 */
/* What is said over the socket of a raw channel in the parent. */
#ifndef MULLION_VMBUS_RAW_RAW_PROTOCOL_H
#define MULLION_VMBUS_RAW_RAW_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A program connects (SOCK_SEQPACKET) to become the channel's holder; who
 * leaves is no holder any more. One structure is one packet.
 *
 * provider                       holder
 * HELLO(status) --------------->           EBUSY: there is a holder
 * OPEN + 4 descriptors -------->           the guest has opened it
 * CLOSE ----------------------->           the guest wants its pages back
 *       <----------------------- CLOSED    they are unmapped, and closed
 *
 * The descriptors: the rings, guest to host first; a page for the figures of
 * the channel, which the holder keeps (struct provider_figures); what can be
 * read, 8 bytes at a time, when the guest has signalled: an eventfd or, where
 * the hypervisor does not ring it, a socket; the eventfd of signals to the
 * guest.
 */

#define RAW_FDS 4

enum raw_message_type {
	RAW_HELLO = 1,
	RAW_OPEN = 2,
	RAW_CLOSE = 3,
	RAW_CLOSED = 4,
};

enum raw_sender {
	RAW_SENDER_PROVIDER,
	RAW_SENDER_HOLDER,
};

struct raw_message {
	uint32_t type;
	uint32_t status;	/* of HELLO: 0 or an errno number */
	uint32_t in_bytes;	/* of OPEN: each ring with its header page */
	uint32_t out_bytes;
};
_Static_assert(sizeof(struct raw_message) == 16, "layout");

/* Is this, with @fd_count descriptors, what @sender may say? */
bool raw_message_check(const void *message, size_t len, unsigned fd_count,
    enum raw_sender sender);

/* -1: the peer is gone, or does not read. Never waits. */
int raw_message_send(int fd, const struct raw_message *m, const int *fds,
    unsigned fd_count);

/*
 * 1: a message that raw_message_check() likes; if it is OPEN, with descriptors
 * in @fds, now the caller's. 0: there is none. -1: the peer is gone (errno EIO)
 * or makes no sense (EPROTO).
 */
int raw_message_receive(int fd, enum raw_sender sender,
    struct raw_message *m, int fds[RAW_FDS]);

#endif
