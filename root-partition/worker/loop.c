/* SPDX-License-Identifier: Apache-2.0 */
/* The main thread's epoll instance. */
#include "worker/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

static uint64_t
token(enum loop_source source, unsigned index)
{
	return (uint64_t)source << 32 | index;
}

int
loop_create(struct loop *l, struct err *e)
{
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return err_set(e, errno, "epoll: %s", strerror(errno));
	return 0;
}

static int
add(struct loop *l, int fd, uint32_t events, uint64_t data, struct err *e)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return err_set(e, errno, "epoll: %s", strerror(errno));
	return 0;
}

int
loop_add(struct loop *l, int fd, enum loop_source source, unsigned index,
    struct err *e)
{
	return add(l, fd, EPOLLIN, token(source, index), e);
}

int
loop_add_edge(struct loop *l, int fd, enum loop_source source, unsigned index,
    struct err *e)
{
	return add(l, fd, EPOLLIN | EPOLLET, token(source, index), e);
}

void
loop_remove(struct loop *l, int fd)
{
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void
loop_change(struct loop *l, int fd, enum loop_source source, unsigned index,
    bool readable, bool writable)
{
	struct epoll_event ev = {
		.events = (readable ? (uint32_t)EPOLLIN : 0) |
		    (writable ? (uint32_t)EPOLLOUT : 0),
		.data.u64 = token(source, index),
	};

	/* Of one that hung up, epoll tells whether it is asked to or not. */
	if (ev.events == 0)
		epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &ev) < 0 &&
	    errno == ENOENT)
		epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

void
loop_next(struct loop *l, struct loop_event *event)
{
	struct epoll_event ev;

	while (epoll_wait(l->epoll_fd, &ev, 1, -1) != 1)
		continue;
	event->source = (enum loop_source)(ev.data.u64 >> 32);
	event->index = (unsigned)ev.data.u64;
	event->readable =
	    (ev.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
	event->writable = (ev.events & EPOLLOUT) != 0;
}
