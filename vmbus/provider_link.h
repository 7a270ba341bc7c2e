/* SPDX-License-Identifier: Apache-2.0 */
/* Packets and descriptors over a socket, for both ends of a provider's. */
#ifndef MULLION_VMBUS_PROVIDER_LINK_H
#define MULLION_VMBUS_PROVIDER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "vmbus/gpadl.h"
#include "vmbus/provider_protocol.h"

enum provider_sender {
	PROVIDER_SENDER_PROVIDER,
	PROVIDER_SENDER_WORKER,
};

/*
 * Is this, with @fd_count descriptors, a message that @sender may send? Type,
 * size, counts are checked; numbers of offers, handles and pages remain to be
 * checked by who knows them. False: the connection is to be ended.
 */
bool provider_message_check(const void *message, size_t len,
    unsigned fd_count, enum provider_sender sender);

/* What may wait for a peer that does not read; beyond it is lost. */
#define PROVIDER_LINK_QUEUE_BYTES (UINT32_C(4) << 20)

struct provider_link_packet;

/* Neither sending nor receiving ever waits. */
struct provider_link {
	int fd;			/* owned */
	enum provider_sender peer;
	struct provider_link_packet *first;
	struct provider_link_packet **last;
	size_t queued_bytes;
};

/* Take over @fd, a connected SOCK_SEQPACKET; what comes is from @peer. */
void provider_link_init(struct provider_link *l, int fd,
    enum provider_sender peer);

/* Close it, and what waits in it. */
void provider_link_close(struct provider_link *l);

/*
 * Send @message, whose head tells its size, or queue it while the socket is
 * full. The descriptors stay the caller's. -1: the peer is gone or hopeless.
 */
int provider_link_send(struct provider_link *l, const void *message,
    const int *fds, unsigned fd_count, struct err *e);

/* True while something waits: the socket is to be watched for room. */
bool provider_link_waits(const struct provider_link *l);

/* The socket has room. -1: the peer is gone. */
int provider_link_flush(struct provider_link *l, struct err *e);

/*
 * Receive into @buffer of PROVIDER_MESSAGE_MAX bytes, aligned to 8. Returns
 * 1: one message that provider_message_check() likes is there, with the
 * *@fd_count descriptors in @fds, now the caller's; 0: there is none at the
 * moment; -1: the peer is gone (ECONNRESET) or sent nonsense (EPROTO).
 */
int provider_link_receive(struct provider_link *l, void *buffer,
    int fds[PROVIDER_FDS_MAX], unsigned *fd_count, struct err *e);

#endif
