/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a ring in memory that the other side can write at will. */
#ifndef MULLION_VMBUS_RING_H
#define MULLION_VMBUS_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * A ring is one header page and then data, both mapped by whoever uses it. A
 * reader owns its read index, a writer its write index: what the peer makes of
 * them in the header is never read back. The peer's index is checked on each
 * load; a ring whose peer lied is corrupt for good. No locks: one thread a
 * ring end.
 */

#define RING_PAGE		4096u
#define RING_ALIGN		8u
#define RING_DATA_MAX		(UINT32_C(64) << 20)
/* What the trailer of each packet takes beside the packet. */
#define RING_TRAILER		8u
#define RING_FEATURE_PENDING	UINT32_C(1)

struct ring_header {
	_Atomic uint32_t write_index;
	_Atomic uint32_t read_index;
	_Atomic uint32_t interrupt_mask;	/* 1: do not signal */
	_Atomic uint32_t pending_size;		/* a writer waits for it */
	uint32_t reserved[12];
	_Atomic uint32_t features;
};
_Static_assert(sizeof(struct ring_header) == 68, "wire layout");
_Static_assert(offsetof(struct ring_header, features) == 64, "wire layout");

enum ring_result {
	RING_OK = 0,
	RING_EMPTY,
	RING_FULL,
	RING_TOO_LONG,		/* for the caller's room, or for the ring */
	RING_CORRUPT,		/* the peer broke the rules */
};

struct ring_reader {
	struct ring_header *header;
	const uint8_t *data;
	uint32_t size;		/* of data, in bytes; a multiple of 8 */
	uint32_t read;		/* next packet */
	uint32_t published;	/* up to here the peer was told of room */
	uint32_t exposed;	/* read index as the peer sees it */
	uint32_t seen;		/* the peer's write index, as last checked */
	bool corrupt;
};

struct ring_writer {
	struct ring_header *header;
	uint8_t *data;
	uint32_t size;
	uint32_t write;		/* next packet */
	uint32_t seen;		/* the peer's read index, as last checked */
	bool pending;		/* the header's pending size is ours, not 0 */
	bool corrupt;
};

/*
 * Attach to the ring whose header page is at @base, @bytes long with it. Both
 * indices are taken over as they are, so that a ring can be attached to
 * again. False if the size cannot be that of a ring or the indices are wrong.
 */
bool ring_reader_attach(struct ring_reader *r, void *base, size_t bytes);
bool ring_writer_attach(struct ring_writer *w, void *base, size_t bytes);

/*
 * Copy the next packet, without its trailer, to @out, and its length to *@len.
 * The copy's descriptor is consistent: 16 <= offset <= length <= @room, both
 * multiples of 8. RING_TOO_LONG leaves the packet where it is. The peer learns
 * of the room by ring_reader_publish() only.
 */
enum ring_result ring_reader_pop(struct ring_reader *r, void *out,
    size_t room, size_t *len);

/* A packet that is looked at where it is. */
struct ring_view {
	uint32_t index;		/* where it begins */
	uint32_t length;	/* without the trailer */
	uint16_t descriptor[8];	/* a private copy, checked as for a pop */
};

/*
 * Look at the packet behind @ahead bytes of others that were looked at, and
 * take nothing. The caller skips them in this order, or pops them.
 */
enum ring_result ring_reader_peek(struct ring_reader *r, uint32_t ahead,
    struct ring_view *v);

/* The 8 bytes at byte @at of the packet, a multiple of 8, fetched once. */
uint64_t ring_reader_word(const struct ring_reader *r,
    const struct ring_view *v, uint32_t at);

/*
 * Where @len bytes from byte @at of the packet on are, which are bytes of it:
 * in one piece or two. The peer can change them at any time.
 */
unsigned ring_reader_pieces(const struct ring_reader *r,
    const struct ring_view *v, uint32_t at, uint32_t len,
    struct iovec pieces[2]);

/* Copy such bytes to @out. */
void ring_reader_copy(const struct ring_reader *r, const struct ring_view *v,
    uint32_t at, uint32_t len, void *out);

/* Take the next packet; @length is what a view of it has told. */
void ring_reader_skip(struct ring_reader *r, uint32_t length);

/* Bytes that were popped and are not published yet. */
uint32_t ring_reader_unpublished(const struct ring_reader *r);

/*
 * Give what was popped back to the peer. True: the peer waits for this room
 * and is to be signalled.
 */
bool ring_reader_publish(struct ring_reader *r);

/*
 * Only move the read index: what was popped can be overwritten from now on. A
 * peer that waits for room hears of it by ring_reader_publish(), as before.
 */
void ring_reader_expose(struct ring_reader *r);

/* Ask the peer not to signal, for as long as we look by ourselves. */
void ring_reader_mask(struct ring_reader *r);

/*
 * Ask the peer for signals. RING_EMPTY: nothing has come, it is safe to sleep.
 * RING_OK: there are packets; the ring is masked again.
 */
enum ring_result ring_reader_unmask(struct ring_reader *r);

/*
 * Append one packet: the pieces of @iov, which begin with its descriptor and
 * are a multiple of 8 in sum. The trailer is added here. *@signal becomes true
 * (never false) if the reader is to be signalled: it was idle. RING_FULL: not
 * written. RING_TOO_LONG: the ring can never hold it.
 */
enum ring_result ring_writer_push(struct ring_writer *w,
    const struct iovec *iov, unsigned count, bool *signal);

/*
 * The same in two steps: lay the packet into the ring, where the reader does
 * not see it, and tell by *@next where it ends; then show it. The second tells
 * whether to signal.
 */
enum ring_result ring_writer_stage(struct ring_writer *w,
    const struct iovec *iov, unsigned count, uint32_t *next);
bool ring_writer_commit(struct ring_writer *w, uint32_t next);

/*
 * How long a packet can be written in place now: *@bytes, a multiple of 8, at
 * most @most and at least @least, all without the trailer. RING_FULL: less.
 */
enum ring_result ring_writer_reserve(struct ring_writer *w, size_t least,
    size_t most, size_t *bytes);

/* Where bytes of a packet that is written in place belong. */
unsigned ring_writer_pieces(const struct ring_writer *w, uint32_t at,
    uint32_t len, struct iovec pieces[2]);

/*
 * The @bytes that were written in place, a multiple of 8 and not more than
 * were reserved, are a packet: *@next, where it ends, is for
 * ring_writer_commit().
 */
enum ring_result ring_writer_finish(struct ring_writer *w, size_t bytes,
    uint32_t *next);

/*
 * After RING_FULL: ask the reader to signal us once @bytes, a packet without
 * its trailer, fit. RING_OK: they fit by now, nothing is asked. RING_FULL: a
 * signal will come.
 */
enum ring_result ring_writer_await(struct ring_writer *w, size_t bytes);

/* Take back what ring_writer_await() asked. */
void ring_writer_stop_waiting(struct ring_writer *w);

/*
 * How many of the @size bytes of data of the ring at @header are in use, for
 * who only looks on. False if its indices are wrong at this moment.
 */
bool ring_fill(const struct ring_header *header, uint32_t size,
    uint32_t *bytes);

#endif
