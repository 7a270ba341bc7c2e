/* SPDX-License-Identifier: Apache-2.0 */
/* Clients come and go; nothing here ever waits for one. */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manager/unix_socket.h"

const int service_control_calls[] = {
	SYS_accept4, SYS_recvmsg, SYS_sendto, SYS_close, SYS_epoll_ctl,
};

const size_t service_control_call_count =
    sizeof(service_control_calls) / sizeof(service_control_calls[0]);

struct client {
	struct service_control *control;
	int fd; /* -1: none */
	sd_event_source *source;
};

struct service_control {
	sd_event *event;
	const struct service_control_ops *ops;
	void *ctx;
	int fd;
	sd_event_source *source;
	struct client clients[SERVICE_CLIENTS];
};

static void
client_end(struct client *c)
{
	sd_event_source_disable_unref(c->source);
	c->source = NULL;
	close(c->fd);
	c->fd = -1;
}

static void
client_left(struct client *c)
{
	struct service_control *control = c->control;

	client_end(c);
	control->ops->left(control->ctx, (unsigned)(c - control->clients));
}

/* Take the descriptors that came along; the kernel gives no more than fit. */
static void
descriptors_take(struct msghdr *m, int fds[SERVICE_FDS_MAX])
{
	struct cmsghdr *h = CMSG_FIRSTHDR(m);

	for (unsigned i = 0; i < SERVICE_FDS_MAX; i++)
		fds[i] = -1;
	if (h != NULL && h->cmsg_level == SOL_SOCKET &&
	    h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len <= CMSG_LEN(SERVICE_FDS_MAX * sizeof(int)))
		memcpy(fds, CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0));
}

static void
descriptors_close(const int fds[SERVICE_FDS_MAX])
{
	for (unsigned i = 0; i < SERVICE_FDS_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int
client_ready(sd_event_source *source, int fd, uint32_t events, void *data)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(SERVICE_FDS_MAX * sizeof(int))];
	} control;
	struct client *c = data;
	struct service_control *owner = c->control;
	uint8_t packet[SERVICE_REQUEST_MAX];
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct service_request r = { packet, 0, { 0 } };

	(void)source;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		client_left(c);
		return 0;
	}
	r.len = (size_t)n;
	descriptors_take(&m, r.fds);
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		client_left(c);
	else
		owner->ops->packet(owner->ctx,
		    (unsigned)(c - owner->clients), &r);
	descriptors_close(r.fds);
	return 0;
}

static struct client *
client_free(struct service_control *c)
{
	for (unsigned i = 0; i < SERVICE_CLIENTS; i++)
		if (c->clients[i].fd < 0)
			return &c->clients[i];
	return NULL;
}

static int
client_arrives(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct service_control *c = data;
	struct client *to = client_free(c);
	int peer = unix_socket_accept(fd);

	(void)source;
	(void)events;
	if (peer < 0)
		return 0;
	if (to == NULL || sd_event_add_io(c->event, &to->source, peer,
	    EPOLLIN, client_ready, to) < 0) {
		close(peer);
		return 0;
	}
	to->fd = peer;
	return 0;
}

struct service_control *
service_control_open(sd_event *event, const char *run_dir, const char *name,
    const struct service_control_ops *ops, void *ctx, struct err *e)
{
	struct service_control *c = calloc(1, sizeof(*c));
	int r;

	if (c == NULL) {
		err_set(e, ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	for (unsigned i = 0; i < SERVICE_CLIENTS; i++) {
		c->clients[i].control = c;
		c->clients[i].fd = -1;
	}
	c->event = event;
	c->ops = ops;
	c->ctx = ctx;
	c->fd = unix_socket_listen(run_dir, name, SOCK_SEQPACKET, e);
	if (c->fd < 0) {
		service_control_close(c);
		return NULL;
	}
	r = sd_event_add_io(event, &c->source, c->fd, EPOLLIN, client_arrives,
	    c);
	if (r < 0) {
		err_set(e, -r, "event loop: %s", strerror(-r));
		service_control_close(c);
		return NULL;
	}
	return c;
}

void
service_control_close(struct service_control *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < SERVICE_CLIENTS; i++)
		if (c->clients[i].fd >= 0)
			client_end(&c->clients[i]);
	sd_event_source_disable_unref(c->source);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

void
service_control_reply(struct service_control *c, unsigned client,
    const char *text, size_t len)
{
	struct client *to = &c->clients[client];

	if (to->fd >= 0 && send(to->fd, text, len,
	    MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		client_left(to);
}
