/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: contact, unload, and the way of each message. */
#include "vmbus/server.h"

#include <stdlib.h>
#include <string.h>
#include <tlfs/synic.h>

#include "vmbus/server_state.h"

/* Control messages a guest may send at once, and in each second. */
#define BURST		UINT64_C(4096)
#define PER_SECOND	UINT64_C(20000)
#define NS_PER_SECOND	UINT64_C(1000000000)
#define NS_PER_MESSAGE	(NS_PER_SECOND / PER_SECOND)

struct server *
server_create(const struct server_ops *ops, void *ctx,
    const struct memory *memory, uint32_t vps)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ops = ops;
	s->ctx = ctx;
	s->memory = memory;
	s->vps = vps;
	s->allowance = BURST;
	if (!message_queue_init(&s->queue)) {
		free(s);
		return NULL;
	}
	message_queue_aim(&s->queue, 0, HV_SINT_VMBUS);
	return s;
}

void
server_destroy(struct server *s)
{
	channels_free(s);
	gpadl_free_all(&s->gpadls);
	message_queue_destroy(&s->queue);
	free(s);
}

uint32_t
server_version(const struct server *s)
{
	return s->phase == SERVER_CONNECTED ? s->version : 0;
}

bool
server_leaving(const struct server *s)
{
	return s->phase == SERVER_LEAVING;
}

void
server_send(struct server *s, const void *message, size_t len)
{
	message_queue_add(&s->queue, message, len);
	message_queue_flush(&s->queue, s->ops, s->ctx);
}

void
server_deliverable(struct server *s, uint32_t vp, uint8_t sint)
{
	if (vp != s->queue.vp || sint != s->queue.sint)
		return;
	s->queue.busy = false;
	message_queue_flush(&s->queue, s->ops, s->ctx);
}

static bool
version_served(uint32_t version)
{
	return version == MESSAGE_VERSION_4_0 ||
	    version == MESSAGE_VERSION_4_1 ||
	    (version >= MESSAGE_VERSION_5_0 && version <= MESSAGE_VERSION_5_3);
}

/* Where the guest wants to be told: older ones have no say in the SINT. */
static uint8_t
contact_sint(const struct message_initiate_contact *m)
{
	return m->version < MESSAGE_VERSION_5_0 ? HV_SINT_VMBUS :
	    (uint8_t)m->interrupt_page;
}

static bool
contact_valid(const struct server *s, const struct message_initiate_contact *m)
{
	uint8_t sint = contact_sint(m);
	uint8_t vtl = m->version < MESSAGE_VERSION_5_0 ? 0 :
	    (uint8_t)(m->interrupt_page >> 8);

	return m->target_vp < s->vps && sint > 0 && sint < HV_SINT_COUNT &&
	    vtl == 0;
}

static void
contact_answer(struct server *s)
{
	struct message_version_response answer = {
		.header.type = MESSAGE_VERSION_RESPONSE,
		.supported = version_served(s->contact.version),
		.connection_id = MESSAGE_CONNECTION_OLD,
	};

	message_queue_aim(&s->queue, s->contact.target_vp,
	    contact_sint(&s->contact));
	if (answer.supported != 0) {
		s->phase = SERVER_CONNECTED;
		s->version = s->contact.version;
		s->offers_requested = false;
	}
	server_send(s, &answer, sizeof(answer));
	if (answer.supported != 0)
		s->ops->contact(s->ctx, s->version);
}

static void
unload_answer(struct server *s)
{
	struct message_header answer = { .type = MESSAGE_UNLOAD_RESPONSE };

	server_send(s, &answer, sizeof(answer));
}

/* One channel that has to be closed, or NULL. */
static struct server_channel *
channel_in_use(const struct server *s)
{
	struct server_channel *c = s->channels;

	while (c != NULL && c->state != SERVER_CHANNEL_OPENING &&
	    c->state != SERVER_CHANNEL_OPEN)
		c = c->next;
	return c;
}

