/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and atomically writing small files. */
#include "manager/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "manager/cleanup.h"
#include "manager/site.h"

int
file_read(const char *path, char *out, size_t size, size_t *len, struct err *e)
{
	/* Not to hang when somebody put a pipe there. */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t got = 0;

	if (fd < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: not a regular file", path);
	while (got < size) {
		ssize_t n = read(fd, out + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "%s: %s", path,
			    strerror(errno));
		if (n == 0)
			break;
		got += (size_t)n;
	}
	if (got == size)
		return err_set(e, EFBIG, "%s: larger than %zu bytes", path,
		    size - 1);
	*len = got;
	return 0;
}

int
fd_write(int fd, const void *bytes, size_t len, const char *what,
    struct err *e)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "%s: %s", what,
			    strerror(errno));
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_synced(int fd, const char *text, size_t len, mode_t mode,
    const char *path, struct err *e)
{
	if (fd_write(fd, text, len, path, e) < 0)
		return -1;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* The entry itself must be on the disk, too. */
static int
sync_folder(const char *path)
{
	char folder[SITE_PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof(folder), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path + 1),
	    slash == NULL ? "." : path);

	AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

/* Leave @text in a new file beside @path, whose name goes to @temporary. */
static int
write_beside(const char *path, char temporary[SITE_PATH_MAX], const char *text,
    size_t len, mode_t mode, struct err *e)
{
	AUTO_CLOSE int fd = -1;

	if (snprintf(temporary, SITE_PATH_MAX, "%s.XXXXXX", path) >= SITE_PATH_MAX)
		return err_set(e, ENAMETOOLONG, "%s: too long a path", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s: cannot write here: %s", path,
		    strerror(errno));
	if (write_synced(fd, text, len, mode, path, e) < 0) {
		unlink(temporary);
		return -1;
	}
	return 0;
}

int
file_replace(const char *path, const char *text, size_t len, struct err *e)
{
	char temporary[SITE_PATH_MAX];

	if (write_beside(path, temporary, text, len, 0644, e) < 0)
		return -1;
	if (rename(temporary, path) < 0) {
		err_set(e, errno, "%s: %s", path, strerror(errno));
		unlink(temporary);
		return -1;
	}
	if (sync_folder(path) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return 0;
}

int
file_create(const char *path, const char *text, size_t len, mode_t mode,
    struct err *e)
{
	char temporary[SITE_PATH_MAX];
	int ret = 0;

	if (write_beside(path, temporary, text, len, mode, e) < 0)
		return -1;
	/* Unlike rename(), link() does not overwrite. */
	if (link(temporary, path) < 0)
		ret = err_set(e, errno, "%s: %s", path, strerror(errno));
	unlink(temporary);
	if (ret == 0 && sync_folder(path) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return ret;
}
