/* SPDX-License-Identifier: Apache-2.0 */
/* Moving bytes in place; only the heads of packets are copied. */
#include "sockets/pump.h"

#include <errno.h>
#include <string.h>

#define FRAME_DATA UINT32_C(1)
/* Less than this is not worth a packet, unless it is all that there is. */
#define ROOM_WORTH 2048u

/* Before the data of each packet. */
struct frame {
	uint32_t type;
	uint32_t size;	/* 0: the sender has ended */
};
_Static_assert(sizeof(struct frame) == 8, "wire layout");

/* Packets that were looked at, and what they hold. */
struct batch {
	size_t bytes[PUMP_BATCH];	/* in the ring */
	size_t data[PUMP_BATCH];
	unsigned count;
	struct iovec pieces[2 * PUMP_BATCH];
	unsigned piece_count;
	size_t total;
};

void
pump_init(struct pump *p, const struct pump_ops *ops, void *ctx,
    struct channel *c)
{
	*p = (struct pump){ .ops = ops, .ctx = ctx, .channel = c };
}

static bool
frame_read(const struct channel_view *v, size_t *size)
{
	struct frame f;

	memcpy(&f, v->head, sizeof(f));
	if (v->type != PACKET_IN_BAND || f.type != FRAME_DATA ||
	    f.size > v->body_size)
		return false;
	*size = f.size;
	return true;
}

/* Add the @size bytes of @v, but for the first @skip, to the pieces. */
static void
batch_add(struct batch *b, const struct channel_view *v, size_t size,
    size_t skip)
{
	size_t left = size - skip;

	b->bytes[b->count] = v->bytes;
	b->data[b->count++] = size;
	b->total += left;
	for (unsigned i = 0; i < v->body_count && left > 0; i++) {
		size_t len = v->body[i].iov_len;

		if (skip >= len) {
			skip -= len;
			continue;
		}
		len -= skip;
		if (len > left)
			len = left;
		b->pieces[b->piece_count++] = (struct iovec){
			(uint8_t *)v->body[i].iov_base + skip, len };
		left -= len;
		skip = 0;
	}
}

/* What can be sent on now, up to the end of all if it is there. */
static enum pump_result
batch_gather(struct pump *p, struct batch *b)
{
	size_t ahead = 0;

	/* The arrays are long, and as long as the counts tell. */
	b->count = b->piece_count = 0;
	b->total = 0;
	while (b->count < PUMP_BATCH) {
		enum channel_result result;
		struct channel_view v;
		size_t size;

		result = channel_peek(p->channel, ahead, &v);
		if (result == CHANNEL_EMPTY)
			return PUMP_IDLE;
		/* The first packet was looked at before: it had more then. */
		if (result != CHANNEL_OK || !frame_read(&v, &size) ||
		    (b->count == 0 && size <= p->offset && p->offset > 0))
			return PUMP_BROKEN;
		if (size == 0)
			return PUMP_ENDED;
		batch_add(b, &v, size, b->count == 0 ? p->offset : 0);
		ahead += v.bytes;
	}
	return PUMP_MORE;
}

/* The socket has taken @sent bytes. */
static void
batch_take(struct pump *p, const struct batch *b, size_t sent)
{
	p->to_host += sent;
	sent += p->offset;
	for (unsigned i = 0; i < b->count && sent >= b->data[i]; i++) {
		sent -= b->data[i];
		channel_skip(p->channel, b->bytes[i]);
	}
	p->offset = sent;
}

