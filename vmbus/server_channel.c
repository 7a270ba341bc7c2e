/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: offered, opened, closed, taken back. */
#include <stdlib.h>
#include <string.h>

#include "vmbus/server_state.h"

static int
offer_compare(const struct server_offer *a, const struct server_offer *b)
{
	int order = guid_compare(&a->class_id, &b->class_id);

	if (order == 0)
		order = guid_compare(&a->instance_id, &b->instance_id);
	return order != 0 ? order : a->sub_channel - b->sub_channel;
}

/* Is it only for the connection that it is offered in? */
static bool
is_transient(const struct server_offer *offer)
{
	return offer->sub_channel != 0 ||
	    (offer->flags & OFFER_TLNPI_PROVIDER) != 0;
}

static struct server_channel *
channel_find(const struct server *s, const struct guid *instance,
    uint16_t sub_channel)
{
	struct server_channel *c = s->channels;

	while (c != NULL && (c->offer.sub_channel != sub_channel ||
	    guid_compare(&c->offer.instance_id, instance) != 0))
		c = c->next;
	return c;
}

/* Has it its place among the others? */
static bool
offer_valid(const struct server *s, const struct server_offer *offer)
{
	const struct server_channel *primary = channel_find(s,
	    &offer->instance_id, 0);

	if (is_transient(offer) && s->phase != SERVER_CONNECTED)
		return false;
	if (offer->sub_channel == 0)
		return primary == NULL;
	return primary != NULL && primary->state != SERVER_CHANNEL_RESCINDED &&
	    guid_compare(&primary->offer.class_id, &offer->class_id) == 0 &&
	    channel_find(s, &offer->instance_id, offer->sub_channel) == NULL;
}

static uint16_t
relid_free(const struct server *s)
{
	uint16_t relid = 1;

	while (relid <= SERVER_RELID_MAX && s->by_relid[relid] != NULL)
		relid++;
	return relid <= SERVER_RELID_MAX ? relid : 0;
}

static uint32_t
channel_count(const struct server *s)
{
	uint32_t count = 0;

	for (const struct server_channel *c = s->channels; c != NULL;
	    c = c->next)
		count++;
	return count;
}

/* Tell the guest. There is a relid for every channel, and both are bounded. */
static void
channel_offer(struct server_channel *c)
{
	struct server *s = c->server;
	struct message_offer m = {
		.header.type = MESSAGE_OFFER,
		.class_id = c->offer.class_id,
		.instance_id = c->offer.instance_id,
		.flags = c->offer.flags,
		.mmio_mib = c->offer.mmio_mib,
		.sub_channel = c->offer.sub_channel,
		.monitor_id = OFFER_NO_MONITOR,
		.dedicated_interrupt = OFFER_DEDICATED_INTERRUPT,
	};

	c->relid = relid_free(s);
	s->by_relid[c->relid] = c;
	c->state = SERVER_CHANNEL_OFFERED;
	m.relid = c->relid;
	m.connection_id = SERVER_CONNECTION_ID(c->relid);
	memcpy(m.user_data, c->offer.user_data, sizeof(m.user_data));
	server_send(s, &m, sizeof(m));
}

void
channels_offer(struct server *s)
{
	for (struct server_channel *c = s->channels; c != NULL; c = c->next)
		if (c->state == SERVER_CHANNEL_IDLE)
			channel_offer(c);
}

struct server_channel *
server_offer(struct server *s, const struct server_offer *offer,
    const struct server_channel_ops *ops, void *ctx)
{
	struct server_channel **link = &s->channels, *c;

	if (!offer_valid(s, offer) || channel_count(s) >= SERVER_RELID_MAX)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->server = s;
	c->offer = *offer;
	c->ops = ops;
	c->ctx = ctx;
	while (*link != NULL && offer_compare(&(*link)->offer, offer) < 0)
		link = &(*link)->next;
	c->next = *link;
	*link = c;
	if (s->phase == SERVER_CONNECTED && s->offers_requested)
		channel_offer(c);
	return c;
}

static void
channel_unlink(struct server_channel *c)
{
	struct server_channel **link = &c->server->channels;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	c->server->by_relid[c->relid] = NULL;
}

/* The end of a channel; its provider hears of it last of all. */
static void
channel_release(struct server_channel *c)
{
	const struct server_channel_ops *ops = c->ops;
	void *ctx = c->ctx;

	channel_unlink(c);
	free(c);
	ops->released(ctx);
}

void
channels_free(struct server *s)
{
	while (s->channels != NULL) {
		struct server_channel *c = s->channels;

		s->channels = c->next;
		free(c);
	}
}

