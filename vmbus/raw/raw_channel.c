/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a raw channel: the same at both of its ends. */
#include "vmbus/raw/raw_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmbus/raw/raw_state.h"

int
raw_fail(int code)
{
	errno = code;
	return -1;
}

int
raw_rings_attach(struct raw_channel *c, void *rings, size_t bytes,
    size_t first, bool out_first)
{
	uint8_t *second = (uint8_t *)rings + first;
	bool ok;

	if (out_first)
		ok = ring_writer_attach(&c->out, rings, first) &&
		    ring_reader_attach(&c->in, second, bytes - first);
	else
		ok = ring_reader_attach(&c->in, rings, first) &&
		    ring_writer_attach(&c->out, second, bytes - first);
	if (!ok)
		return raw_fail(EPROTO);
	c->rings = rings;
	c->bytes = bytes;
	c->signal_due = false;
	ring_reader_mask(&c->in);
	return 0;
}

void
raw_channel_close(struct raw_channel *c)
{
	c->end->close(c);
	free(c);
}

int
raw_channel_fd(const struct raw_channel *c)
{
	return c->fd;
}

static void
room_publish(struct raw_channel *c)
{
	if (ring_reader_publish(&c->in))
		c->signal_due = true;
}

/* Its payload is copied once, straight from the ring. */
static ssize_t
packet_take(struct raw_channel *c, const struct ring_view *v, void *buffer,
    size_t room)
{
	uint32_t head = v->descriptor[1] * RING_ALIGN;
	uint32_t len = v->length - head;

	/* Left there: nothing behind it is to be had. */
	if (v->descriptor[0] != PACKET_IN_BAND)
		return raw_fail(EPROTO);
	if (len > room)
		return raw_fail(EMSGSIZE);
	ring_reader_copy(&c->in, v, head, len, buffer);
	ring_reader_skip(&c->in, v->length);
	c->figures->packets_in++;
	c->figures->bytes_in += v->length;
	if (ring_reader_unpublished(&c->in) > c->in.size / 4)
		room_publish(c);
	return (ssize_t)len;
}

ssize_t
raw_channel_receive(struct raw_channel *c, void *buffer, size_t room)
{
	enum ring_result result;
	struct ring_view v;

	if (c->rings == NULL)
		return raw_fail(ENOTCONN);
	do {
		result = ring_reader_peek(&c->in, 0, &v);
		if (result == RING_OK)
			return packet_take(c, &v, buffer, room);
		if (result == RING_EMPTY) {
			room_publish(c);
			result = ring_reader_unmask(&c->in);
		}
	} while (result == RING_OK);
	return raw_fail(result == RING_EMPTY ? EAGAIN : EPROTO);
}

static enum ring_result
packet_push(struct raw_channel *c, const struct packet_image *image)
{
	enum ring_result result;

	do {
		result = ring_writer_push(&c->out, image->pieces,
		    image->count, &c->signal_due);
		if (result != RING_FULL)
			return result;
		/* It may have become free while we asked. */
		result = ring_writer_await(&c->out, image->bytes);
	} while (result == RING_OK);
	return result;
}

int
raw_channel_send(struct raw_channel *c, const void *data, size_t len)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data,
		.iov_len = len };
	struct packet_out out = { .type = PACKET_IN_BAND, .payload = &iov,
		.payload_count = 1 };
	struct packet_image image;

	if (c->rings == NULL)
		return raw_fail(ENOTCONN);
	if (len > RAW_CHANNEL_MESSAGE_MAX || !packet_build(&out, &image))
		return raw_fail(EMSGSIZE);
	switch (packet_push(c, &image)) {
	case RING_OK:
		c->figures->packets_out++;
		c->figures->bytes_out += image.bytes;
		ring_writer_stop_waiting(&c->out);
		return 0;
	case RING_FULL:
		c->figures->full++;
		/* The peer must hear of what is there to make room. */
		if (raw_channel_flush(c) < 0)
			return -1;
		return raw_fail(EAGAIN);
	case RING_TOO_LONG:
		return raw_fail(EMSGSIZE);
	default:
		return raw_fail(EPROTO);
	}
}

int
raw_channel_flush(struct raw_channel *c)
{
	if (c->rings == NULL)
		return 0;
	room_publish(c);
	if (!c->signal_due)
		return 0;
	c->signal_due = false;
	c->figures->signals_out++;
	return c->end->signal(c);
}

int
raw_channel_wait(struct raw_channel *c)
{
	if (raw_channel_flush(c) < 0)
		return -1;
	return c->end->wait(c);
}