static bool
passing(int code)
{
	return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

enum pump_result
pump_to_host(struct pump *p)
{
	enum pump_result next;
	size_t moved = 0;
	struct batch b;

	if (p->guest_ended)
		return PUMP_ENDED;
	do {
		ssize_t n;

		next = batch_gather(p, &b);
		if (next == PUMP_BROKEN)
			return next;
		if (b.count == 0)
			break;
		n = p->ops->send(p->ctx, b.pieces, b.piece_count);
		if (n < 0)
			return passing(errno) ? PUMP_BLOCKED : PUMP_BROKEN;
		batch_take(p, &b, (size_t)n);
		if ((size_t)n < b.total)
			return PUMP_BLOCKED;
		moved += (size_t)n;
		if (moved >= PUMP_TURN)
			return PUMP_MORE;
		/*
		 * Who sends is to be told of room. What comes until we run
		 * again needs no bell: the guest rings it when we sleep.
		 */
		channel_flush(p->channel);
		p->ops->give_way(p->ctx);
	} while (true);
	if (next == PUMP_ENDED) {
		p->guest_ended = true;
		p->ops->finish(p->ctx);
	}
	return next;
}

static enum pump_result
end_tell(struct pump *p)
{
	struct frame f = { .type = FRAME_DATA };
	enum channel_result result = CHANNEL_OK;

	if (!p->host_end_told)
		result = channel_send_in_band(p->channel, 0, false, &f,
		    sizeof(f));
	if (result == CHANNEL_FULL)
		return PUMP_BLOCKED;
	if (result != CHANNEL_OK)
		return PUMP_BROKEN;
	p->host_end_told = true;
	return PUMP_ENDED;
}

/* One packet, as much as there is. */
static enum pump_result
packet_to_guest(struct pump *p, size_t *moved)
{
	struct frame f = { .type = FRAME_DATA };
	enum channel_result result;
	struct channel_room room;
	uint8_t head[sizeof(f)];
	ssize_t n;

	result = channel_reserve(p->channel, ROOM_WORTH, PUMP_PACKET_MAX,
	    &room);
	if (result == CHANNEL_FULL)
		return PUMP_BLOCKED;
	if (result != CHANNEL_OK)
		return PUMP_BROKEN;
	n = p->ops->receive(p->ctx, room.body, room.body_count);
	if (n < 0)
		return passing(errno) ? PUMP_IDLE : PUMP_BROKEN;
	if (n == 0) {
		p->host_ended = true;
		return PUMP_MORE;
	}
	f.size = (uint32_t)n;
	memcpy(head, &f, sizeof(f));
	if (channel_commit(p->channel, head, (size_t)n) != CHANNEL_OK)
		return PUMP_BROKEN;
	*moved += (size_t)n;
	p->to_guest += (uint64_t)n;
	return (size_t)n < room.body_size ? PUMP_IDLE : PUMP_MORE;
}

enum pump_result
pump_to_guest(struct pump *p)
{
	enum pump_result next = PUMP_MORE;
	size_t moved = 0;

	while (!p->host_ended && next == PUMP_MORE && moved < PUMP_TURN)
		next = packet_to_guest(p, &moved);
	return p->host_ended ? end_tell(p) : next;
}

bool
pump_done(const struct pump *p)
{
	return p->guest_ended && p->host_end_told;
}

size_t
pump_waiting(struct pump *p)
{
	size_t ahead = 0, sum = 0, size;
	struct channel_view v;

	while (!p->guest_ended && channel_peek(p->channel, ahead, &v) ==
	    CHANNEL_OK && frame_read(&v, &size) && size > 0) {
		ahead += v.bytes;
		sum += size;
	}
	return sum > p->offset ? sum - p->offset : 0;
}

size_t
pump_rest(struct pump *p, uint8_t *out, size_t room)
{
	enum pump_result next;
	size_t used = 0;
	struct batch b;

	if (p->guest_ended)
		return 0;
	do {
		next = batch_gather(p, &b);
		if (b.count == 0 || b.total > room - used)
			break;
		for (unsigned i = 0; i < b.piece_count; i++) {
			memcpy(out + used, b.pieces[i].iov_base,
			    b.pieces[i].iov_len);
			used += b.pieces[i].iov_len;
		}
		batch_take(p, &b, b.total);
	} while (next != PUMP_BROKEN);
	return used;
}
