/* SPDX-License-Identifier: Apache-2.0 */
/* Rings. Every place that needs a full fence says which loads it orders. */
#include "vmbus/ring.h"

#include <string.h>

#define DESCRIPTOR 16u
#define LENGTH_MAX (UINT16_MAX * 8u)

static bool
size_valid(size_t bytes)
{
	return bytes % RING_PAGE == 0 && bytes >= 2 * RING_PAGE &&
	    bytes - RING_PAGE <= RING_DATA_MAX;
}

static bool
index_valid(uint32_t index, uint32_t size)
{
	return index < size && index % RING_ALIGN == 0;
}

/* Bytes from @from on to @to; both are valid indices. */
static uint32_t
distance(uint32_t from, uint32_t to, uint32_t size)
{
	return to >= from ? to - from : size - (from - to);
}

static uint32_t
advance(uint32_t index, uint32_t bytes, uint32_t size)
{
	return bytes >= size - index ? bytes - (size - index) : index + bytes;
}

bool
ring_reader_attach(struct ring_reader *r, void *base, size_t bytes)
{
	if (!size_valid(bytes))
		return false;
	*r = (struct ring_reader){
		.header = base,
		.data = (const uint8_t *)base + RING_PAGE,
		.size = (uint32_t)(bytes - RING_PAGE),
	};
	r->read = atomic_load(&r->header->read_index);
	r->seen = atomic_load(&r->header->write_index);
	r->published = r->exposed = r->read;
	return index_valid(r->read, r->size) && index_valid(r->seen, r->size);
}

bool
ring_writer_attach(struct ring_writer *w, void *base, size_t bytes)
{
	if (!size_valid(bytes))
		return false;
	*w = (struct ring_writer){
		.header = base,
		.data = (uint8_t *)base + RING_PAGE,
		.size = (uint32_t)(bytes - RING_PAGE),
	};
	w->write = atomic_load(&w->header->write_index);
	w->seen = atomic_load(&w->header->read_index);
	return index_valid(w->write, w->size) && index_valid(w->seen, w->size);
}

/* Load the peer's write index. What it adds can only grow. */
static bool
reader_look(struct ring_reader *r)
{
	uint32_t write = atomic_load_explicit(&r->header->write_index,
	    memory_order_acquire);

	if (r->corrupt || !index_valid(write, r->size) ||
	    distance(r->read, write, r->size) <
	    distance(r->read, r->seen, r->size)) {
		r->corrupt = true;
		return false;
	}
	r->seen = write;
	return true;
}

/* The @len bytes from @index on, not more than the ring has, as pieces. */
static unsigned
pieces_of(const uint8_t *data, uint32_t size, uint32_t index, uint32_t len,
    struct iovec pieces[2])
{
	uint32_t first = size - index;
	uint8_t *base = (uint8_t *)(uintptr_t)data;

	if (first > len)
		first = len;
	pieces[0] = (struct iovec){ base + index, first };
	pieces[1] = (struct iovec){ base, len - first };
	return len > first ? 2 : 1;
}

/* Indices are multiples of 8, so that no word is in two pieces. */
static uint64_t
word_fetch(const struct ring_reader *r, uint32_t index)
{
	const void *at = r->data + index;

	/* Once: the compiler, too, has no second look at it. */
	return *(const volatile uint64_t *)at;
}

/*
 * Fetch the descriptor of the packet at @index, of @available bytes, to @out.
 * The length, or 0 if it cannot be that of a packet.
 */
static uint32_t
descriptor_copy(const struct ring_reader *r, uint32_t index,
    uint32_t available, void *out)
{
	uint64_t words[DESCRIPTOR / RING_ALIGN];
	uint32_t offset, length;

	if (available < DESCRIPTOR + RING_TRAILER)
		return 0;
	words[0] = word_fetch(r, index);
	words[1] = word_fetch(r, advance(index, RING_ALIGN, r->size));
	memcpy(out, words, sizeof(words));
	offset = (uint16_t)(words[0] >> 16) * RING_ALIGN;
	length = (uint16_t)(words[0] >> 32) * RING_ALIGN;
	if (offset < DESCRIPTOR || offset > length ||
	    length > available - RING_TRAILER)
		return 0;
	return length;
}

enum ring_result
ring_reader_peek(struct ring_reader *r, uint32_t ahead, struct ring_view *v)
{
	uint32_t available;

	if (r->corrupt)
		return RING_CORRUPT;
	if (distance(r->read, r->seen, r->size) <= ahead && !reader_look(r))
		return RING_CORRUPT;
	available = distance(r->read, r->seen, r->size);
	if (available <= ahead)
		return RING_EMPTY;
	v->index = advance(r->read, ahead, r->size);
	v->length = descriptor_copy(r, v->index, available - ahead,
	    v->descriptor);
	if (v->length == 0) {
		r->corrupt = true;
		return RING_CORRUPT;
	}
	return RING_OK;
}

