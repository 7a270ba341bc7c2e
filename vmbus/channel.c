/* SPDX-License-Identifier: Apache-2.0 */
/* A channel: two ring ends, copies of packets, and when to signal. */
#include "vmbus/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmbus/journal.h"

#define NO_SLOT (-1)

/* So many may wait without a signal. */
#define HELD_MAX 32u

struct channel {
	struct ring_reader in;
	struct ring_writer out;
	const struct memory *memory;
	int call_fd, kick_fd;
	size_t blocked;		/* the packet that found no room, or 0 */
	bool resumed;		/* the next kick is our own */
	bool signal_due;
	unsigned held;		/* could wait, and were not signalled */
	bool broken;
	bool duplex;
	struct provider_figures *figures;
	struct provider_figures own_figures;
	size_t packet_max;
	uint8_t *packet;	/* the last one received */
	struct iovec *pieces;	/* of its pages */
	/* Of a lasting channel. */
	bool lasting, inherited;
	struct journal journal;
	uint64_t *ids;		/* transactions, by slot */
};

static void
eventfd_add(int fd)
{
	uint64_t one = 1;

	/* A counter that is full is as loud as one can be. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static int
buffers_create(struct channel *c, const struct channel_setup *setup)
{
	/* Whole units, and never more than the ring or a packet can hold. */
	c->packet_max = setup->packet_max;
	if (c->packet_max == 0)
		c->packet_max = PACKET_LINUX_MAX;
	if (c->packet_max > PACKET_LENGTH_MAX)
		c->packet_max = PACKET_LENGTH_MAX;
	if (c->packet_max > c->in.size)
		c->packet_max = c->in.size;
	c->packet = malloc(c->packet_max);
	c->pieces = calloc(c->packet_max / sizeof(uint64_t),
	    sizeof(c->pieces[0]));
	return c->packet != NULL && c->pieces != NULL ? 0 : -1;
}

static int
journal_open(struct channel *c, const struct channel_setup *setup)
{
	c->lasting = true;
	c->inherited = setup->resumed;
	c->ids = calloc(setup->journal_slots, sizeof(c->ids[0]));
	if (c->ids == NULL || !journal_attach(&c->journal, setup->journal,
	    setup->journal_slots, (uint32_t)setup->packet_max, c->in.header,
	    c->out.header))
		return -1;
	if (!c->inherited)
		return 0;
	/* What it had still wanted to tell the guest, or to hear of it. */
	c->signal_due = true;
	c->out.pending = true;
	ring_writer_stop_waiting(&c->out);
	return 0;
}

struct channel *
channel_create(const struct channel_setup *setup, struct err *e)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		err_set(e, ENOMEM, "channel: out of memory");
		return NULL;
	}
	c->memory = setup->memory;
	c->call_fd = setup->call_fd;
	c->kick_fd = setup->kick_fd;
	c->duplex = setup->duplex;
	if (!ring_reader_attach(&c->in, setup->ring_in,
	    setup->ring_in_bytes) ||
	    !ring_writer_attach(&c->out, setup->ring_out,
	    setup->ring_out_bytes)) {
		err_set(e, EPROTO, "channel: these are no rings");
		free(c);
		return NULL;
	}
	if (buffers_create(c, setup) < 0 ||
	    (setup->journal != NULL && journal_open(c, setup) < 0)) {
		err_set(e, ENOMEM, "channel: out of memory");
		channel_destroy(c);
		return NULL;
	}
	c->figures = setup->figures != NULL ? setup->figures :
	    &c->own_figures;
	*c->figures = (struct provider_figures){ .full = 0 };
	return c;
}

void
channel_destroy(struct channel *c)
{
	journal_detach(&c->journal);
	free(c->ids);
	free(c->packet);
	free(c->pieces);
	free(c);
}

static enum channel_result
channel_break(struct channel *c)
{
	c->broken = true;
	return CHANNEL_BROKEN;
}

/* What was popped is the guest's again. */
static void
room_publish(struct channel *c)
{
	if (ring_reader_publish(&c->in))
		c->signal_due = true;
}

