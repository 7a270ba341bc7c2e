/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's end of a raw channel: pages and bells that are handed out. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmbus/raw/raw_protocol.h"
#include "vmbus/raw/raw_state.h"

#define PAGE 4096u

enum source {
	SOURCE_SOCKET,
	SOURCE_KICK,
};

static int
watch(const struct raw_channel *c, int fd, enum source source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = source };

	return epoll_ctl(c->fd, EPOLL_CTL_ADD, fd, &event);
}

/* Nothing of the guest's is left here afterwards. */
static void
rings_let_go(struct raw_channel *c)
{
	if (c->rings == NULL)
		return;
	munmap(c->rings, c->bytes);
	c->rings = NULL;
	if (c->figures != &c->own_figures)
		munmap(c->figures, PAGE);
	c->figures = &c->own_figures;
	/* Others have it, too: to close it is not enough. */
	epoll_ctl(c->fd, EPOLL_CTL_DEL, c->kick_fd, NULL);
	close(c->kick_fd);
	close(c->call_fd);
	c->kick_fd = c->call_fd = -1;
}

static void *
map(int fd, size_t bytes)
{
	void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);

	return base != MAP_FAILED ? base : NULL;
}

/* The guest has opened the channel. The last two of @fds are kept. */
static int
rings_take(struct raw_channel *c, const struct raw_message *m, const int *fds)
{
	size_t bytes = (size_t)m->in_bytes + m->out_bytes;
	void *rings = map(fds[0], bytes), *figures;

	if (rings == NULL || raw_rings_attach(c, rings, bytes, m->in_bytes,
	    false) < 0) {
		if (rings != NULL)
			munmap(rings, bytes);
		close(fds[2]);
		close(fds[3]);
		return -1;
	}
	c->kick_fd = fds[2];
	c->call_fd = fds[3];
	figures = map(fds[1], PAGE);
	if (figures != NULL)
		c->figures = figures;
	if (figures != NULL && watch(c, c->kick_fd, SOURCE_KICK) == 0)
		return 0;
	rings_let_go(c);
	return -1;
}

static int
on_open(struct raw_channel *c, const struct raw_message *m, const int *fds)
{
	int ret;

	if (c->rings != NULL) {
		for (unsigned i = 0; i < RAW_FDS; i++)
			close(fds[i]);
		return raw_fail(EPROTO);
	}
	ret = rings_take(c, m, fds);
	close(fds[0]);
	close(fds[1]);
	return ret;
}

static int
on_close(struct raw_channel *c)
{
	const struct raw_message closed = { .type = RAW_CLOSED };

	rings_let_go(c);
	return raw_message_send(c->socket_fd, &closed, NULL, 0) < 0 ?
	    raw_fail(EIO) : 0;
}

static int
on_socket(struct raw_channel *c)
{
	struct raw_message m;
	int fds[RAW_FDS];
	int got = raw_message_receive(c->socket_fd, RAW_SENDER_PROVIDER, &m,
	    fds);

	if (got <= 0)
		return got;
	switch (m.type) {
	case RAW_OPEN:
		return on_open(c, &m, fds);
	case RAW_CLOSE:
		return on_close(c);
	default:
		return raw_fail(EPROTO);
	}
}

static int
host_wait(struct raw_channel *c)
{
	struct epoll_event event;
	uint64_t signals;
	ssize_t got;
	int ready;

	do
		ready = epoll_wait(c->fd, &event, 1, -1);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -1;
	if (event.data.u32 == SOURCE_SOCKET)
		return on_socket(c);
	got = read(c->kick_fd, &signals, sizeof(signals));
	if (got < 0)
		return errno == EAGAIN ? 0 : -1;
	/* Nobody rings it any more: the socket will tell. */
	if (got == 0)
		epoll_ctl(c->fd, EPOLL_CTL_DEL, c->kick_fd, NULL);
	c->figures->signals_in++;
	ring_reader_mask(&c->in);
	return 0;
}

static int
host_signal(struct raw_channel *c)
{
	uint64_t one = 1;

	/* A counter that is full is as loud as one can be. */
	if (write(c->call_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		return -1;
	return 0;
}

static void
host_close(struct raw_channel *c)
{
	rings_let_go(c);
	close(c->socket_fd);
	close(c->fd);
}

static const struct raw_end host_end = {
	.signal = host_signal,
	.wait = host_wait,
	.close = host_close,
};

/* The provider says at once whether we are the holder. */
static int
hello_take(struct raw_channel *c)
{
	struct pollfd readable = { .fd = c->socket_fd, .events = POLLIN };
	struct raw_message m;
	int fds[RAW_FDS];

	do {
		if (poll(&readable, 1, -1) < 0 && errno != EINTR)
			return -1;
	} while ((readable.revents & (POLLIN | POLLHUP | POLLERR)) == 0);
	if (raw_message_receive(c->socket_fd, RAW_SENDER_PROVIDER, &m,
	    fds) != 1)
		return raw_fail(EIO);
	if (m.type != RAW_HELLO)
		return raw_fail(EPROTO);
	return m.status == 0 ? 0 : raw_fail((int)m.status);
}

struct raw_channel *
raw_channel_hold_socket(int fd)
{
	struct raw_channel *c = calloc(1, sizeof(*c));
	int code;

	if (c == NULL)
		return NULL;
	c->end = &host_end;
	c->figures = &c->own_figures;
	c->socket_fd = fd;
	c->kick_fd = c->call_fd = -1;
	c->fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->fd >= 0 && watch(c, fd, SOURCE_SOCKET) == 0 &&
	    hello_take(c) == 0)
		return c;
	code = errno;
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	errno = code;
	return NULL;
}

struct raw_channel *
raw_channel_hold(const char *partition, const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path, sizeof(a.sun_path),
	    "/run/mullion/%s/channels/%s", partition, name);
	struct raw_channel *c = NULL;
	int fd, code;

	if (n < 0 || (size_t)n >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		c = raw_channel_hold_socket(fd);
	else if (errno == ECONNREFUSED)
		errno = ENOENT;		/* it is left of an earlier run */
	if (c == NULL) {
		code = errno;
		close(fd);
		errno = code;
	}
	return c;
}
