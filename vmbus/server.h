/* SPDX-License-Identifier: Apache-2.0 */
/* The server's end of a child's VMBus connection: a state machine. */
#ifndef MULLION_VMBUS_SERVER_H
#define MULLION_VMBUS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tlfs/status.h>

#include "vmbus/guid.h"
#include "vmbus/memory.h"
#include "vmbus/message.h"

/*
 * One server a child, without input or output of its own: the owner feeds it
 * what the guest does, and it calls the owner's ops. A lock of the owner is
 * held around every call in, thus in ops, too; they may call the server again.
 */
struct server;

enum server_posted {
	SERVER_POSTED,
	SERVER_BUSY,	/* not now: server_deliverable() is to be called */
};

/* What the server needs of the hypervisor and of the worker. */
struct server_ops {
	/* Put a message of ours into SINT @sint of @vp. */
	enum server_posted (*post)(void *ctx, uint32_t vp, uint8_t sint,
	    const void *message, size_t len);

	/* Set event flag @relid in SINT @sint of @vp; best effort. */
	void (*signal)(void *ctx, uint32_t vp, uint8_t sint, uint16_t relid);

	/* A guest has connected with protocol @version. */
	void (*contact)(void *ctx, uint32_t version);

	/*
	 * The connection is over and nobody touches the guest's memory for it
	 * any more: after an unload, and once after each server_reset().
	 */
	void (*quiet)(void *ctx);

	/*
	 * A socket of the guest connects to @service of the host. The answer
	 * is an offer or server_refuse_connect().
	 */
	void (*connect_request)(void *ctx, const struct guid *endpoint,
	    const struct guid *service);
};

/*
 * A server for a child with @vps processors. @ops, @ctx and @memory outlive
 * it. NULL: out of memory.
 */
struct server *server_create(const struct server_ops *ops, void *ctx,
    const struct memory *memory, uint32_t vps);

/* Its channels go with it. No op is called. */
void server_destroy(struct server *s);

/*
 * The guest called HvPostMessage with @len bytes for @connection_id; @now is a
 * clock that never goes back, in ns. Returns the hypercall's status. Both
 * HV_INSUFFICIENT_BUFFERS and HV_INVALID_CONNECTION_ID leave all as it was.
 */
enum hv_status server_message(struct server *s, uint32_t connection_id,
    const void *message, size_t len, uint64_t now);

/* The guest called HvSignalEvent. Returns the hypercall's status. */
enum hv_status server_signal_host(struct server *s, uint32_t connection_id,
    uint16_t flag);

/* SINT @sint of @vp can take a message again. */
void server_deliverable(struct server *s, uint32_t vp, uint8_t sint);

/*
 * The child is being reset or has ended: drop the connection without a word to
 * the guest. op quiet() tells when its memory is left alone; it may be called
 * before this returns.
 */
void server_reset(struct server *s);

/* Answer to op connect_request(). */
void server_refuse_connect(struct server *s, const struct guid *endpoint,
    const struct guid *service);

/* The version of the guest that is connected, or 0. */
uint32_t server_version(const struct server *s);

/* Whether a guest waits for its channels to be closed: op quiet() follows. */
bool server_leaving(const struct server *s);

#endif
