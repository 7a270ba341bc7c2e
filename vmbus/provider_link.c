/* SPDX-License-Identifier: Apache-2.0 */
/* The socket between a worker and a provider. */
#include "vmbus/provider_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One that waits; the descriptors are its own. */
struct provider_link_packet {
	struct provider_link_packet *next;
	unsigned fd_count;
	int fds[PROVIDER_FDS_MAX];
	size_t size;
	uint8_t bytes[];
};

/* What a message must look like; a size of 0 stands for no such message. */
struct shape {
	enum provider_sender sender;
	size_t size;
	unsigned fds;
};

#define FROM_PROVIDER(type, fds) \
	{ PROVIDER_SENDER_PROVIDER, sizeof(struct type), fds }
#define FROM_WORKER(type, fds) \
	{ PROVIDER_SENDER_WORKER, sizeof(struct type), fds }

static const struct shape shapes[] = {
	[PROVIDER_HELLO] = FROM_PROVIDER(provider_hello, 0),
	[PROVIDER_OFFER] = FROM_PROVIDER(provider_offer, 0),
	[PROVIDER_RESCIND] = FROM_PROVIDER(provider_short, 0),
	[PROVIDER_GPADL_ADDED] = FROM_PROVIDER(provider_gpadl, 0),
	[PROVIDER_GPADL_REMOVED] = FROM_PROVIDER(provider_gpadl, 0),
	[PROVIDER_OPENED] = FROM_PROVIDER(provider_short, 0),
	[PROVIDER_CLOSED] = FROM_PROVIDER(provider_short, 0),
	[PROVIDER_CONNECT_REFUSED] = FROM_PROVIDER(provider_connect, 0),
	[PROVIDER_TIME_REQUEST] = FROM_PROVIDER(provider_short, 0),
	[PROVIDER_MEMORY_REQUEST] =
	    FROM_PROVIDER(provider_memory_request, 0),
	[PROVIDER_WELCOME] = FROM_WORKER(provider_welcome, 2),
	[PROVIDER_OFFERED] = FROM_WORKER(provider_short, 0),
	[PROVIDER_RELEASED] = FROM_WORKER(provider_short, 0),
	[PROVIDER_GPADL_ADD] = FROM_WORKER(provider_gpadl_add, 0),
	[PROVIDER_GPADL_REMOVE] = FROM_WORKER(provider_gpadl, 0),
	[PROVIDER_OPEN] = FROM_WORKER(provider_open, 2),
	[PROVIDER_OPEN_LASTING] = FROM_WORKER(provider_open, 3),
	[PROVIDER_RESUME] = FROM_WORKER(provider_open, 3),
	[PROVIDER_CLOSE] = FROM_WORKER(provider_short, 0),
	[PROVIDER_CONNECT_REQUEST] = FROM_WORKER(provider_connect, 0),
	[PROVIDER_TIME] = FROM_WORKER(provider_time, 0),
	[PROVIDER_EVENT] = FROM_WORKER(provider_event, 0),
	[PROVIDER_MEMORY_ANSWER] = FROM_WORKER(provider_memory_answer, 0),
};

/* The pages that follow are as many as it says, and no more than may be. */
static bool
gpadl_add_check(const void *message, size_t len)
{
	struct provider_gpadl_add m;

	memcpy(&m, message, sizeof(m));
	return m.page_count > 0 && m.page_count <= GPADL_PAGES_MAX &&
	    len == sizeof(m) + m.page_count * sizeof(m.pfns[0]) &&
	    m.byte_offset < MEMORY_PAGE && m.byte_count > 0 &&
	    ((uint64_t)m.byte_offset + m.byte_count + MEMORY_PAGE - 1) /
	    MEMORY_PAGE == m.page_count;
}

/* Likewise the ranges, after a structure of @size bytes. */
static bool
ranges_check(uint32_t range_count, size_t len, size_t size)
{
	return range_count <= PROVIDER_MEMORY_RANGES_MAX &&
	    len == size + range_count * sizeof(struct provider_memory_range);
}

static bool
memory_request_check(const void *message, size_t len)
{
	struct provider_memory_request m;

	memcpy(&m, message, sizeof(m));
	return m.op > 0 && m.op < PROVIDER_MEMORY_OPS &&
	    ranges_check(m.range_count, len, sizeof(m));
}

static bool
memory_answer_check(const void *message, size_t len)
{
	struct provider_memory_answer m;

	memcpy(&m, message, sizeof(m));
	return m.op > 0 && m.op < PROVIDER_MEMORY_OPS &&
	    ranges_check(m.range_count, len, sizeof(m));
}

bool
provider_message_check(const void *message, size_t len, unsigned fd_count,
    enum provider_sender sender)
{
	const struct shape *shape;
	struct provider_head head;

