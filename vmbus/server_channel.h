/* SPDX-License-Identifier: Apache-2.0 */
/* A channel that is offered to a child: between its server and a provider. */
#ifndef MULLION_VMBUS_SERVER_CHANNEL_H
#define MULLION_VMBUS_SERVER_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/gpadl.h"
#include "vmbus/guid.h"
#include "vmbus/message.h"

struct server;

/* One channel that is offered, from server_offer() to its op released(). */
struct server_channel;

/* Relids are 1 to this. */
#define SERVER_RELID_MAX 2047u
/* What the guest signals for channel @relid by HvSignalEvent. */
#define SERVER_CONNECTION_ID(relid) (UINT32_C(0x2000) | (relid))

struct server_open {
	uint32_t ring_gpadl;
	uint32_t downstream_page;	/* where the second ring begins */
	uint32_t target_vp;
	uint8_t user_data[MESSAGE_USER_DATA];
};

/*
 * What the server asks of the provider of a channel. Each of the first four is
 * answered, at once from inside the op or later, by the call named. A channel
 * that is opening can be closed: closed() is then all that is waited for.
 */
struct server_channel_ops {
	/*
	 * A page list is there; it stays as it is until the op below was
	 * answered. Answer: server_gpadl_added().
	 */
	void (*gpadl_add)(void *ctx, const struct gpadl *g);

	/* Forget a page list. Answer: server_gpadl_removed(). */
	void (*gpadl_remove)(void *ctx, const struct gpadl *g);

	/* The rings may be used from now on. Answer: server_opened(). */
	void (*open)(void *ctx, const struct server_open *open);

	/* Stop, and leave the rings alone. Answer: server_closed(). */
	void (*close)(void *ctx);

	/* The guest rings the bell of the open channel. */
	void (*signal)(void *ctx);

	/*
	 * The channel is gone, and its relid free: after server_rescind(), or
	 * because the connection ended that it was offered for (sub-channels,
	 * sockets). @channel is invalid from now on, the last op for @ctx.
	 */
	void (*released)(void *ctx);
};

struct server_offer {
	struct guid class_id;
	struct guid instance_id;	/* no other primary channel has it */
	uint16_t flags;			/* OFFER_... */
	uint16_t mmio_mib;
	uint16_t sub_channel;		/* 0: the primary */
	uint8_t user_data[MESSAGE_USER_DATA];
};

/*
 * Offer a channel, now if a guest is connected, and to each that connects; a
 * sub-channel or a socket only to the one that is. NULL: no memory, no relid
 * left, no guest, a sub-channel without primary, or the instance is taken,
 * perhaps by one that was rescinded and not released.
 */
struct server_channel *server_offer(struct server *s,
    const struct server_offer *offer, const struct server_channel_ops *ops,
    void *ctx);

/*
 * Take a channel back, and its sub-channels if it is a primary. Its provider
 * must have stopped, and unmapped all of the channel's pages, before: the
 * guest reuses them at once. Answers that are due need not come any more and
 * no op but released() is called, perhaps before this returns.
 */
void server_rescind(struct server_channel *c);

/* The answers. One that nobody waits for is ignored. */
void server_gpadl_added(struct server_channel *c, uint32_t handle, bool ok);
void server_gpadl_removed(struct server_channel *c, uint32_t handle);
void server_opened(struct server_channel *c, bool ok);
void server_closed(struct server_channel *c);

/* The provider rings the guest's bell; it is heard once the channel is open. */
void server_signal_guest(struct server_channel *c);

enum server_channel_state {
	SERVER_CHANNEL_IDLE,		/* no guest knows of it */
	SERVER_CHANNEL_OFFERED,
	SERVER_CHANNEL_OPENING,
	SERVER_CHANNEL_OPEN,
	SERVER_CHANNEL_CLOSING,
	SERVER_CHANNEL_RESCINDED,	/* the guest has not let go of it */
};

struct server_channel_info {
	const struct server_offer *offer;
	enum server_channel_state state;
	uint16_t relid;			/* 0: none at the moment */
	uint32_t target_vp;		/* where the guest's bell is */
	uint8_t sint;
	uint32_t ring_gpadl;
};

/* The channel after @c, the first one after NULL; NULL: no more. */
struct server_channel *server_channel_next(const struct server *s,
    const struct server_channel *c);

void server_channel_get(const struct server_channel *c,
    struct server_channel_info *info);

/* Where the rings of an open channel are in the guest. */
struct server_ring {
	uint64_t header_pfn;
	uint32_t size;		/* of its data, in bytes */
};

/* False unless it is open. */
bool server_channel_rings(const struct server_channel *c,
    struct server_ring *in, struct server_ring *out);

/* A page list of @c: the one after @g, or after NULL the first; NULL: none. */
const struct gpadl *server_channel_gpadl_next(const struct server_channel *c,
    const struct gpadl *g);

/* The pages of both; from *@downstream on, of that to the guest. Or NULL. */
const struct gpadl *server_channel_pages(const struct server_channel *c,
    uint32_t *downstream);

#endif
