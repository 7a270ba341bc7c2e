/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming users by locks, which the kernel gives back whatever happens. */
#include "worker/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"

/* 1: it is ours from now on, 0: it is another's. */
static int
block_lock(int folder_fd, unsigned number, struct err *e)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", number);
	fd = openat(folder_fd, name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Left open: the lock goes with the process. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (fd >= 0 && errno == EWOULDBLOCK) {
		close(fd);
		return 0;
	}
	return err_set(e, errno, "users of this partition: %s",
	    strerror(errno));
}

int
identity_claim(const char *folder, uint32_t *first, struct err *e)
{
	AUTO_CLOSE int fd = -1;

	*first = 0;
	if (geteuid() != 0)
		return 0;
	mkdir(folder, 0700);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s: %s", folder, strerror(errno));
	for (unsigned i = 0; i < IDENTITY_BLOCKS; i++) {
		int got = block_lock(fd, i, e);

		*first = IDENTITY_FIRST + i * IDENTITY_BLOCK;
		if (got != 0)
			return got > 0 ? 0 : -1;
	}
	return err_set(e, EUSERS, "no users are left for this partition");
}