uint64_t
ring_reader_word(const struct ring_reader *r, const struct ring_view *v,
    uint32_t at)
{
	return word_fetch(r, advance(v->index, at, r->size));
}

unsigned
ring_reader_pieces(const struct ring_reader *r, const struct ring_view *v,
    uint32_t at, uint32_t len, struct iovec pieces[2])
{
	return pieces_of(r->data, r->size, advance(v->index, at, r->size),
	    len, pieces);
}

void
ring_reader_copy(const struct ring_reader *r, const struct ring_view *v,
    uint32_t at, uint32_t len, void *out)
{
	struct iovec pieces[2];

	ring_reader_pieces(r, v, at, len, pieces);
	memcpy(out, pieces[0].iov_base, pieces[0].iov_len);
	memcpy((uint8_t *)out + pieces[0].iov_len, pieces[1].iov_base,
	    pieces[1].iov_len);
}

void
ring_reader_skip(struct ring_reader *r, uint32_t length)
{
	r->read = advance(r->read, length + RING_TRAILER, r->size);
}

enum ring_result
ring_reader_pop(struct ring_reader *r, void *out, size_t room, size_t *len)
{
	struct ring_view v;
	enum ring_result result = ring_reader_peek(r, 0, &v);

	if (result != RING_OK)
		return result;
	if (v.length > room)
		return RING_TOO_LONG;
	/* The descriptor is the checked copy, never fetched again. */
	memcpy(out, v.descriptor, DESCRIPTOR);
	ring_reader_copy(r, &v, DESCRIPTOR, v.length - DESCRIPTOR,
	    (uint8_t *)out + DESCRIPTOR);
	ring_reader_skip(r, v.length);
	*len = v.length;
	return RING_OK;
}

uint32_t
ring_reader_unpublished(const struct ring_reader *r)
{
	return distance(r->published, r->read, r->size);
}

void
ring_reader_expose(struct ring_reader *r)
{
	r->exposed = r->read;
	atomic_store_explicit(&r->header->read_index, r->read,
	    memory_order_release);
}

bool
ring_reader_publish(struct ring_reader *r)
{
	uint32_t given = ring_reader_unpublished(r);
	uint32_t pending, room;

	if (given == 0)
		return false;
	r->published = r->read;
	ring_reader_expose(r);
	/* Read index, then pending size: the writer does it the other way. */
	atomic_thread_fence(memory_order_seq_cst);
	pending = atomic_load_explicit(&r->header->pending_size,
	    memory_order_relaxed);
	if (pending == 0 || !reader_look(r))
		return false;
	room = r->size - distance(r->read, r->seen, r->size);
	/*
	 * Writers differ in whether exactly @pending is enough. A signal too
	 * many costs little, so both edges count as crossed.
	 */
	return room >= pending && room - given <= pending;
}

void
ring_reader_mask(struct ring_reader *r)
{
	atomic_store_explicit(&r->header->interrupt_mask, 1,
	    memory_order_relaxed);
}