/* One list that can begin to be removed, or NULL. */
static struct gpadl *
gpadl_removable(const struct server *s)
{
	struct gpadl *g = gpadl_next(&s->gpadls, NULL);

	while (g != NULL && (g->state == GPADL_ADDING ||
	    g->state == GPADL_REMOVING || gpadl_is_ring_in_use(s, g)))
		g = gpadl_next(&s->gpadls, g);
	return g;
}

static bool
all_closed(const struct server *s)
{
	const struct server_channel *c = s->channels;

	while (c != NULL && c->state != SERVER_CHANNEL_CLOSING)
		c = c->next;
	return c == NULL && s->gpadls.count == 0;
}

static void
leave_finish(struct server *s)
{
	enum server_after after = s->after;

	s->phase = SERVER_AWAY;
	s->after = SERVER_AFTER_NOTHING;
	channels_disconnect(s);
	if (s->quiet_due) {
		s->quiet_due = false;
		s->ops->quiet(s->ctx);
	}
	if (after == SERVER_AFTER_UNLOAD)
		unload_answer(s);
	else if (after == SERVER_AFTER_CONTACT)
		contact_answer(s);
}

void
server_step(struct server *s)
{
	struct server_channel *c;
	struct gpadl *g;

	/* Ops answer at once as they like: look anew after each. */
	if (s->phase != SERVER_LEAVING || s->stepping)
		return;
	s->stepping = true;
	while ((c = channel_in_use(s)) != NULL)
		server_channel_close(c);
	while ((g = gpadl_removable(s)) != NULL)
		server_gpadl_remove(s, g);
	s->stepping = false;
	if (all_closed(s))
		leave_finish(s);
}

static void
leave(struct server *s, enum server_after after)
{
	s->after = after;
	if (s->phase == SERVER_CONNECTED)
		s->quiet_due = true;
	s->phase = SERVER_LEAVING;
	/* A new kernel must not read what the former one was told. */
	message_queue_aim(&s->queue, s->queue.vp, s->queue.sint);
	server_step(s);
}

void
server_reset(struct server *s)
{
	s->quiet_due = true;
	leave(s, SERVER_AFTER_NOTHING);
}

static enum hv_status
on_contact(struct server *s, const void *message)
{
	struct message_initiate_contact m;

	memcpy(&m, message, sizeof(m));
	if (!contact_valid(s, &m))
		return HV_INVALID_PARAMETER;
	/* A guest that is connected has crashed, or was replaced. */
	s->contact = m;
	leave(s, SERVER_AFTER_CONTACT);
	return HV_SUCCESS;
}

static enum hv_status
on_request_offers(struct server *s)
{
	struct message_header end = { .type = MESSAGE_ALL_OFFERS };

	s->offers_requested = true;
	channels_offer(s);
	server_send(s, &end, sizeof(end));
	return HV_SUCCESS;
}

static enum hv_status
on_connect_request(struct server *s, const void *message)
{
	struct message_tl_connect_request m;

	memcpy(&m, message, sizeof(m));
	s->ops->connect_request(s->ctx, &m.endpoint, &m.service);
	return HV_SUCCESS;
}

void
server_refuse_connect(struct server *s, const struct guid *endpoint,
    const struct guid *service)
{
	struct message_tl_connect_result m = {
		.header.type = MESSAGE_TL_CONNECT_RESULT,
		.endpoint = *endpoint,
		.service = *service,
		.status = MESSAGE_STATUS_REFUSED,
	};

	/* A courtesy: no guest waits for it, so a full queue goes without. */
	if (s->phase == SERVER_CONNECTED &&
	    s->queue.count < MESSAGE_QUEUE_LIMIT)
		server_send(s, &m, sizeof(m));
}

