/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of sockets that take and give packets. */
#include "manager/call.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "manager/cleanup.h"
#include "manager/json_read.h"
#include "manager/json_write.h"

/* Whoever takes longer to listen does not. */
#define CONNECT_SECONDS 10

int
call_connect(const struct site *site, const char *name, const struct call *c,
    int type, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = CONNECT_SECONDS };
	AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	char path[SITE_PATH_MAX];

	if (fd < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	site_runtime(site, name, c->socket, path);
	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(e, ENAMETOOLONG, "%s: too long for a socket",
		    path);
	strcpy(to.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	limit.tv_sec = (time_t)c->seconds;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return err_set(e, ENOTCONN, "%s does not listen at %s: %s",
		    c->peer, path, strerror(errno));
	return take_fd(&fd);
}

static int
request_send(int fd, const struct call *c, const char *request, struct err *e)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CALL_FDS_MAX * sizeof(int))];
	} control = { .bytes = { 0 } };
	size_t size = c->fd_count * sizeof(int);
	struct iovec iov = { (void *)(uintptr_t)request, strlen(request) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (size > 0) {
		struct cmsghdr *h;

		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(size);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(h), c->fds, size);
	}
	if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
		return err_set(e, ENOTCONN, "%s does not listen: %s", c->peer,
		    strerror(errno));
	return 0;
}

int
call_make(const struct site *site, const char *name, const struct call *c,
    const char *request, char reply[CALL_REPLY_MAX], size_t *len,
    struct err *e)
{
	AUTO_CLOSE int fd = call_connect(site, name, c, SOCK_SEQPACKET, e);
	ssize_t n;

	if (fd < 0 || request_send(fd, c, request, e) < 0)
		return -1;
	n = recv(fd, reply, CALL_REPLY_MAX, MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return err_set(e, ERR_TIMEOUT,
		    "%s did not answer within %u seconds", c->peer,
		    c->seconds);
	if (n < 0 && errno != ECONNRESET)
		return err_set(e, errno, "the answer of %s: %s", c->peer,
		    strerror(errno));
	if (n <= 0)
		return err_set(e, ENOTCONN, "%s ended instead of answering",
		    c->peer);
	if (n > CALL_REPLY_MAX)
		return err_set(e, EPROTO,
		    "not understood: the answer of %s has %zd bytes", c->peer,
		    n);
	*len = (size_t)n;
	return 0;
}

json_object *
call_request(const char *op)
{
	json_object *o = json_object_new_object();

	json_add_text(o, "op", op);
	return o;
}

json_object *
call_ask(const struct site *site, const char *name, const struct call *c,
    json_object *request, struct err *e)
{
	AUTO_JSON json_object *owned = request;
	const char *text = json_object_to_json_string_ext(request,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	char reply[CALL_REPLY_MAX];
	json_object *o;
	size_t len;

	if (text == NULL) {
		err_set(e, ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	if (call_make(site, name, c, text, reply, &len, e) < 0)
		return NULL;
	o = json_read_object((const uint8_t *)reply, len, e);
	if (o != NULL && json_read_reply(o, e) == 0)
		return o;
	json_object_put(o);
	return NULL;
}