static struct server_channel *
channel_to_drop(const struct server *s)
{
	struct server_channel *c = s->channels;

	while (c != NULL && c->state != SERVER_CHANNEL_RESCINDED &&
	    !is_transient(&c->offer))
		c = c->next;
	return c;
}

void
channels_disconnect(struct server *s)
{
	struct server_channel *c;

	for (c = s->channels; c != NULL; c = c->next) {
		s->by_relid[c->relid] = NULL;
		c->relid = 0;
		if (c->state != SERVER_CHANNEL_RESCINDED)
			c->state = SERVER_CHANNEL_IDLE;
	}
	while ((c = channel_to_drop(s)) != NULL)
		channel_release(c);
}

struct server_channel *
channel_by_relid(const struct server *s, uint32_t relid)
{
	return relid <= SERVER_RELID_MAX ? s->by_relid[relid] : NULL;
}

static void
open_answer(struct server *s, uint32_t relid, uint32_t open_id, bool ok)
{
	struct message_open_result m = {
		.header.type = MESSAGE_OPEN_RESULT,
		.relid = relid,
		.open_id = open_id,
		.status = ok ? MESSAGE_STATUS_OK : MESSAGE_STATUS_FAILED,
	};

	server_send(s, &m, sizeof(m));
}

/* Two rings, each a header page and at least one of data. */
static bool
open_valid(const struct server *s, const struct message_open *m)
{
	const struct server_channel *c = channel_by_relid(s, m->relid);
	const struct gpadl *g = gpadl_find(&s->gpadls, m->ring_gpadl);

	return c != NULL && c->state == SERVER_CHANNEL_OFFERED &&
	    g != NULL && g->state == GPADL_READY && g->relid == m->relid &&
	    g->byte_offset == 0 && g->byte_count % MEMORY_PAGE == 0 &&
	    m->downstream_page > 1 &&
	    m->downstream_page < g->page_count - 1 &&
	    (m->target_vp < s->vps || m->target_vp == SERVER_NO_INTERRUPTS);
}

enum hv_status
channel_on_open(struct server *s, const void *message)
{
	struct server_open open;
	struct server_channel *c;
	struct message_open m;

	memcpy(&m, message, sizeof(m));
	c = channel_by_relid(s, m.relid);
	/* Nobody waits for a channel that was taken back. */
	if (c != NULL && c->state == SERVER_CHANNEL_RESCINDED)
		return HV_SUCCESS;
	if (!open_valid(s, &m)) {
		open_answer(s, m.relid, m.open_id, false);
		return HV_SUCCESS;
	}
	c->state = SERVER_CHANNEL_OPENING;
	c->opened_due = true;
	c->signal_due = false;
	c->open_id = m.open_id;
	c->ring_gpadl = m.ring_gpadl;
	c->downstream_page = m.downstream_page;
	c->target_vp = m.target_vp;
	open.ring_gpadl = m.ring_gpadl;
	open.downstream_page = m.downstream_page;
	open.target_vp = m.target_vp;
	memcpy(open.user_data, m.user_data, sizeof(open.user_data));
	c->ops->open(c->ctx, &open);
	return HV_SUCCESS;
}

void
server_opened(struct server_channel *c, bool ok)
{
	if (!c->opened_due)
		return;
	c->opened_due = false;
	if (c->state != SERVER_CHANNEL_OPENING)
		return;
	c->state = ok ? SERVER_CHANNEL_OPEN : SERVER_CHANNEL_OFFERED;
	open_answer(c->server, c->relid, c->open_id, ok);
	if (c->signal_due)
		server_signal_guest(c);
}

void
server_channel_close(struct server_channel *c)
{
	c->state = SERVER_CHANNEL_CLOSING;
	c->ops->close(c->ctx);
}

enum hv_status
channel_on_close(struct server *s, const void *message)
{
	struct server_channel *c;
	struct message_relid m;

	memcpy(&m, message, sizeof(m));
	c = channel_by_relid(s, m.relid);
	if (c != NULL && (c->state == SERVER_CHANNEL_OPEN ||
	    c->state == SERVER_CHANNEL_OPENING))
		server_channel_close(c);
	return HV_SUCCESS;
}

void
server_closed(struct server_channel *c)
{
	struct server *s = c->server;

	if (c->state != SERVER_CHANNEL_CLOSING)
		return;
	c->opened_due = false;
	c->state = SERVER_CHANNEL_OFFERED;
	gpadls_channel_closed(c);
	server_step(s);
}