static void
packet_taken(struct channel *c, size_t len)
{
	c->figures->packets_in++;
	c->figures->bytes_in += len;
	/* In lumps, but early enough that the guest need not wait. */
	if (ring_reader_unpublished(&c->in) > c->in.size / 4)
		room_publish(c);
}

/* The packet has come, or comes again, as the one of @slot. */
static enum channel_result
packet_take(struct channel *c, size_t len, int slot, struct packet *p)
{
	if (!packet_parse(c->packet, len, c->memory, c->pieces,
	    c->packet_max / sizeof(uint64_t), p))
		return channel_break(c);
	if (slot != NO_SLOT) {
		p->ticket = (uint32_t)slot;
		c->ids[slot] = p->transaction_id;
	}
	packet_taken(c, len);
	return CHANNEL_OK;
}

/* Nothing is left: have the guest signal. RING_OK: there is something now. */
static enum ring_result
ring_rest(struct channel *c)
{
	room_publish(c);
	return ring_reader_unmask(&c->in);
}

enum channel_result
channel_receive(struct channel *c, struct packet *p)
{
	enum ring_result result;
	int slot = NO_SLOT;
	size_t len;

	if (c->broken)
		return CHANNEL_BROKEN;
	if (c->lasting) {
		slot = journal_again(&c->journal, c->packet, c->packet_max,
		    &len);
		if (slot != NO_SLOT)
			return packet_take(c, len, slot, p);
		slot = journal_slot(&c->journal);
		if (slot == NO_SLOT)
			return CHANNEL_BUSY;
	}
	do {
		result = ring_reader_pop(&c->in, c->packet, c->packet_max,
		    &len);
		if (result == RING_OK && c->lasting)
			journal_take(&c->journal, slot, c->packet, len,
			    &c->in);
		if (result == RING_OK)
			return packet_take(c, len, slot, p);
		if (result != RING_EMPTY)
			return channel_break(c);
		result = ring_rest(c);
	} while (result == RING_OK);
	return result == RING_EMPTY ? CHANNEL_EMPTY : channel_break(c);
}

/* A packet whose descriptor was checked, as its reader is to see it. */
static void
view_make(struct channel *c, const struct ring_view *ring,
    struct channel_view *v)
{
	uint32_t at = ring->descriptor[1] * 8u;
	uint64_t head;

	*v = (struct channel_view){
		.type = (enum packet_type)ring->descriptor[0],
		.bytes = ring->length + RING_TRAILER,
	};
	if (ring->length - at < sizeof(v->head))
		return;
	head = ring_reader_word(&c->in, ring, at);
	memcpy(v->head, &head, sizeof(head));
	at += (uint32_t)sizeof(v->head);
	v->body_size = ring->length - at;
	if (v->body_size > 0)
		v->body_count = ring_reader_pieces(&c->in, ring, at,
		    ring->length - at, v->body);
}

enum channel_result
channel_peek(struct channel *c, size_t ahead, struct channel_view *v)
{
	enum ring_result result;
	struct ring_view ring;

	if (c->broken)
		return CHANNEL_BROKEN;
	do {
		result = ring_reader_peek(&c->in, (uint32_t)ahead, &ring);
		if (result == RING_OK) {
			view_make(c, &ring, v);
			return CHANNEL_OK;
		}
		if (result == RING_EMPTY && ahead == 0)
			result = ring_rest(c);
	} while (result == RING_OK);
	return result == RING_EMPTY ? CHANNEL_EMPTY : channel_break(c);
}

void
channel_skip(struct channel *c, size_t bytes)
{
	uint32_t length = (uint32_t)bytes - RING_TRAILER;

	ring_reader_skip(&c->in, length);
	packet_taken(c, length);
}

/* The ring is full: wait for room, unless it has come meanwhile. */
static enum ring_result
room_await(struct channel *c, size_t bytes)
{
	enum ring_result result = ring_writer_await(&c->out, bytes);

	if (result == RING_FULL) {
		c->blocked = bytes;
		c->figures->full++;
		/* A guest that sleeps would never make room. */
		channel_signal(c);
	}
	return result;
}

static enum channel_result
send_result(struct channel *c, enum ring_result result)
{
	switch (result) {
	case RING_OK:
		return CHANNEL_OK;
	case RING_FULL:
		return CHANNEL_FULL;
	case RING_TOO_LONG:
		return CHANNEL_TOO_LONG;
	default:
		return channel_break(c);
	}
}

