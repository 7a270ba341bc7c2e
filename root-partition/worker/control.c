/* SPDX-License-Identifier: Apache-2.0 */
/* Clients of the control socket. */
#include "worker/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manager/unix_socket.h"


#define SOCKET_NAME "control.sock"

int
control_open(struct control *c, struct loop *l, const char *run_dir,
    struct err *e)
{
	c->loop = l;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i] = -1;
	c->listen_fd = unix_socket_listen(run_dir, SOCKET_NAME, SOCK_SEQPACKET,
	    e);
	if (c->listen_fd < 0)
		return -1;
	return loop_add(l, c->listen_fd, LOOP_CONTROL_LISTEN, 0, e);
}

void
control_accept(struct control *c)
{
	int fd = unix_socket_accept(c->listen_fd);
	struct err e;

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (c->clients[i] >= 0)
			continue;
		if (loop_add(c->loop, fd, LOOP_CONTROL_CLIENT, i, &e) < 0)
			break;
		c->clients[i] = fd;
		return;
	}
	close(fd);
}

static void
client_close(struct control *c, unsigned index)
{
	close(c->clients[index]);
	c->clients[index] = -1;
}

bool
control_receive(struct control *c, unsigned index, struct request *out)
{
	static char text[REPORT_SIZE_MAX];
	uint8_t packet[REQUEST_SIZE_MAX + 1];
	struct err e;
	ssize_t n;

	if (c->clients[index] < 0)
		return false;
	n = recv(c->clients[index], packet, sizeof(packet), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		client_close(c, index);
		return false;
	}
	if (request_parse(packet, (size_t)n, out, &e) == 0)
		return true;
	control_reply(c, index, text, report_refused(e.text, text));
	return false;
}

void
control_reply(struct control *c, unsigned index, const char *text, size_t len)
{
	/* Who asks more than it reads is not worth waiting for. */
	if (send(c->clients[index], text, len,
	    MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		client_close(c, index);
}
