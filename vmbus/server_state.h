/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server share, and nobody else sees. */
#ifndef MULLION_VMBUS_SERVER_STATE_H
#define MULLION_VMBUS_SERVER_STATE_H

#include "vmbus/message_queue.h"
#include "vmbus/server.h"
#include "vmbus/server_channel.h"

#define SERVER_NO_INTERRUPTS UINT32_MAX

struct server_channel {
	struct server *server;
	struct server_channel *next;	/* by class, instance, sub-channel */
	struct server_offer offer;
	const struct server_channel_ops *ops;
	void *ctx;
	enum server_channel_state state;
	bool opened_due;		/* op open() was not answered */
	bool signal_due;		/* the guest has no open channel yet */
	uint16_t relid;
	uint32_t open_id;
	uint32_t ring_gpadl;
	uint32_t downstream_page;
	uint32_t target_vp;
};

enum server_phase {
	SERVER_AWAY,		/* no guest */
	SERVER_CONNECTED,
	SERVER_LEAVING,		/* providers are letting go */
};

/* What is to be done once a connection is over; the last word counts. */
enum server_after {
	SERVER_AFTER_NOTHING,
	SERVER_AFTER_UNLOAD,
	SERVER_AFTER_CONTACT,
};

struct server {
	const struct server_ops *ops;
	void *ctx;
	const struct memory *memory;
	uint32_t vps;

	enum server_phase phase;
	enum server_after after;
	struct message_initiate_contact contact;	/* the newest */
	uint32_t version;
	bool offers_requested;
	bool stepping;
	bool quiet_due;

	struct message_queue queue;
	struct gpadl_table gpadls;
	struct server_channel *channels;
	struct server_channel *by_relid[SERVER_RELID_MAX + 1];

	/* Messages that may come now, and when that was counted. */
	uint64_t allowance;
	uint64_t counted_at;
};

/* server.c */
void server_send(struct server *s, const void *message, size_t len);
/* Go on leaving, if we are. */
void server_step(struct server *s);

/* server_channel.c */
/* The channel that the guest knows by @relid, or NULL. */
struct server_channel *channel_by_relid(const struct server *s,
    uint32_t relid);
void channels_offer(struct server *s);
/* Have a channel that is open, or about to be, closed. */
void server_channel_close(struct server_channel *c);
/* The connection is over: forget relids, drop what was for it alone. */
void channels_disconnect(struct server *s);
void channels_free(struct server *s);
enum hv_status channel_on_open(struct server *s, const void *message);
enum hv_status channel_on_close(struct server *s, const void *message);
enum hv_status channel_on_released(struct server *s, const void *message);
enum hv_status channel_on_modify(struct server *s, const void *message);

/* server_gpadl.c */
enum hv_status gpadl_on_header(struct server *s, const void *message,
    size_t len);
enum hv_status gpadl_on_body(struct server *s, const void *message,
    size_t len);
enum hv_status gpadl_on_teardown(struct server *s, const void *message);
/* Begin to remove a list whose channel does not use it as rings. */
void server_gpadl_remove(struct server *s, struct gpadl *g);
/* Lists whose removal waited for the rings of @c to be closed. */
void gpadls_channel_closed(struct server_channel *c);
/* The channel is rescinded: answer what the guest waits for, drop all. */
void gpadls_rescind(struct server_channel *c);
bool gpadl_is_ring_in_use(const struct server *s, const struct gpadl *g);

#endif
