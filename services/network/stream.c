/* SPDX-License-Identifier: Apache-2.0 */
/* Reading scattered bytes in order. */
#include "network/stream.h"

#include <string.h>

static uint64_t
pieces_length(const struct iovec *iov, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += iov[i].iov_len;
	return sum;
}

void
stream_init(struct stream *s, const struct iovec *first, size_t count,
    const struct iovec *second, size_t second_count)
{
	s->iov = first;
	s->count = count;
	s->next = second;
	s->next_count = second_count;
	s->at = 0;
	s->left = pieces_length(first, count) +
	    pieces_length(second, second_count);
}

/* The next piece, at most @len bytes of it; there are that many left. */
static struct iovec
stream_piece(struct stream *s, uint64_t len)
{
	struct iovec piece;

	while (s->count == 0 || s->at == s->iov->iov_len) {
		if (s->count > 0) {
			s->iov++;
			s->count--;
			s->at = 0;
		}
		if (s->count == 0) {
			s->iov = s->next;
			s->count = s->next_count;
			s->next_count = 0;
		}
	}
	piece.iov_base = (uint8_t *)s->iov->iov_base + s->at;
	piece.iov_len = s->iov->iov_len - s->at;
	if (piece.iov_len > len)
		piece.iov_len = (size_t)len;
	s->at += piece.iov_len;
	s->left -= piece.iov_len;
	return piece;
}

bool
stream_read(struct stream *s, void *to, size_t len)
{
	uint8_t *at = to;

	if (len > s->left)
		return false;
	while (len > 0) {
		struct iovec piece = stream_piece(s, len);

		memcpy(at, piece.iov_base, piece.iov_len);
		at += piece.iov_len;
		len -= piece.iov_len;
	}
	return true;
}

int
stream_take(struct stream *s, uint64_t len, struct iovec *to, size_t room)
{
	size_t n = 0;

	if (len > s->left)
		return -1;
	while (len > 0) {
		if (n == room)
			return -1;
		to[n] = stream_piece(s, len);
		len -= to[n++].iov_len;
	}
	return (int)n;
}

bool
stream_skip(struct stream *s, uint64_t len)
{
	if (len > s->left)
		return false;
	while (len > 0)
		len -= stream_piece(s, len).iov_len;
	return true;
}