/* The least size of each message that a guest sends; 0: it sends no such. */
static size_t
size_min(uint32_t type)
{
	static const uint8_t sizes[] = {
		[MESSAGE_REQUEST_OFFERS] = sizeof(struct message_header),
		[MESSAGE_OPEN] = sizeof(struct message_open),
		[MESSAGE_CLOSE] = sizeof(struct message_relid),
		[MESSAGE_GPADL_HEADER] = sizeof(struct message_gpadl_header),
		[MESSAGE_GPADL_BODY] = sizeof(struct message_gpadl_body),
		[MESSAGE_GPADL_TEARDOWN] =
		    sizeof(struct message_gpadl_teardown),
		[MESSAGE_RELID_RELEASED] = sizeof(struct message_relid),
		[MESSAGE_INITIATE_CONTACT] =
		    sizeof(struct message_initiate_contact),
		[MESSAGE_UNLOAD] = sizeof(struct message_header),
		[MESSAGE_TL_CONNECT_REQUEST] =
		    sizeof(struct message_tl_connect_request),
		[MESSAGE_MODIFY_CHANNEL] =
		    sizeof(struct message_modify_channel),
	};

	return type < sizeof(sizes) ? sizes[type] : 0;
}

static enum hv_status
connected_message(struct server *s, uint32_t type, const void *message,
    size_t len)
{
	switch (type) {
	case MESSAGE_REQUEST_OFFERS:
		return on_request_offers(s);
	case MESSAGE_OPEN:
		return channel_on_open(s, message);
	case MESSAGE_CLOSE:
		return channel_on_close(s, message);
	case MESSAGE_GPADL_HEADER:
		return gpadl_on_header(s, message, len);
	case MESSAGE_GPADL_BODY:
		return gpadl_on_body(s, message, len);
	case MESSAGE_GPADL_TEARDOWN:
		return gpadl_on_teardown(s, message);
	case MESSAGE_RELID_RELEASED:
		return channel_on_released(s, message);
	case MESSAGE_MODIFY_CHANNEL:
		return channel_on_modify(s, message);
	default:
		return on_connect_request(s, message);
	}
}

/* One message less that may come; false: none may. */
static bool
allowance_take(struct server *s, uint64_t now)
{
	uint64_t passed = now - s->counted_at;
	uint64_t earned = passed / NS_PER_MESSAGE;

	if (earned > 0) {
		s->counted_at = now - passed % NS_PER_MESSAGE;
		s->allowance = earned >= BURST - s->allowance ? BURST :
		    s->allowance + earned;
	}
	if (s->allowance == 0)
		return false;
	s->allowance--;
	return true;
}

enum hv_status
server_message(struct server *s, uint32_t connection_id, const void *message,
    size_t len, uint64_t now)
{
	struct message_header head;
	size_t least;

	if (connection_id != MESSAGE_CONNECTION_OLD &&
	    connection_id != MESSAGE_CONNECTION_NEW)
		return HV_INVALID_CONNECTION_ID;
	if (!allowance_take(s, now))
		return HV_INSUFFICIENT_BUFFERS;
	if (len < sizeof(head) || len > MESSAGE_BYTES_MAX)
		return HV_INVALID_PARAMETER;
	memcpy(&head, message, sizeof(head));
	least = size_min(head.type);
	if (least == 0 || len < least)
		return HV_INVALID_PARAMETER;
	/* Both of these empty the queue, however full it is. */
	if (head.type == MESSAGE_INITIATE_CONTACT)
		return on_contact(s, message);
	if (head.type == MESSAGE_UNLOAD) {
		leave(s, SERVER_AFTER_UNLOAD);
		return HV_SUCCESS;
	}
	/* Late words of a guest that left, or never came, mean nothing. */
	if (s->phase != SERVER_CONNECTED)
		return HV_SUCCESS;
	if (s->queue.count >= MESSAGE_QUEUE_LIMIT)
		return HV_INSUFFICIENT_BUFFERS;
	return connected_message(s, head.type, message, len);
}
