/* SPDX-License-Identifier: Apache-2.0 */
/* Page lists between the guest and the providers. */
#include <string.h>

#include "vmbus/server_state.h"

static void
created_answer(struct server *s, uint32_t relid, uint32_t handle, bool ok)
{
	struct message_gpadl_created m = {
		.header.type = MESSAGE_GPADL_CREATED,
		.relid = relid,
		.gpadl = handle,
		.status = ok ? MESSAGE_STATUS_OK : MESSAGE_STATUS_FAILED,
	};

	server_send(s, &m, sizeof(m));
}

static void
torndown_answer(struct server *s, uint32_t handle)
{
	struct message_gpadl_torndown m = {
		.header.type = MESSAGE_GPADL_TORNDOWN,
		.gpadl = handle,
	};

	server_send(s, &m, sizeof(m));
}

/* Nobody has the list any more. */
static void
gpadl_end(struct server *s, struct gpadl *g)
{
	if (g->answer_due && s->phase == SERVER_CONNECTED)
		torndown_answer(s, g->handle);
	gpadl_free(&s->gpadls, g);
}

/* The list is complete: its provider must know it before the guest goes on. */
static void
gpadl_add(struct server *s, struct gpadl *g)
{
	const struct server_channel *c = channel_by_relid(s, g->relid);

	g->state = GPADL_ADDING;
	g->answer_due = true;
	c->ops->gpadl_add(c->ctx, g);
}

enum hv_status
gpadl_on_header(struct server *s, const void *message, size_t len)
{
	enum gpadl_result result = GPADL_REFUSED;
	struct message_gpadl_header m;
	const struct server_channel *c;
	struct gpadl *g;

	memcpy(&m, message, sizeof(m));
	c = channel_by_relid(s, m.relid);
	if (c != NULL && c->state != SERVER_CHANNEL_RESCINDED)
		result = gpadl_begin(&s->gpadls, message, len, s->memory, &g);
	if (result == GPADL_NO_MEMORY)
		return HV_INSUFFICIENT_MEMORY;
	if (result == GPADL_REFUSED)
		created_answer(s, m.relid, m.gpadl, false);
	else if (result == GPADL_COMPLETE)
		gpadl_add(s, g);
	return HV_SUCCESS;
}

enum hv_status
gpadl_on_body(struct server *s, const void *message, size_t len)
{
	struct gpadl *g;

	switch (gpadl_continue(&s->gpadls, message, len, s->memory, &g)) {
	case GPADL_COMPLETE:
		gpadl_add(s, g);
		break;
	case GPADL_REFUSED:
		created_answer(s, g->relid, g->handle, false);
		gpadl_free(&s->gpadls, g);
		break;
	default:
		break;
	}
	return HV_SUCCESS;
}

void
server_gpadl_added(struct server_channel *c, uint32_t handle, bool ok)
{
	struct server *s = c->server;
	struct gpadl *g = gpadl_find(&s->gpadls, handle);

	if (g == NULL || g->relid != c->relid || g->state != GPADL_ADDING)
		return;
	if (s->phase == SERVER_CONNECTED)
		created_answer(s, g->relid, handle, ok);
	g->answer_due = g->remove_due;
	g->state = GPADL_READY;
	if (!ok)
		gpadl_end(s, g);
	else if (g->remove_due)
		server_gpadl_remove(s, g);
	server_step(s);
}

bool
gpadl_is_ring_in_use(const struct server *s, const struct gpadl *g)
{
	const struct server_channel *c = channel_by_relid(s, g->relid);

	return c != NULL && c->ring_gpadl == g->handle &&
	    (c->state == SERVER_CHANNEL_OPENING ||
	    c->state == SERVER_CHANNEL_OPEN ||
	    c->state == SERVER_CHANNEL_CLOSING);
}

void
server_gpadl_remove(struct server *s, struct gpadl *g)
{
	const struct server_channel *c = channel_by_relid(s, g->relid);

	if (g->state == GPADL_COLLECTING) {
		gpadl_end(s, g);
		return;
	}
	g->state = GPADL_REMOVING;
	c->ops->gpadl_remove(c->ctx, g);
}

enum hv_status
gpadl_on_teardown(struct server *s, const void *message)
{
	struct message_gpadl_teardown m;
	struct gpadl *g;

	memcpy(&m, message, sizeof(m));
	g = gpadl_find(&s->gpadls, m.gpadl);
	if (g == NULL) {
		/* Gone already, say by a rescind: nobody touches it. */
		torndown_answer(s, m.gpadl);
		return HV_SUCCESS;
	}
	if (g->state == GPADL_REMOVING)
		return HV_SUCCESS;
	if (g->state == GPADL_ADDING) {
		g->remove_due = true;
		return HV_SUCCESS;
	}
	g->answer_due = true;
	if (gpadl_is_ring_in_use(s, g)) {
		struct server_channel *c = channel_by_relid(s, g->relid);

		/* It takes the rings away: that is as good as a close. */
		g->remove_due = true;
		if (c->state != SERVER_CHANNEL_CLOSING)
			server_channel_close(c);
	} else {
		server_gpadl_remove(s, g);
	}
	return HV_SUCCESS;
}

void
gpadls_channel_closed(struct server_channel *c)
{
	struct gpadl *g = gpadl_find(&c->server->gpadls, c->ring_gpadl);

	if (g != NULL && g->relid == c->relid && g->remove_due &&
	    g->state == GPADL_READY)
		server_gpadl_remove(c->server, g);
}

void
server_gpadl_removed(struct server_channel *c, uint32_t handle)
{
	struct server *s = c->server;
	struct gpadl *g = gpadl_find(&s->gpadls, handle);

	if (g == NULL || g->relid != c->relid || g->state != GPADL_REMOVING)
		return;
	gpadl_end(s, g);
	server_step(s);
}

/* One list of the channel after @g, or NULL. */
static struct gpadl *
list_after(const struct server_channel *c, const struct gpadl *g)
{
	const struct gpadl_table *t = &c->server->gpadls;
	struct gpadl *next = gpadl_next(t, g);

	while (next != NULL && next->relid != c->relid)
		next = gpadl_next(t, next);
	return next;
}

const struct gpadl *
server_channel_gpadl_next(const struct server_channel *c,
    const struct gpadl *g)
{
	return list_after(c, g);
}

void
gpadls_rescind(struct server_channel *c)
{
	struct server *s = c->server;
	struct gpadl *g;

	while ((g = list_after(c, NULL)) != NULL) {
		bool creating = g->state == GPADL_ADDING ||
		    g->state == GPADL_COLLECTING;

		if (s->phase == SERVER_CONNECTED && creating)
			created_answer(s, g->relid, g->handle, false);
		if (s->phase == SERVER_CONNECTED && (g->remove_due ||
		    (g->answer_due && !creating)))
			torndown_answer(s, g->handle);
		gpadl_free(&s->gpadls, g);
	}
}
