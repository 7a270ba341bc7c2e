/* SPDX-License-Identifier: Apache-2.0 */
/* Checking and locking what is to become a disk. */
#include "storage/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"

#define HOLE_SIZE 4096

/* Opening must not wait, and writes must go where they are told. */
#define UNWANTED_FLAGS (O_NONBLOCK | O_APPEND | O_DIRECT)

static int
check_kind(int fd, struct stat *st, struct err *e)
{
	if (fstat(fd, st) < 0)
		return err_set(e, errno, "%s", strerror(errno));
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return err_set(e, EINVAL,
		    "neither a regular file nor a block device");
	return 0;
}

static int
check_access(int fd, bool readonly, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return err_set(e, errno, "%s", strerror(errno));
	if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY)
		return err_set(e, EBADF, "not open for reading");
	if (!readonly && (flags & O_ACCMODE) != O_RDWR)
		return err_set(e, EBADF, "not open for writing");
	if ((flags & UNWANTED_FLAGS) != 0 &&
	    fcntl(fd, F_SETFL, flags & ~UNWANTED_FLAGS) < 0)
		return err_set(e, errno, "%s", strerror(errno));
	return 0;
}

/* The lock is that of the open file: it lasts as long as we have it. */
static int
lock(int fd, bool readonly, struct err *e)
{
	struct flock all = { .l_type = readonly ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &all) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return err_set(e, EBUSY, "in use by somebody else");
	return err_set(e, errno, "cannot be locked: %s", strerror(errno));
}

/* A hole behind the end changes nothing, and tells if there can be any. */
static bool
can_punch(int fd, uint64_t size)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)((size | (HOLE_SIZE - 1)) + 1), HOLE_SIZE) == 0;
}

int
image_vet(int fd, bool readonly, struct err *e)
{
	struct stat st;

	return check_kind(fd, &st, e) < 0 ? -1 :
	    check_access(fd, readonly, e);
}

int
image_measure(int fd, uint64_t *size, struct err *e)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return err_set(e, errno, "its size: %s", strerror(errno));
	*size = (uint64_t)end;
	return 0;
}

int
image_adopt(int fd, bool readonly, struct image *image, struct err *e)
{
	AUTO_CLOSE int owned = fd;
	struct stat st;

	memset(image, 0, sizeof(*image));
	if (check_kind(fd, &st, e) < 0 || check_access(fd, readonly, e) < 0 ||
	    lock(fd, readonly, e) < 0 ||
	    image_measure(fd, &image->size, e) < 0)
		return -1;
	if (!readonly && S_ISREG(st.st_mode))
		image->discards = can_punch(fd, image->size);
	image->zeroes = image->discards;
	image->fd = take_fd(&owned);
	return 0;
}

int
image_open(const char *path, bool readonly, struct image *image,
    struct err *e)
{
	int fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(e, errno, "%s", strerror(errno));
	return image_adopt(fd, readonly, image, e);
}
