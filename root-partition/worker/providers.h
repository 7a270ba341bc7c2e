/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that serve a child's devices, at the worker's end. */
#ifndef MULLION_WORKER_PROVIDERS_H
#define MULLION_WORKER_PROVIDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/channels.h"
#include "manager/err.h"
#include "vmbus/guid.h"
#include "vmbus/provider_link.h"
#include "vmbus/provider_protocol.h"
#include "vmbus/server_channel.h"
#include "worker/loop.h"

#define PROVIDERS_MAX 16

struct provider_channel;
struct vmbus_host;

/* One that has connected. */
struct session {
	struct providers *providers;
	struct provider_link link;
	struct provider_channel *channels;
	enum provider_kind kind;	/* 0 until it has said hello */
	int figures_fd;			/* -1 until then */
	bool used;
	bool writing;			/* the loop watches for room */
	bool ending;			/* providers_settle() ends it */
	bool gone;			/* the process has closed its end */
};

/* All under the lock of the host. */
struct providers {
	struct vmbus_host *host;
	struct loop *loop;
	int listen_fd;			/* -1: none */
	int timer_fd;			/* for who keeps a guest waiting */
	uint32_t uid_base;
	bool unsettled;
	struct session sessions[PROVIDERS_MAX];
	/* Rescinded, their providers gone, the guest still has them. */
	struct provider_channel *orphans;
	/* Lasting, their providers gone, the guest does not know. */
	struct provider_channel *kept;
	int kept_timer_fd;
	/* Whose bell for the guest we pass on, by the index in the loop. */
	struct provider_channel *bells[SERVER_RELID_MAX];
};

int providers_init(struct providers *p, struct vmbus_host *host,
    struct loop *l, struct err *e);

/* Be there for providers; @uid_base is the first of the child's users. */
int providers_listen(struct providers *p, const char *run_dir,
    uint32_t uid_base, struct err *e);

/* Take over @fd, a provider's connection. -1: there are too many. */
int providers_attach(struct providers *p, int fd, struct err *e);

/* One of the sources LOOP_VMBUS_... */
void providers_event(struct providers *p, const struct loop_event *event);

/* Tell all of PROVIDER_CONTACT and so on. */
void providers_tell(struct providers *p, enum provider_event_kind kind,
    uint32_t value);

/* The guest connects to a service of the host. False: nobody serves those. */
bool providers_connect(struct providers *p, const struct guid *endpoint,
    const struct guid *service);

/*
 * Up to @most of the open channels whose relid is at least @from, in order.
 * Returns how many; @more, whether there are others.
 */
unsigned providers_channels(const struct providers *p, uint32_t from,
    struct channel_state *out, unsigned most, bool *more);

/* The guest may have moved channels to other processors. */
void providers_retarget(struct providers *p);

/*
 * The guest wants to be let go of, perhaps because it panicked, or another one
 * has taken its place: providers that do not answer for seconds are given up.
 * Until providers_left().
 */
void providers_leaving(struct providers *p);
void providers_left(struct providers *p);

/*
 * Do what could not be done inside the server's ops: end sessions, and offer
 * again what a guest had still held. Before the lock is released.
 */
void providers_settle(struct providers *p);

/* --- For provider_channel.c --- */

/* Send, or end the session. */
void session_send(struct session *s, const void *message, const int *fds,
    unsigned fd_count);
/* PROVIDER_OFFERED and other short ones. */
void session_send_short(struct session *s, enum provider_message type,
    uint32_t offer, uint32_t status);
/* End it, soon; @why is for the log. */
void session_end(struct session *s, const char *why);

#endif
