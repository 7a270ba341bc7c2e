/* SPDX-License-Identifier: Apache-2.0 */
/* Copying disk images: only what is no hole is read and written. */
#include "manager/image_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/file.h"

#define PIECE ((size_t)1 << 20)

struct copy {
	int from;
	int to;
	const char *from_path;
	const char *to_path;
	uint8_t *piece;	/* PIECE bytes */
};

/* The bytes from @at on, up to @end; *@at is then at the end. */
static int
range_copy(const struct copy *c, off_t *at, off_t end, struct err *e)
{
	while (*at < end) {
		size_t want = end - *at < (off_t)PIECE ?
		    (size_t)(end - *at) : PIECE;
		ssize_t n = pread(c->from, c->piece, want, *at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, n < 0 ? errno : EIO, "%s: %s",
			    c->from_path, n < 0 ? strerror(errno) :
			    "it became shorter meanwhile");
		if (lseek(c->to, *at, SEEK_SET) < 0)
			return err_set(e, errno, "%s: %s", c->to_path,
			    strerror(errno));
		if (fd_write(c->to, c->piece, (size_t)n, c->to_path, e) < 0)
			return -1;
		*at += n;
	}
	return 0;
}

/*
 * The next range with data, from @at on: its end, or 0 when only a hole is
 * left. What knows no holes is all data.
 */
static off_t
range_find(int fd, off_t *at, off_t size)
{
	off_t begin = lseek(fd, *at, SEEK_DATA), end;

	if (begin < 0)
		return errno == ENXIO ? 0 : size;
	end = lseek(fd, begin, SEEK_HOLE);
	*at = begin;
	return end < 0 ? size : end;
}

static int
data_copy(const struct copy *c, uint64_t least, struct err *e)
{
	off_t size = lseek(c->from, 0, SEEK_END), at = 0, end;

	if (size < 0)
		return err_set(e, errno, "%s: %s", c->from_path,
		    strerror(errno));
	while (at < size && (end = range_find(c->from, &at, size)) != 0)
		if (range_copy(c, &at, end, e) < 0)
			return -1;
	if (size < (off_t)least)
		size = (off_t)least;
	if (ftruncate(c->to, size) < 0 || fsync(c->to) < 0)
		return err_set(e, errno, "%s: %s", c->to_path,
		    strerror(errno));
	return 0;
}

int
image_copy(const char *from, const char *to, uint64_t size, struct err *e)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO_FREE uint8_t *piece = malloc(PIECE);
	AUTO_CLOSE int out = -1;
	struct copy c;

	if (in < 0)
		return err_set(e, errno, "%s: %s", from, strerror(errno));
	if (piece == NULL)
		return err_set(e, ENOMEM, "out of memory");
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_set(e, errno == EEXIST ? ERR_EXISTS : errno,
		    "%s: %s", to, errno == EEXIST ?
		    "there is such a file" : strerror(errno));
	c = (struct copy){ in, out, from, to, piece };
	if (data_copy(&c, size, e) < 0) {
		unlink(to);
		return -1;
	}
	return 0;
}
