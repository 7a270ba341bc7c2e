/* SPDX-License-Identifier: Apache-2.0 */
/* An open channel, for a provider: packets in, packets out, signals. */
#ifndef MULLION_VMBUS_CHANNEL_H
#define MULLION_VMBUS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "manager/err.h"
#include "vmbus/memory.h"
#include "vmbus/packet.h"
#include "vmbus/provider_protocol.h"
#include "vmbus/ring.h"

struct channel;

enum channel_result {
	CHANNEL_OK = 0,
	CHANNEL_EMPTY,		/* nothing there; the guest will signal */
	CHANNEL_FULL,		/* not sent; op writable() will be called */
	CHANNEL_BUSY,		/* not received: answer some others first */
	CHANNEL_TOO_LONG,	/* not sent, and never will be */
	CHANNEL_BROKEN,		/* the guest broke the rules */
};

/*
 * The next packet. What it points to lasts until the next call for this
 * channel. CHANNEL_EMPTY has told the guest to signal: receive until it comes,
 * or call channel_resume() to be called again. A packet that is malformed
 * breaks the channel. CHANNEL_BUSY: as many packets of a lasting channel are
 * not answered as its journal can hold.
 */
enum channel_result channel_receive(struct channel *c, struct packet *p);

/*
 * Send one packet. CHANNEL_FULL: keep it and send nothing else, op writable()
 * comes when there is room for it. Requests should be left in the ring
 * meanwhile: their answers have nowhere to go. Unless the offer is a duplex
 * one, op receive() does not come until then.
 */
enum channel_result channel_send(struct channel *c,
    const struct packet_out *out);

/*
 * A packet where it is, in the ring, whose payload begins with 8 bytes that
 * tell what follows.
 */
struct channel_view {
	enum packet_type type;
	uint8_t head[8];	/* a private copy; 0 if there is no payload */
	size_t body_size;	/* of the payload behind it, padded */
	struct iovec body[2];	/* the guest can change it at any time */
	unsigned body_count;
	size_t bytes;		/* that the packet takes in the ring */
};

/*
 * Look at the packet behind @ahead bytes of others that were looked at before.
 * CHANNEL_EMPTY is as of channel_receive() if @ahead is 0, and promises no
 * signal if not.
 */
enum channel_result channel_peek(struct channel *c, size_t ahead,
    struct channel_view *v);

/* Take the next packet, which takes @bytes as its view has told. */
void channel_skip(struct channel *c, size_t bytes);

/* Room in the ring for the body of an in-band packet. */
struct channel_room {
	struct iovec body[2];
	unsigned body_count;
	size_t body_size;
};

/*
 * Find room for a body of @least to @most bytes, to be filled where it is.
 * Unless channel_commit() follows, nothing has happened. CHANNEL_FULL is as
 * of channel_send().
 */
enum channel_result channel_reserve(struct channel *c, size_t least,
    size_t most, struct channel_room *room);

/* Send the first @size bytes of the room that was filled, behind @head. */
enum channel_result channel_commit(struct channel *c, const uint8_t head[8],
    size_t size);

/* The three usual ones: an in-band packet, an answer, pages of a set. */
enum channel_result channel_send_in_band(struct channel *c,
    uint64_t transaction_id, bool wants_completion, const void *payload,
    size_t len);
enum channel_result channel_complete(struct channel *c,
    uint64_t transaction_id, const void *payload, size_t len);
enum channel_result channel_send_pages(struct channel *c,
    uint64_t transaction_id, uint16_t page_set,
    const struct packet_range *ranges, unsigned range_count,
    const void *payload, size_t len);

/*
 * The answer of a lasting channel to the packet that had this @ticket. Each
 * that was received is answered once, and in no other way; what a provider
 * that was killed had not answered, its successor receives again.
 */
enum channel_result channel_answer(struct channel *c, uint32_t ticket,
    const void *payload, size_t len);

/* Whether a lasting channel was open before this process was there. */
bool channel_resumed(const struct channel *c);

/*
 * Up to JOURNAL_NOTE_BYTES that a lasting channel hands to a successor; zeros
 * at first. What is set is kept from the next answer on. What is got may be
 * anything if the predecessor was deceived: check it.
 */
void channel_note_set(struct channel *c, const void *note, size_t len);
void channel_note_get(const struct channel *c, void *note, size_t len);

/*
 * Signal the guest if that is due, once for all that was sent and received.
 * It is done by itself after each op of a provider; only who sends at other
 * times, say when a disk has answered, calls it after a batch.
 */
void channel_flush(struct channel *c);

/*
 * Whether packets that can wait are there that the guest was not signalled
 * of: it is with the next packet that cannot wait, or if they become many, or
 * by channel_signal(), which is to be called before long.
 */
bool channel_held(const struct channel *c);
void channel_signal(struct channel *c);

/* Have op receive() called soon, whether the guest signals or not. */
void channel_resume(struct channel *c);

/* The guest's rings are not to be trusted any more. */
bool channel_broken(const struct channel *c);

/* --- For who makes channels: vmbus/provider.c, and tests. --- */

struct channel_setup {
	void *ring_in;			/* guest to host, header page first */
	size_t ring_in_bytes;
	void *ring_out;
	size_t ring_out_bytes;
	const struct memory *memory;	/* outlives the channel */
	size_t packet_max;		/* of the guest's packets, in bytes */
	bool duplex;			/* as of the offer */
	/* Eventfds; they stay the caller's. */
	int call_fd;			/* to signal the guest */
	int kick_fd;			/* written by channel_resume() */
	/* Counted in from 0 on; NULL: not counted for anybody. */
	struct provider_figures *figures;
	/* Of a lasting channel; the memory stays the caller's. */
	void *journal;			/* of journal_bytes(); NULL: none */
	uint32_t journal_slots;		/* each for packet_max bytes */
	bool resumed;			/* the journal may have something */
};

/* The rings stay the caller's. NULL: no memory, or these are no rings. */
struct channel *channel_create(const struct channel_setup *setup,
    struct err *e);
void channel_destroy(struct channel *c);

/* What is to be done after a kick. */
struct channel_work {
	bool receive;		/* call op receive() */
	bool writable;		/* call op writable(), before */
};

/* @kick_fd was written: the guest has signalled, or channel_resume() has. */
struct channel_work channel_signalled(struct channel *c);

#endif
