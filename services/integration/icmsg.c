/* SPDX-License-Identifier: Apache-2.0 */
/* Negotiation, requests and answers of a utility service. */
#include "integration/icmsg.h"

#include <assert.h>
#include <string.h>

const struct ic_version ic_frameworks[2] = { { 1, 0 }, { 3, 0 } };

/* Until another is agreed upon. */
static const struct ic_version first_version = { 1, 0 };

void
ic_init(struct ic *ic, const struct ic_protocol *protocol)
{
	memset(ic, 0, sizeof(*ic));
	ic->protocol = protocol;
	ic->deadline = IC_NEVER;
	ic->wake = IC_NEVER;
}

/* Make the packet around a body that is in its place already. */
static void
packet_wrap(struct ic *ic, uint16_t type, size_t size)
{
	struct ic_header h = {
		.pipe_type = IC_PIPE_DATA,
		.pipe_size = (uint32_t)(sizeof(h) - IC_PIPE_HEADER + size),
		.framework = ic->framework,
		.type = type,
		.message = ic->message,
		.size = (uint16_t)size,
		.transaction = ++ic->transaction,
		.flags = IC_FLAG_TRANSACTION | IC_FLAG_REQUEST,
	};

	memcpy(ic->packet, &h, sizeof(h));
	ic->unsent = sizeof(h) + size;
}

static size_t
versions_put(uint8_t *to, const struct ic_version *v, uint16_t count)
{
	memcpy(to, v, count * sizeof(*v));
	return count * sizeof(*v);
}

static size_t
negotiation_size(const struct ic_protocol *p)
{
	return sizeof(struct ic_negotiate) +
	    (size_t)(p->framework_count + p->message_count) *
		sizeof(struct ic_version);
}

void
ic_open(struct ic *ic)
{
	const struct ic_protocol *p = ic->protocol;
	struct ic_negotiate n = {
		.framework_count = p->framework_count,
		.message_count = p->message_count,
	};
	uint8_t *to = ic->packet + sizeof(struct ic_header);

	ic->state = IC_NEGOTIATING;
	ic->framework = first_version;
	ic->message = first_version;
	memcpy(to, &n, sizeof(n));
	to += sizeof(n);
	to += versions_put(to, p->framework, p->framework_count);
	versions_put(to, p->message, p->message_count);
	packet_wrap(ic, IC_NEGOTIATE, negotiation_size(p));
}

void
ic_close(struct ic *ic, uint64_t now)
{
	ic->state = IC_CLOSED;
	ic->waiting = false;
	ic->late = false;
	ic->unsent = 0;
	ic->deadline = IC_NEVER;
	ic->wake = IC_NEVER;
	if (ic->protocol->ops.closed != NULL)
		ic->protocol->ops.closed(ic, now);
}

bool
ic_idle(const struct ic *ic)
{
	return ic->state == IC_READY && !ic->waiting;
}

bool
ic_has_version(const struct ic *ic, uint16_t major, uint16_t minor)
{
	if (ic->state != IC_READY)
		return false;
	if (ic->message.major != major)
		return ic->message.major > major;
	return ic->message.minor >= minor;
}

void
ic_request(struct ic *ic, const void *body, size_t size, uint64_t now,
    uint64_t limit)
{
	assert(ic_idle(ic) && size <= IC_BODY_MAX);
	memcpy(ic->packet + sizeof(struct ic_header), body, size);
	packet_wrap(ic, (uint16_t)ic->protocol->type, size);
	ic->waiting = true;
	ic->deadline = now + limit;
}

void
ic_wake(struct ic *ic, uint64_t at)
{
	ic->wake = at;
}

const uint8_t *
ic_unsent(const struct ic *ic, size_t *size)
{
	*size = ic->unsent;
	return ic->unsent > 0 ? ic->packet : NULL;
}

void
ic_sent(struct ic *ic)
{
	ic->unsent = 0;
}

static bool
version_is_in(const struct ic_version *v, const struct ic_version *list,
    uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (v->major == list[i].major && v->minor == list[i].minor)
			return true;
	return false;
}

/* The guest has put the two versions that it chose before all others. */
static void
negotiated(struct ic *ic, const uint8_t *body, size_t size, uint64_t now)
{
	const struct ic_protocol *p = ic->protocol;
	struct ic_version chosen[2];
	struct ic_negotiate n;

	if (size < sizeof(n) + sizeof(chosen)) {
		ic->odd++;
		return;
	}
	memcpy(&n, body, sizeof(n));
	memcpy(chosen, body + sizeof(n), sizeof(chosen));
	if (n.framework_count != 1 || n.message_count != 1 ||
	    !version_is_in(&chosen[0], p->framework, p->framework_count) ||
	    !version_is_in(&chosen[1], p->message, p->message_count)) {
		ic->state = IC_REFUSED;
		return;
	}
	ic->framework = chosen[0];
	ic->message = chosen[1];
	ic->state = IC_READY;
	if (p->ops.ready != NULL)
		p->ops.ready(ic, now);
}

static void
answered(struct ic *ic, const struct ic_header *h, const uint8_t *body,
    uint64_t now)
{
	struct ic_answer a = {
		.status = h->status,
		.body = body,
		.size = h->size,
		.late = ic->late,
	};

	ic->waiting = false;
	ic->late = false;
	ic->deadline = IC_NEVER;
	if (ic->protocol->ops.answered != NULL)
		ic->protocol->ops.answered(ic, &a, now);
}

/* Lengths that fit into one another, and the marks of an answer. */
static bool
header_check(const struct ic *ic, const struct ic_header *h, size_t size)
{
	size_t inner = sizeof(*h) - IC_PIPE_HEADER;

	return h->pipe_type == IC_PIPE_DATA && h->pipe_size >= inner &&
	    h->pipe_size <= size - IC_PIPE_HEADER &&
	    h->size <= h->pipe_size - inner &&
	    (h->flags & IC_FLAG_RESPONSE) != 0 &&
	    h->transaction == ic->transaction;
}

void
ic_receive(struct ic *ic, const uint8_t *packet, size_t size, uint64_t now)
{
	const uint8_t *body = packet + sizeof(struct ic_header);
	struct ic_header h;

	/* What we have not sent yet cannot be answered. */
	if (size < sizeof(h) || ic->unsent > 0) {
		ic->odd++;
		return;
	}
	memcpy(&h, packet, sizeof(h));
	if (!header_check(ic, &h, size))
		ic->odd++;
	else if (ic->state == IC_NEGOTIATING && h.type == IC_NEGOTIATE)
		negotiated(ic, body, h.pipe_size + IC_PIPE_HEADER - sizeof(h),
		    now);
	else if (ic->waiting && h.type == (uint16_t)ic->protocol->type)
		answered(ic, &h, body, now);
	else
		ic->odd++;
}

void
ic_tick(struct ic *ic, uint64_t now)
{
	if (now >= ic->deadline) {
		ic->deadline = IC_NEVER;
		ic->late = true;
		if (ic->protocol->ops.missed != NULL)
			ic->protocol->ops.missed(ic, now);
	}
	if (now >= ic->wake) {
		ic->wake = IC_NEVER;
		if (ic->protocol->ops.woken != NULL)
			ic->protocol->ops.woken(ic, now);
	}
}

uint64_t
ic_deadline(const struct ic *ic)
{
	return ic->deadline < ic->wake ? ic->deadline : ic->wake;
}
