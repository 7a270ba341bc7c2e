/* SPDX-License-Identifier: Apache-2.0 */
/* The last bytes of a stream, for readers that come late or are slow. */
#ifndef MULLION_WORKER_RING_H
#define MULLION_WORKER_RING_H

#include <stddef.h>
#include <stdint.h>

/* @size is a power of two. @written counts all bytes there ever were. */
struct ring {
	uint8_t *bytes;
	size_t size;
	uint64_t written;
};

static inline void
ring_push(struct ring *r, uint8_t byte)
{
	r->bytes[r->written++ & (r->size - 1)] = byte;
}

/* Position of the oldest byte that is still there. */
static inline uint64_t
ring_oldest(const struct ring *r)
{
	return r->written > r->size ? r->written - r->size : 0;
}

/*
 * The bytes from *@position on that lie in one piece; none when there are no
 * more. A reader that fell behind is moved to the oldest ones first. The
 * caller adds to *@position what it took.
 */
const uint8_t *ring_peek(const struct ring *r, uint64_t *position,
    size_t *len);

#endif
