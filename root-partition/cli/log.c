/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a log from its last lines on, and as it grows. */
#include "cli/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/keys.h"
#include "manager/cleanup.h"
#include "manager/file.h"

#define CHUNK 4096

/* Where the last @lines lines of the file begin; a final newline ends one. */
static off_t
tail_begin(int fd, off_t size, unsigned lines)
{
	unsigned seen = 0;
	char chunk[CHUNK];
	off_t at = size;

	if (lines == LOG_ALL_LINES)
		return 0;
	if (lines == 0)
		return size;
	while (at > 0) {
		size_t n = at < CHUNK ? (size_t)at : CHUNK;
		off_t from = at - (off_t)n;

		if (pread(fd, chunk, n, from) != (ssize_t)n)
			return 0;
		for (; n > 0; n--, at--)
			if (chunk[n - 1] == '\n' && at != size &&
			    ++seen == lines)
				return at;
	}
	return 0;
}

/* Show all from *@at to the end, and move *@at there. */
static int
log_copy(int fd, const struct log_view *view, off_t *at, struct err *e)
{
	uint8_t in[CHUNK], tamed[2 * CHUNK];
	ssize_t n;

	while ((n = pread(fd, in, sizeof(in), *at)) > 0) {
		const uint8_t *bytes = in;
		size_t len = (size_t)n;

		if (view->tame) {
			len = output_tame(in, len, tamed);
			bytes = tamed;
		}
		if (fd_write(view->out, bytes, len, "output", e) < 0)
			return -1;
		*at += n;
	}
	return n < 0 ? err_set(e, errno, "log: %s", strerror(errno)) : 0;
}

static int
log_follow(const char *path, int fd, const struct log_view *view, off_t at,
    struct err *e)
{
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC);
	char events[sizeof(struct inotify_event) + NAME_MAX + 1];
	struct stat st;

	if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	for (;;) {
		/* A new run of the partition may begin the file anew. */
		if (fstat(fd, &st) == 0 && st.st_size < at)
			at = 0;
		if (log_copy(fd, view, &at, e) < 0)
			return -1;
		if (read(watch, events, sizeof(events)) < 0 && errno != EINTR)
			return err_set(e, errno, "%s: %s", path,
			    strerror(errno));
	}
}

int
log_show(const char *path, const struct log_view *view, struct err *e)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t at;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	at = tail_begin(fd, st.st_size, view->lines);
	if (log_copy(fd, view, &at, e) < 0)
		return -1;
	return view->follow ? log_follow(path, fd, view, at, e) : 0;
}
