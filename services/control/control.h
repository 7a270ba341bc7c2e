/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of clients on a Unix socket, with descriptors, and the replies. */
#ifndef MULLION_SERVICES_CONTROL_H
#define MULLION_SERVICES_CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "manager/err.h"

#define SERVICE_CLIENTS 8
#define SERVICE_REQUEST_MAX 16384
#define SERVICE_FDS_MAX 16

/* What a client sent. */
struct service_request {
	const uint8_t *packet;
	size_t len;
	/*
	 * Descriptors that came with it, and -1 behind the last. They are
	 * closed after the op; who keeps one leaves -1 in its place.
	 */
	int fds[SERVICE_FDS_MAX];
};

/* A SOCK_SEQPACKET socket that is listened on, and its clients. */
struct service_control;

struct service_control_ops {
	/*
	 * Client @client, below SERVICE_CLIENTS, asks. Reply now or later,
	 * once.
	 */
	void (*packet)(void *ctx, unsigned client, struct service_request *r);

	/* The client has left, with or without its reply. */
	void (*left)(void *ctx, unsigned client);
};

/*
 * Listen at @run_dir/@name, in place of whatever is left there of a run
 * before. NULL: failed.
 */
struct service_control *service_control_open(sd_event *event,
    const char *run_dir, const char *name,
    const struct service_control_ops *ops, void *ctx, struct err *e);

/* No op is called any more. NULL is fine. */
void service_control_close(struct service_control *c);

/* Who asks more than it reads is not waited for: its op left() comes. */
void service_control_reply(struct service_control *c, unsigned client,
    const char *text, size_t len);

/* The system calls this takes once it is open, and how many there are. */
extern const int service_control_calls[];
extern const size_t service_control_call_count;

#endif
