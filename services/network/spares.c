/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping parts of the receive buffer at hand. */
#include "network/spares.h"

#include <assert.h>
#include <string.h>

bool
spare_find(struct spare *spare, uint32_t index, const struct pool *pool,
    const struct gpadl *buffer, const struct memory *memory)
{
	int n = gpadl_pieces(buffer, memory, (uint64_t)index * pool->size,
	    pool->size, spare->pieces, SPARE_PIECES_MAX);

	spare->index = index;
	spare->count = n < 0 ? 0 : (unsigned)n;
	return n >= 0;
}

bool
spares_fill(struct spares *s, unsigned want, struct pool *pool,
    const struct gpadl *buffer, const struct memory *memory)
{
	assert(want <= SPARES_MAX);
	while (s->count < want) {
		struct spare *spare =
		    &s->entries[(s->first + s->count) % SPARES_MAX];
		uint32_t index;

		if (pool->free_count <= SPARES_LEFT)
			return false;
		index = pool_take(pool);
		if (!spare_find(spare, index, pool, buffer, memory)) {
			pool_give(pool, index);
			return false;
		}
		s->count++;
	}
	return true;
}

const struct spare *
spares_at(const struct spares *s, unsigned n)
{
	assert(n < s->count);
	return &s->entries[(s->first + n) % SPARES_MAX];
}

void
spares_use(struct spares *s, unsigned n)
{
	assert(n <= s->count);
	s->first = (s->first + n) % SPARES_MAX;
	s->count -= n;
}

unsigned
spare_slice(const struct spare *spare, size_t offset, size_t len,
    struct iovec *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < spare->count && len > 0; i++) {
		const struct iovec *piece = &spare->pieces[i];
		size_t bytes;

		if (offset >= piece->iov_len) {
			offset -= piece->iov_len;
			continue;
		}
		bytes = piece->iov_len - offset;
		if (bytes > len)
			bytes = len;
		to[n].iov_base = (uint8_t *)piece->iov_base + offset;
		to[n++].iov_len = bytes;
		len -= bytes;
		offset = 0;
	}
	assert(len == 0);
	return n;
}

void
spare_read(const struct spare *spare, size_t offset, void *to, size_t len)
{
	struct iovec pieces[SPARE_PIECES_MAX];
	unsigned n = spare_slice(spare, offset, len, pieces);
	uint8_t *at = to;

	for (unsigned i = 0; i < n; i++) {
		memcpy(at, pieces[i].iov_base, pieces[i].iov_len);
		at += pieces[i].iov_len;
	}
}

void
spare_write(const struct spare *spare, size_t offset, const void *from,
    size_t len)
{
	struct iovec pieces[SPARE_PIECES_MAX];
	unsigned n = spare_slice(spare, offset, len, pieces);
	const uint8_t *at = from;

	for (unsigned i = 0; i < n; i++) {
		memcpy(pieces[i].iov_base, at, pieces[i].iov_len);
		at += pieces[i].iov_len;
	}
}