static void
rescind_one(struct server_channel *c)
{
	struct message_relid m = {
		.header.type = MESSAGE_RESCIND,
		.relid = c->relid,
	};

	if (c->state == SERVER_CHANNEL_RESCINDED)
		return;
	if (c->state == SERVER_CHANNEL_IDLE) {
		channel_release(c);
		return;
	}
	c->state = SERVER_CHANNEL_RESCINDED;
	c->opened_due = false;
	gpadls_rescind(c);
	if (c->server->phase == SERVER_CONNECTED)
		server_send(c->server, &m, sizeof(m));
}

/* A sub-channel of @c that is not rescinded, or NULL. */
static struct server_channel *
sub_channel_of(const struct server_channel *c)
{
	struct server_channel *sub = c->next;

	/* They follow their primary. */
	while (sub != NULL && sub->state == SERVER_CHANNEL_RESCINDED)
		sub = sub->next;
	return sub != NULL && sub->offer.sub_channel != 0 && guid_compare(
	    &sub->offer.instance_id, &c->offer.instance_id) == 0 ? sub : NULL;
}

void
server_rescind(struct server_channel *c)
{
	struct server *s = c->server;
	struct server_channel *sub;

	if (c->offer.sub_channel == 0)
		while ((sub = sub_channel_of(c)) != NULL)
			rescind_one(sub);
	rescind_one(c);
	server_step(s);
}

enum hv_status
channel_on_released(struct server *s, const void *message)
{
	struct server_channel *c;
	struct message_relid m;

	memcpy(&m, message, sizeof(m));
	c = channel_by_relid(s, m.relid);
	if (c != NULL && c->state == SERVER_CHANNEL_RESCINDED)
		channel_release(c);
	return HV_SUCCESS;
}

enum hv_status
channel_on_modify(struct server *s, const void *message)
{
	struct message_modify_response answer = {
		.header.type = MESSAGE_MODIFY_CHANNEL_RESPONSE,
	};
	struct message_modify_channel m;
	struct server_channel *c;
	bool ok;

	memcpy(&m, message, sizeof(m));
	c = channel_by_relid(s, m.relid);
	ok = c != NULL && c->state == SERVER_CHANNEL_OPEN &&
	    m.target_vp < s->vps;
	if (ok)
		c->target_vp = m.target_vp;
	if (s->version < MESSAGE_VERSION_5_3)
		return HV_SUCCESS;
	answer.relid = m.relid;
	answer.status = ok ? MESSAGE_STATUS_OK : MESSAGE_STATUS_FAILED;
	server_send(s, &answer, sizeof(answer));
	return HV_SUCCESS;
}

enum hv_status
server_signal_host(struct server *s, uint32_t connection_id, uint16_t flag)
{
	uint32_t relid = connection_id & SERVER_RELID_MAX;
	struct server_channel *c = channel_by_relid(s, relid);

	if (c == NULL || flag != 0 ||
	    connection_id != SERVER_CONNECTION_ID(relid))
		return HV_INVALID_CONNECTION_ID;
	if (c->state == SERVER_CHANNEL_OPEN)
		c->ops->signal(c->ctx);
	return HV_SUCCESS;
}

void
server_signal_guest(struct server_channel *c)
{
	struct server *s = c->server;

	/* It may come before the word that the channel is open. */
	if (c->state == SERVER_CHANNEL_OPENING)
		c->signal_due = true;
	if (c->state == SERVER_CHANNEL_OPEN &&
	    c->target_vp != SERVER_NO_INTERRUPTS)
		s->ops->signal(s->ctx, c->target_vp, s->queue.sint, c->relid);
}

struct server_channel *
server_channel_next(const struct server *s, const struct server_channel *c)
{
	return c == NULL ? s->channels : c->next;
}

void
server_channel_get(const struct server_channel *c,
    struct server_channel_info *info)
{
	*info = (struct server_channel_info){
		.offer = &c->offer,
		.state = c->state,
		.relid = c->relid,
		.target_vp = c->target_vp,
		.sint = c->server->queue.sint,
		.ring_gpadl = c->ring_gpadl,
	};
}

/* open_valid() has made sure of both rings. */
const struct gpadl *
server_channel_pages(const struct server_channel *c, uint32_t *downstream)
{
	*downstream = c->downstream_page;
	return c->state != SERVER_CHANNEL_OPEN ? NULL :
	    gpadl_find(&c->server->gpadls, c->ring_gpadl);
}

bool
server_channel_rings(const struct server_channel *c, struct server_ring *in,
    struct server_ring *out)
{
	uint32_t first;
	const struct gpadl *g = server_channel_pages(c, &first);

	if (g == NULL)
		return false;
	in->header_pfn = g->pfns[0];
	in->size = (first - 1) * MEMORY_PAGE;
	out->header_pfn = g->pfns[first];
	out->size = (g->page_count - first - 1) * MEMORY_PAGE;
	return true;
}
