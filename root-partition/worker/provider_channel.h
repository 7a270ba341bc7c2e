/* SPDX-License-Identifier: Apache-2.0 */
/* A channel that a provider offers: between its session and the server. */
#ifndef MULLION_WORKER_PROVIDER_CHANNEL_H
#define MULLION_WORKER_PROVIDER_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "vmbus/provider_protocol.h"
#include "vmbus/server_channel.h"
#include "worker/providers.h"

struct provider_channel {
	struct provider_channel *next;
	struct providers *providers;
	struct session *session;	/* NULL: gone; orphan, or kept */
	struct server_channel *channel;	/* NULL: not offered yet */
	struct server_offer offer;
	uint32_t number;		/* the provider's name for it */
	unsigned questions;		/* that it has not answered */
	/* Of a lasting one. */
	uint32_t journal_bytes;		/* 0: it is none */
	int journal_fd;			/* while it is open */
	bool resuming;			/* handed to a new provider */
	unsigned deaths;		/* of its providers */
	time_t died_first;
	time_t kept_until;		/* 0: it has a session */
	struct server_open opened_as;
	bool rescinded;
	bool open;			/* as far as the provider has said */
	bool rang;			/* call_fd, before it was open */
	bool direct;			/* call_fd passes by the loop */
	uint16_t relid;			/* while it is open */
	uint32_t target_vp;		/* of @direct */
	unsigned bell;			/* else: index of call_fd in the loop */
	bool lent;			/* others have kick_fd: never write */
	int kick_fd;			/* the guest's signals for it */
	int ring_fd;			/* -1, or a socket: its other end */
	int call_fd;			/* its signals for the guest */
};

/*
 * Offer what @m describes. Answers PROVIDER_OFFERED, now or when the guest has
 * let go of an earlier offer of the same instance.
 */
void provider_channel_offer(struct session *s,
    const struct provider_offer *m);

/* Try again those whose instance was taken. */
void provider_channels_retry(struct session *s);

/* The offer @number of @s; NULL: none, or it is rescinded. */
struct provider_channel *provider_channel_find(const struct session *s,
    uint32_t number);

/* Take it back. It may be gone when this returns. */
void provider_channel_rescind(struct provider_channel *c);

/*
 * Which of @list to take back first, among those that were kept long enough by
 * @now: sub-channels before their primary, which would take them along.
 */
struct provider_channel *provider_channel_first_to_go(
    struct provider_channel *list, time_t now);

/* Take all of a session's back: what the guest still has becomes orphans. */
void provider_channels_abandon(struct session *s);

/* Answers of the provider. */
void provider_channel_gpadl_added(struct provider_channel *c,
    uint32_t handle, bool ok);
void provider_channel_gpadl_removed(struct provider_channel *c,
    uint32_t handle);
void provider_channel_opened(struct provider_channel *c, bool ok);
void provider_channel_closed(struct provider_channel *c);

/* The guest may have moved a channel to another processor. */
void provider_channels_retarget(struct provider_channel *list);

/* Take it out of the list that it is in. */
void provider_channel_unlink(struct provider_channel *c);

/* --- For a provider that takes over. --- */

void provider_channel_tell_gpadl(struct provider_channel *c,
    const struct gpadl *g);

/* Nobody has answered whether it can be opened: ask anew. */
void provider_channel_reopen(struct provider_channel *c);

/* It is open, and may have requests under way. */
void provider_channel_resume(struct provider_channel *c);

/* Somebody rang bell @index for the guest. */
void provider_channel_rung(struct providers *p, unsigned index);

/* What there is to be seen of it. False unless it is open. */
bool provider_channel_look(const struct provider_channel *c,
    struct channel_state *out);

/* Whether an answer of @s is due. */
bool provider_channels_owe(const struct session *s);

#endif