static enum channel_result
packet_sent(struct channel *c, size_t bytes)
{
	c->figures->packets_out++;
	c->figures->bytes_out += bytes;
	return CHANNEL_OK;
}

/* What is laid into the ring up to @next becomes the guest's. */
static void
packet_show(struct channel *c, uint32_t next, bool can_wait, int slot)
{
	bool wakes = c->held > 0;

	if (slot != NO_SLOT)
		journal_answer(&c->journal, slot, &c->out, next,
		    &c->signal_due);
	else if (ring_writer_commit(&c->out, next))
		wakes = true;
	/* Only a packet that finds the ring empty would be signalled. */
	if (wakes && can_wait && c->held < HELD_MAX)
		c->held++;
	else if (wakes)
		c->signal_due = true;
}

/* Send, as the answer to @slot if there is one. */
static enum channel_result
packet_send(struct channel *c, const struct packet_out *out, int slot)
{
	struct packet_image image;
	enum ring_result result;
	uint32_t next;

	if (c->broken)
		return CHANNEL_BROKEN;
	if (c->blocked != 0)
		return CHANNEL_FULL;
	if (!packet_build(out, &image))
		return CHANNEL_TOO_LONG;
	do {
		result = ring_writer_stage(&c->out, image.pieces, image.count,
		    &next);
		if (result == RING_OK) {
			packet_show(c, next, out->can_wait, slot);
			return packet_sent(c, image.bytes);
		}
		if (result == RING_FULL)
			result = room_await(c, image.bytes);
	} while (result == RING_OK);
	return send_result(c, result);
}

/* Of an in-band packet that is written in place: descriptor and head. */
#define PLACE_HEAD (sizeof(struct packet_descriptor) + 8)

static size_t
padded(size_t size)
{
	return (size + RING_ALIGN - 1) / RING_ALIGN * RING_ALIGN;
}

enum channel_result
channel_reserve(struct channel *c, size_t least, size_t most,
    struct channel_room *room)
{
	size_t need = PLACE_HEAD + padded(least), bytes;
	enum ring_result result;

	if (c->broken)
		return CHANNEL_BROKEN;
	if (c->blocked != 0)
		return CHANNEL_FULL;
	do {
		result = ring_writer_reserve(&c->out, need,
		    PLACE_HEAD + padded(most), &bytes);
		if (result == RING_OK)
			break;
		if (result == RING_FULL)
			result = room_await(c, need);
	} while (result == RING_OK);
	if (result != RING_OK)
		return send_result(c, result);
	room->body_size = bytes - PLACE_HEAD;
	if (room->body_size > most)
		room->body_size = most;
	room->body_count = ring_writer_pieces(&c->out, PLACE_HEAD,
	    (uint32_t)room->body_size, room->body);
	return CHANNEL_OK;
}

/* Put bytes into the packet that is being written, at @at of it. */
static void
place(const struct channel *c, size_t at, const void *bytes, size_t len)
{
	struct iovec pieces[2];
	unsigned count = ring_writer_pieces(&c->out, (uint32_t)at,
	    (uint32_t)len, pieces);

	memcpy(pieces[0].iov_base, bytes, pieces[0].iov_len);
	if (count > 1)
		memcpy(pieces[1].iov_base, (const uint8_t *)bytes +
		    pieces[0].iov_len, pieces[1].iov_len);
}

enum channel_result
channel_commit(struct channel *c, const uint8_t head[8], size_t size)
{
	static const uint8_t zeros[RING_ALIGN];
	size_t bytes = PLACE_HEAD + padded(size);
	struct packet_descriptor d = {
		.type = PACKET_IN_BAND,
		.offset8 = sizeof(d) / RING_ALIGN,
		.length8 = (uint16_t)(bytes / RING_ALIGN),
	};
	enum ring_result result;
	uint32_t next;

	if (c->broken)
		return CHANNEL_BROKEN;
	if (bytes + RING_TRAILER >= c->out.size)
		return CHANNEL_TOO_LONG;
	place(c, 0, &d, sizeof(d));
	place(c, sizeof(d), head, 8);
	if (bytes > PLACE_HEAD + size)
		place(c, PLACE_HEAD + size, zeros, bytes - PLACE_HEAD - size);
	result = ring_writer_finish(&c->out, bytes, &next);
	if (result != RING_OK)
		return send_result(c, result);
	packet_show(c, next, false, NO_SLOT);
	return packet_sent(c, bytes);
}

