/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a raw channel's socket. */
#include "vmbus/raw/raw_protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union raw_control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int) * RAW_FDS)];
};

bool
raw_message_check(const void *message, size_t len, unsigned fd_count,
    enum raw_sender sender)
{
	struct raw_message m;

	if (len != sizeof(m))
		return false;
	memcpy(&m, message, sizeof(m));
	if (m.type == RAW_OPEN)
		return sender == RAW_SENDER_PROVIDER && fd_count == RAW_FDS &&
		    m.in_bytes != 0 && m.out_bytes != 0;
	if (fd_count != 0)
		return false;
	if (sender == RAW_SENDER_HOLDER)
		return m.type == RAW_CLOSED;
	return m.type == RAW_HELLO || m.type == RAW_CLOSE;
}

int
raw_message_send(int fd, const struct raw_message *m, const int *fds,
    unsigned fd_count)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)m,
		.iov_len = sizeof(*m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	union raw_control control = { .room = { 0 } };

	if (fd_count > 0) {
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&control.head), fds, sizeof(int) * fd_count);
	}
	return sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)sizeof(*m) ? 0 : -1;
}

/* How many came along. */
static unsigned
fds_take(struct msghdr *h, int fds[RAW_FDS])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(h);
	size_t bytes;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = c->cmsg_len - CMSG_LEN(0);
	if (bytes > sizeof(int) * RAW_FDS)
		bytes = sizeof(int) * RAW_FDS;
	memcpy(fds, CMSG_DATA(c), bytes);
	return (unsigned)(bytes / sizeof(int));
}

int
raw_message_receive(int fd, enum raw_sender sender, struct raw_message *m,
    int fds[RAW_FDS])
{
	struct iovec iov = { .iov_base = m, .iov_len = sizeof(*m) };
	union raw_control control;
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	unsigned count;

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len <= 0) {
		errno = EIO;
		return -1;
	}
	count = fds_take(&h, fds);
	if ((h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    raw_message_check(m, (size_t)len, count, sender))
		return 1;
	while (count > 0)
		close(fds[--count]);
	errno = EPROTO;
	return -1;
}