	if (len < sizeof(head))
		return false;
	memcpy(&head, message, sizeof(head));
	if (head.size != len ||
	    head.type >= sizeof(shapes) / sizeof(shapes[0]))
		return false;
	shape = &shapes[head.type];
	if (shape->size == 0 || shape->sender != sender ||
	    shape->fds != fd_count || len < shape->size)
		return false;
	switch (head.type) {
	case PROVIDER_GPADL_ADD:
		return gpadl_add_check(message, len);
	case PROVIDER_MEMORY_REQUEST:
		return memory_request_check(message, len);
	case PROVIDER_MEMORY_ANSWER:
		return memory_answer_check(message, len);
	default:
		return len == shape->size;
	}
}

void
provider_link_init(struct provider_link *l, int fd, enum provider_sender peer)
{
	*l = (struct provider_link){ .fd = fd, .peer = peer };
	l->last = &l->first;
}

static void
fds_close(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
}

static void
packet_free(struct provider_link_packet *p)
{
	fds_close(p->fds, p->fd_count);
	free(p);
}

void
provider_link_close(struct provider_link *l)
{
	while (l->first != NULL) {
		struct provider_link_packet *p = l->first;

		l->first = p->next;
		packet_free(p);
	}
	if (l->fd >= 0)
		close(l->fd);
	provider_link_init(l, -1, l->peer);
}

/* 1: sent; 0: the socket is full; -1: the peer is gone. */
static int
send_now(struct provider_link *l, const void *bytes, size_t size,
    const int *fds, unsigned fd_count, struct err *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * PROVIDER_FDS_MAX)];
	} control = { .room = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes,
		.iov_len = size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd_count > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&control.head), fds, sizeof(int) * fd_count);
	}
	if (sendmsg(l->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return err_set(e, errno, "provider's socket: %s", strerror(errno));
}

static int
packet_queue(struct provider_link *l, const void *message, size_t size,
    const int *fds, unsigned fd_count, struct err *e)
{
	struct provider_link_packet *p;

	if (size > PROVIDER_LINK_QUEUE_BYTES - l->queued_bytes)
		return err_set(e, EOVERFLOW,
		    "provider's socket: the peer does not read");
	p = calloc(1, sizeof(*p) + size);
	if (p == NULL)
		return err_set(e, ENOMEM, "provider's socket: out of memory");
	for (unsigned i = 0; i < fd_count; i++) {
		p->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (p->fds[i] < 0) {
			packet_free(p);
			return err_set(e, errno, "provider's socket: %s",
			    strerror(errno));
		}
		p->fd_count++;
	}
	p->size = size;
	memcpy(p->bytes, message, size);
	*l->last = p;
	l->last = &p->next;
	l->queued_bytes += size;
	return 0;
}

int
provider_link_send(struct provider_link *l, const void *message,
    const int *fds, unsigned fd_count, struct err *e)
{
	struct provider_head head;
	int sent = 0;

	memcpy(&head, message, sizeof(head));
	if (l->first == NULL)
		sent = send_now(l, message, head.size, fds, fd_count, e);
	if (sent != 0)
		return sent < 0 ? -1 : 0;
	return packet_queue(l, message, head.size, fds, fd_count, e);
}

bool
provider_link_waits(const struct provider_link *l)
{
	return l->first != NULL;
}

int
provider_link_flush(struct provider_link *l, struct err *e)
{
	while (l->first != NULL) {
		struct provider_link_packet *p = l->first;
		int sent = send_now(l, p->bytes, p->size, p->fds, p->fd_count,
		    e);

		if (sent <= 0)
			return sent;
		l->first = p->next;
		if (l->first == NULL)
			l->last = &l->first;
		l->queued_bytes -= p->size;
		packet_free(p);
	}
	return 0;
}

/* Take the descriptors out of the control part. */
static unsigned
fds_take(struct msghdr *m, int fds[PROVIDER_FDS_MAX])
{
	unsigned count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	    c = CMSG_NXTHDR(m, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < bytes / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			if (count < PROVIDER_FDS_MAX)
				fds[count++] = fd;
			else
				close(fd);
		}
	}
	return count;
}

int
provider_link_receive(struct provider_link *l, void *buffer,
    int fds[PROVIDER_FDS_MAX], unsigned *fd_count, struct err *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * PROVIDER_FDS_MAX)];
	} control;
	struct iovec iov = { .iov_base = buffer,
		.iov_len = PROVIDER_MESSAGE_MAX };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(l->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len < 0)
		return err_set(e, errno, "provider's socket: %s",
		    strerror(errno));
	*fd_count = fds_take(&m, fds);
	if (len == 0)
		return err_set(e, ECONNRESET, "provider's socket: closed");
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    provider_message_check(buffer, (size_t)len, *fd_count, l->peer))
		return 1;
	fds_close(fds, *fd_count);
	return err_set(e, EPROTO, "provider's socket: not understood");
}
