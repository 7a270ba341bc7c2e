/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of control.sock and console.sock. */
#include "manager/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "manager/cleanup.h"

#define REPLY_MAX 131072

static const char *const op_names[] = {
	[CONTROL_PAUSE] = "pause",
	[CONTROL_RESUME] = "resume",
	[CONTROL_POWER_BUTTON] = "powerbutton",
	[CONTROL_QUIT] = "quit",
};

static int
socket_connect(const char *path, int type, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = CONTROL_TIMEOUT_MS / 1000 };
	AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(e, ENAMETOOLONG, "%s: too long for a socket",
		    path);
	strcpy(to.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return err_set(e, ENOTCONN,
		    "no worker listens at %s: %s", path, strerror(errno));
	return take_fd(&fd);
}

/* Send @op and leave the answer in @reply. */
static int
control_call(const struct site *site, const char *name, const char *op,
    char reply[REPLY_MAX], size_t *len, struct err *e)
{
	struct timeval limit = { .tv_sec = CONTROL_TIMEOUT_MS / 1000 };
	AUTO_CLOSE int fd = -1;
	char path[SITE_PATH_MAX], request[64];
	ssize_t n;

	site_runtime(site, name, "control.sock", path);
	fd = socket_connect(path, SOCK_SEQPACKET, e);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	n = snprintf(request, sizeof(request), "{\"op\":\"%s\"}", op);
	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		return err_set(e, ENOTCONN, "the worker does not listen: %s",
		    strerror(errno));
	n = recv(fd, reply, REPLY_MAX, MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return err_set(e, ERR_TIMEOUT,
		    "the worker did not answer within %d seconds",
		    CONTROL_TIMEOUT_MS / 1000);
	if (n < 0 && errno != ECONNRESET)
		return err_set(e, errno, "the worker's answer: %s",
		    strerror(errno));
	if (n <= 0)
		return err_set(e, ENOTCONN,
		    "the worker ended instead of answering");
	if (n > REPLY_MAX)
		return err_set(e, EPROTO,
		    "not understood: the worker's answer has %zd bytes", n);
	*len = (size_t)n;
	return reply_parse((const uint8_t *)reply, *len, e);
}

int
control_ask(const struct site *site, const char *name, enum control_op op,
    struct err *e)
{
	char reply[REPLY_MAX];
	size_t len;

	return control_call(site, name, op_names[op], reply, &len, e);
}

int
control_status(const struct site *site, const char *name, struct status *out,
    struct err *e)
{
	char reply[REPLY_MAX];
	size_t len;

	if (control_call(site, name, "status", reply, &len, e) < 0)
		return -1;
	return status_parse((const uint8_t *)reply, len, out, e);
}

int
control_stats(const struct site *site, const char *name,
    struct partition_stats *out, struct err *e)
{
	char reply[REPLY_MAX];
	size_t len;

	if (control_call(site, name, "stats", reply, &len, e) < 0)
		return -1;
	return stats_parse((const uint8_t *)reply, len, out, e);
}

int
console_connect(const struct site *site, const char *name, struct err *e)
{
	char path[SITE_PATH_MAX];

	site_runtime(site, name, "console.sock", path);
	return socket_connect(path, SOCK_STREAM, e);
}
