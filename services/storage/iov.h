/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of guest memory that are one buffer. */
#ifndef MULLION_STORAGE_IOV_H
#define MULLION_STORAGE_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* Bytes in all of @iov; SIZE_MAX when that does not fit. */
size_t iov_length(const struct iovec *iov, unsigned count);

/* Copy @len bytes, or as many as there are; returns how many. */
size_t iov_write(const struct iovec *iov, unsigned count, const void *from,
    size_t len);
size_t iov_read(const struct iovec *iov, unsigned count, void *to, size_t len);

/* Cut the buffer to @len bytes; the count that is left of @iov. */
unsigned iov_truncate(struct iovec *iov, unsigned count, size_t len);

/* Drop @len bytes at the front of (*@iov, *@count). */
void iov_advance(struct iovec **iov, unsigned *count, size_t len);

/*
 * Have @out, of @max entries, point at what follows the first @skip bytes, as
 * far as it reaches; the count that is used of it.
 */
unsigned iov_window(const struct iovec *iov, unsigned count, size_t skip,
    struct iovec *out, unsigned max);

#endif