enum ring_result
ring_reader_unmask(struct ring_reader *r)
{
	atomic_store_explicit(&r->header->interrupt_mask, 0,
	    memory_order_relaxed);
	/* Mask, then write index: the race that loses wake-ups. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!reader_look(r))
		return RING_CORRUPT;
	if (r->seen == r->read)
		return RING_EMPTY;
	ring_reader_mask(r);
	return RING_OK;
}

/* Load the peer's read index. What is left to be read can only shrink. */
static bool
writer_look(struct ring_writer *w)
{
	uint32_t read = atomic_load_explicit(&w->header->read_index,
	    memory_order_acquire);

	if (w->corrupt || !index_valid(read, w->size) ||
	    distance(read, w->write, w->size) >
	    distance(w->seen, w->write, w->size)) {
		w->corrupt = true;
		return false;
	}
	w->seen = read;
	return true;
}

/* The ring never fills: equal indices mean that it is empty. */
static bool
writer_has_room(const struct ring_writer *w, uint32_t need)
{
	return w->size - distance(w->seen, w->write, w->size) > need;
}

static uint32_t
copy_in(struct ring_writer *w, uint32_t index, const void *from, uint32_t len)
{
	uint32_t first = w->size - index;

	if (first > len)
		first = len;
	if (first > 0)
		memcpy(w->data + index, from, first);
	if (len > first)
		memcpy(w->data, (const uint8_t *)from + first, len - first);
	return advance(index, len, w->size);
}

/* The sum of pieces, or 0 if it is not that of a packet. */
static uint32_t
pieces_length(const struct iovec *iov, unsigned count)
{
	size_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		if (iov[i].iov_len > LENGTH_MAX ||
		    (sum += iov[i].iov_len) > LENGTH_MAX)
			return 0;
	if (sum < DESCRIPTOR || sum % RING_ALIGN != 0)
		return 0;
	return (uint32_t)sum;
}

bool
ring_writer_commit(struct ring_writer *w, uint32_t next)
{
	uint32_t before = w->write;

	w->write = next;
	atomic_store_explicit(&w->header->write_index, next,
	    memory_order_release);
	/* Write index, then mask and read index. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&w->header->interrupt_mask,
	    memory_order_acquire) != 0)
		return false;
	return atomic_load_explicit(&w->header->read_index,
	    memory_order_relaxed) == before;
}

enum ring_result
ring_writer_reserve(struct ring_writer *w, size_t least, size_t most,
    size_t *bytes)
{
	uint32_t room;

	if (w->corrupt)
		return RING_CORRUPT;
	if (least > LENGTH_MAX || least + RING_TRAILER >= w->size)
		return RING_TOO_LONG;
	if (most > LENGTH_MAX)
		most = LENGTH_MAX;
	if (most + RING_TRAILER >= w->size)
		most = w->size - RING_TRAILER - RING_ALIGN;
	if (!writer_has_room(w, (uint32_t)most + RING_TRAILER) &&
	    !writer_look(w))
		return RING_CORRUPT;
	if (!writer_has_room(w, (uint32_t)least + RING_TRAILER))
		return RING_FULL;
	/* One unit stays free, and there is room for the trailer. */
	room = w->size - distance(w->seen, w->write, w->size) - RING_TRAILER -
	    RING_ALIGN;
	*bytes = (most < room ? most : room) / RING_ALIGN * RING_ALIGN;
	return RING_OK;
}

unsigned
ring_writer_pieces(const struct ring_writer *w, uint32_t at, uint32_t len,
    struct iovec pieces[2])
{
	return pieces_of(w->data, w->size, advance(w->write, at, w->size),
	    len, pieces);
}

/* Write the trailer behind the packet, which ends at @at. */
static uint32_t
writer_finish(struct ring_writer *w, uint32_t at)
{
	uint64_t trailer = (uint64_t)w->write << 32;

	return copy_in(w, at, &trailer, sizeof(trailer));
}

enum ring_result
ring_writer_finish(struct ring_writer *w, size_t bytes, uint32_t *next)
{
	if (w->corrupt)
		return RING_CORRUPT;
	if (bytes < DESCRIPTOR || bytes % RING_ALIGN != 0 ||
	    bytes > LENGTH_MAX || bytes + RING_TRAILER >= w->size ||
	    !writer_has_room(w, (uint32_t)bytes + RING_TRAILER))
		return RING_TOO_LONG;
	*next = writer_finish(w, advance(w->write, (uint32_t)bytes, w->size));
	return RING_OK;
}

enum ring_result
ring_writer_stage(struct ring_writer *w, const struct iovec *iov,
    unsigned count, uint32_t *next)
{
	uint32_t length = pieces_length(iov, count);
	uint32_t at = w->write;

	if (w->corrupt)
		return RING_CORRUPT;
	if (length == 0 || length + RING_TRAILER >= w->size)
		return RING_TOO_LONG;
	if (!writer_has_room(w, length + RING_TRAILER)) {
		if (!writer_look(w))
			return RING_CORRUPT;
		if (!writer_has_room(w, length + RING_TRAILER))
			return RING_FULL;
	}
	for (unsigned i = 0; i < count; i++)
		at = copy_in(w, at, iov[i].iov_base, (uint32_t)iov[i].iov_len);
	*next = writer_finish(w, at);
	return RING_OK;
}

enum ring_result
ring_writer_push(struct ring_writer *w, const struct iovec *iov,
    unsigned count, bool *signal)
{
	uint32_t next;
	enum ring_result result = ring_writer_stage(w, iov, count, &next);

	if (result == RING_OK && ring_writer_commit(w, next))
		*signal = true;
	return result;
}

enum ring_result
ring_writer_await(struct ring_writer *w, size_t bytes)
{
	uint32_t need;

	if (w->corrupt)
		return RING_CORRUPT;
	if (bytes > LENGTH_MAX || bytes + RING_TRAILER >= w->size)
		return RING_TOO_LONG;
	need = (uint32_t)bytes + RING_TRAILER;
	w->pending = true;
	atomic_store_explicit(&w->header->pending_size, need,
	    memory_order_relaxed);
	/* Pending size, then read index again. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!writer_look(w))
		return RING_CORRUPT;
	if (!writer_has_room(w, need))
		return RING_FULL;
	ring_writer_stop_waiting(w);
	return RING_OK;
}

void
ring_writer_stop_waiting(struct ring_writer *w)
{
	if (w->pending)
		atomic_store_explicit(&w->header->pending_size, 0,
		    memory_order_relaxed);
	w->pending = false;
}

bool
ring_fill(const struct ring_header *header, uint32_t size, uint32_t *bytes)
{
	uint32_t read = atomic_load(&header->read_index);
	uint32_t write = atomic_load(&header->write_index);

	if (!index_valid(read, size) || !index_valid(write, size))
		return false;
	*bytes = distance(read, write, size);
	return true;
}
