/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder above belongs to the worker's user, who is not trusted: nothing
 * here follows a link in it.
 */
#include "raw/doors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "process/folder.h"

#define FOLDER "channels"
#define BACKLOG 4

/* What was configured once may not be any more. */
static void
folder_clear(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_type == DT_SOCK)
			unlinkat(fd, entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	else if (copy >= 0)
		close(copy);
}

int
doors_open(const char *run_dir, struct err *e)
{
	int fd = folder_open(run_dir, FOLDER, 0755, e);

	if (fd >= 0)
		folder_clear(fd);
	return fd;
}

int
door_listen(int doors_fd, const char *name, uid_t user, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s",
	    doors_fd, name);
	/* Nobody can connect before it listens: then it is @user's. */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    fchmodat(doors_fd, name, 0600, 0) < 0 ||
	    (user != geteuid() && fchownat(doors_fd, name, user, (gid_t)-1,
	    AT_SYMLINK_NOFOLLOW) < 0) || listen(fd, BACKLOG) < 0)
		return err_set(e, errno, "channel %s: %s", name,
		    strerror(errno));
	return take_fd(&fd);
}

int
door_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
