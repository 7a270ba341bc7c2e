/* SPDX-License-Identifier: Apache-2.0 */
/* Listening on Unix sockets. */
#include "manager/unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "manager/cleanup.h"

#define BACKLOG 8

int
unix_socket_listen(const char *dir, const char *name, int type, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX,
	    type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int n = snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(a.sun_path))
		return err_set(e, ENAMETOOLONG,
		    "%s/%s: too long for the name of a socket", dir, name);
	unlink(a.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return err_set(e, errno, "%s: %s", a.sun_path,
		    strerror(errno));
	return take_fd(&fd);
}

int
unix_socket_accept(int listen_fd)
{
	return accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
