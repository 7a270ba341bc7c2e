/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a guest that lie in pieces, read once from front to back. */
#ifndef MULLION_NETWORK_STREAM_H
#define MULLION_NETWORK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* One list of pieces behind another; the lists stay the caller's. */
struct stream {
	const struct iovec *iov;
	size_t count;
	const struct iovec *next;
	size_t next_count;
	size_t at;		/* in the first piece */
	uint64_t left;
};

void stream_init(struct stream *s, const struct iovec *first, size_t count,
    const struct iovec *second, size_t second_count);

/* Copy the next @len bytes; false, and nothing taken, if there are fewer. */
bool stream_read(struct stream *s, void *to, size_t len);

/*
 * Take the next @len bytes as pieces of guest memory. Returns how many of
 * @room were filled; -1, after which the stream is of no more use, if there
 * are fewer bytes or more pieces.
 */
int stream_take(struct stream *s, uint64_t len, struct iovec *to,
    size_t room);

/* Leave @len bytes out; false if there are fewer. */
bool stream_skip(struct stream *s, uint64_t len);

#endif
