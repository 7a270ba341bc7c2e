/* SPDX-License-Identifier: Apache-2.0 */
/* Moves: a raw packet, an answer that is nearly right, time, open, close. */
#include "player.h"

#include <assert.h>
#include <string.h>

struct step {
	uint8_t move;
	uint8_t choice;
	uint16_t length; /* of the bytes that follow */
};

struct player {
	struct ic *ic;
	const struct player_ops *ops;
	uint64_t now;
	size_t size; /* of the packet that we sent last */
	uint8_t packet[IC_PACKET_MAX];
};

static void
packet_take(struct player *p)
{
	const uint8_t *packet = ic_unsent(p->ic, &p->size);

	if (packet == NULL)
		return;
	assert(p->size >= sizeof(struct ic_header));
	assert(p->size <= IC_PACKET_MAX);
	memcpy(p->packet, packet, p->size);
	ic_sent(p->ic);
}

/* The two versions chosen: the last of each list. */
static void
negotiation_answer(struct player *p)
{
	uint8_t *body = p->packet + sizeof(struct ic_header);
	struct ic_version chosen[2];
	struct ic_negotiate n;

	memcpy(&n, body, sizeof(n));
	memcpy(&chosen[0], body + sizeof(n) +
	    (n.framework_count - 1U) * sizeof(chosen[0]), sizeof(chosen[0]));
	memcpy(&chosen[1], body + sizeof(n) + sizeof(chosen[0]) *
	    (n.framework_count + n.message_count - 1U), sizeof(chosen[0]));
	n = (struct ic_negotiate){ 1, 1, 0 };
	memcpy(body, &n, sizeof(n));
	memcpy(body + sizeof(n), chosen, sizeof(chosen));
}

/* The packet sent last as an answer, with some bytes of it replaced. */
static void
answer(struct player *p, const struct step *s, const uint8_t *data)
{
	static const uint32_t statuses[] = { IC_STATUS_OK, IC_STATUS_OK,
		IC_STATUS_FAILED, IC_STATUS_NO_MORE, IC_STATUS_EXISTS,
		IC_STATUS_DISK_FULL, IC_STATUS_NO_ADAPTER, UINT32_MAX };
	size_t offset = sizeof(struct ic_header) + s->choice / 8U * 8U;
	struct ic_header h;

	packet_take(p);
	if (p->size == 0)
		return;
	memcpy(&h, p->packet, sizeof(h));
	h.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
	h.status = statuses[s->choice % 8U];
	memcpy(p->packet, &h, sizeof(h));
	if (h.type == IC_NEGOTIATE)
		negotiation_answer(p);
	else if (offset < p->size)
		memcpy(p->packet + offset, data,
		    s->length < p->size - offset ? s->length
						  : p->size - offset);
	ic_receive(p->ic, p->packet, p->size, p->now);
}

static void
pass(struct player *p, uint64_t microseconds)
{
	p->now += microseconds;
	ic_tick(p->ic, p->now);
}

static void
step(struct player *p, const struct step *s, const uint8_t *data)
{
	switch (s->move % 8) {
	case 0:
		packet_take(p);
		ic_receive(p->ic, data, s->length, p->now);
		break;
	case 1:
		pass(p, s->choice * IC_SECOND / 4);
		break;
	case 2:
		packet_take(p);
		break;
	case 3:
		if (p->ic->state == IC_CLOSED)
			ic_open(p->ic);
		else if (s->choice % 4 == 0)
			ic_close(p->ic, p->now);
		break;
	case 4:
		p->ops->act(p->ic, s->choice, p->now);
		break;
	default:
		answer(p, s, data);
		break;
	}
}

void
play(struct ic *ic, const struct player_ops *ops, const uint8_t *data,
    size_t size)
{
	static struct player p;
	struct step s;

	memset(&p, 0, sizeof(p));
	p.ic = ic;
	p.ops = ops;
	ic_open(ic);
	while (size >= sizeof(s)) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		if (s.length > size)
			s.length = (uint16_t)size;
		step(&p, &s, data);
		data += s.length;
		size -= s.length;
		assert(!ic->waiting || ic->state == IC_READY);
		assert(ic->late || ic->waiting == (ic->deadline != IC_NEVER));
		ops->check(ic);
	}
	ic_close(ic, p.now);
	assert(ic_deadline(ic) == IC_NEVER);
	ops->check(ic);
}