enum channel_result
channel_send(struct channel *c, const struct packet_out *out)
{
	return packet_send(c, out, NO_SLOT);
}

enum channel_result
channel_send_in_band(struct channel *c, uint64_t transaction_id,
    bool wants_completion, const void *payload, size_t len)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)payload,
		.iov_len = len };
	struct packet_out out = {
		.type = PACKET_IN_BAND,
		.wants_completion = wants_completion,
		.transaction_id = transaction_id,
		.payload = &iov,
		.payload_count = 1,
	};

	return channel_send(c, &out);
}

static enum channel_result
completion_send(struct channel *c, uint64_t transaction_id,
    const void *payload, size_t len, int slot)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)payload,
		.iov_len = len };
	struct packet_out out = {
		.type = PACKET_COMPLETION,
		.transaction_id = transaction_id,
		.payload = &iov,
		.payload_count = 1,
	};

	return packet_send(c, &out, slot);
}

enum channel_result
channel_complete(struct channel *c, uint64_t transaction_id,
    const void *payload, size_t len)
{
	return completion_send(c, transaction_id, payload, len, NO_SLOT);
}

enum channel_result
channel_answer(struct channel *c, uint32_t ticket, const void *payload,
    size_t len)
{
	if (!c->lasting || !journal_has(&c->journal, ticket))
		return CHANNEL_TOO_LONG;
	return completion_send(c, c->ids[ticket], payload, len, (int)ticket);
}

bool
channel_resumed(const struct channel *c)
{
	return c->inherited;
}

void
channel_note_set(struct channel *c, const void *note, size_t len)
{
	if (c->lasting && len <= JOURNAL_NOTE_BYTES)
		memcpy(c->journal.header->note, note, len);
}

void
channel_note_get(const struct channel *c, void *note, size_t len)
{
	memset(note, 0, len);
	if (c->lasting && len <= JOURNAL_NOTE_BYTES)
		memcpy(note, c->journal.header->note, len);
}

enum channel_result
channel_send_pages(struct channel *c, uint64_t transaction_id,
    uint16_t page_set, const struct packet_range *ranges,
    unsigned range_count, const void *payload, size_t len)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)payload,
		.iov_len = len };
	struct packet_out out = {
		.type = PACKET_TRANSFER_PAGES,
		.wants_completion = true,
		.transaction_id = transaction_id,
		.payload = &iov,
		.payload_count = 1,
		.ranges = ranges,
		.range_count = range_count,
		.page_set = page_set,
	};

	return channel_send(c, &out);
}

void
channel_flush(struct channel *c)
{
	room_publish(c);
	if (!c->signal_due)
		return;
	c->signal_due = false;
	c->held = 0;
	c->figures->signals_out++;
	eventfd_add(c->call_fd);
}

bool
channel_held(const struct channel *c)
{
	return c->held > 0;
}

void
channel_signal(struct channel *c)
{
	if (c->held > 0)
		c->signal_due = true;
	channel_flush(c);
}

void
channel_resume(struct channel *c)
{
	c->resumed = true;
	eventfd_add(c->kick_fd);
}

bool
channel_broken(const struct channel *c)
{
	return c->broken;
}

struct channel_work
channel_signalled(struct channel *c)
{
	struct channel_work work = { .writable = false };

	if (!c->resumed)
		c->figures->signals_in++;
	c->resumed = false;
	if (c->broken)
		return work;
	/* We look by ourselves until the ring is empty. */
	ring_reader_mask(&c->in);
	if (c->blocked != 0) {
		enum ring_result result = ring_writer_await(&c->out,
		    c->blocked);

		if (result == RING_FULL) {
			work.receive = c->duplex;
			return work;
		}
		if (result != RING_OK) {
			channel_break(c);
			return work;
		}
		c->blocked = 0;
		work.writable = true;
	}
	work.receive = true;
	return work;
}
