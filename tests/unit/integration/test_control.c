/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket of a provider, with its clients. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"

static sd_event *event;
static struct service_control *control;
static char dir[] = "/tmp/mullion-control-XXXXXX";

static struct {
	unsigned packets, left;
	unsigned client;
	char text[64];
	int fd, last;
} seen;

static void
on_packet(void *ctx, unsigned client, struct service_request *r)
{
	(void)ctx;
	seen.packets++;
	seen.client = client;
	seen.fd = r->fds[0];
	r->fds[0] = -1;
	seen.last = r->fds[SERVICE_FDS_MAX - 1];
	cr_assert_lt(r->len, sizeof(seen.text));
	memcpy(seen.text, r->packet, r->len);
	seen.text[r->len] = '\0';
}

static void
on_left(void *ctx, unsigned client)
{
	(void)ctx;
	(void)client;
	seen.left++;
}

static const struct service_control_ops ops = { on_packet, on_left };

static void
set_up(void)
{
	struct err e = { 0 };

	cr_assert_not_null(mkdtemp(dir));
	cr_assert_geq(sd_event_new(&event), 0);
	control = service_control_open(event, dir, "c.sock", &ops, NULL, &e);
	cr_assert_not_null(control, "%s", e.text);
}

static void
tear_down(void)
{
	char path[64];

	service_control_close(control);
	sd_event_unref(event);
	snprintf(path, sizeof(path), "%s/c.sock", dir);
	unlink(path);
	rmdir(dir);
}

TestSuite(control, .init = set_up, .fini = tear_down, .timeout = 30);

/* All that is there to be done. */
static void
turn(void)
{
	while (sd_event_run(event, 0) > 0)
		continue;
}

static int
client(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/c.sock", dir);
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	turn();
	return fd;
}

/* Send "file" with @count times the descriptor @fd. */
static void
pass(int to, int fd, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE((SERVICE_FDS_MAX + 1) * sizeof(int))];
	} c = { 0 };
	struct iovec iov = { (char[]){ "file" }, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(h) + i * sizeof(int), &fd, sizeof(int));
	cr_assert_eq(sendmsg(to, &m, 0), 4);
	turn();
}

Test(control, packets_come_in_and_replies_go_out)
{
	int fd = client();
	char text[16] = "";

	cr_assert_eq(send(fd, "hello", 5, 0), 5);
	turn();
	cr_expect_str_eq(seen.text, "hello");
	cr_expect_eq(seen.fd, -1);
	service_control_reply(control, seen.client, "world", 5);
	cr_expect_eq(recv(fd, text, sizeof(text), MSG_DONTWAIT), 5);
	cr_expect_str_eq(text, "world");
	close(fd);
	turn();
	cr_expect_eq(seen.left, 1);
	service_control_reply(control, seen.client, "lost", 4);
}

Test(control, descriptor_comes_along)
{
	int fd = client(), pipes[2];
	char text[4];

	cr_assert_eq(pipe(pipes), 0);
	pass(fd, pipes[1], 1);
	cr_assert_geq(seen.fd, 0);
	close(pipes[1]);
	cr_assert_eq(write(seen.fd, "yes", 3), 3);
	close(seen.fd);
	cr_expect_eq(read(pipes[0], text, sizeof(text)), 3);
	cr_expect_eq(read(pipes[0], text, sizeof(text)), 0, "no copy is left");
	close(fd);
}

Test(control, descriptors_that_nobody_takes_are_closed)
{
	int fd = client(), pipes[2];
	char text[4];

	cr_assert_eq(pipe(pipes), 0);
	pass(fd, pipes[1], SERVICE_FDS_MAX);
	cr_assert_geq(seen.fd, 0);
	cr_expect_geq(seen.last, 0);
	close(seen.fd);
	pass(fd, pipes[1], SERVICE_FDS_MAX + 1);
	cr_expect_eq(seen.left, 1, "that is nonsense");
	close(pipes[1]);
	cr_expect_eq(read(pipes[0], text, sizeof(text)), 0, "no copy is left");
	close(fd);
}

Test(control, too_long_a_packet_ends_the_client)
{
	static char big[SERVICE_REQUEST_MAX + 1];
	int fd = client();

	cr_assert_eq(send(fd, big, sizeof(big), 0), sizeof(big));
	turn();
	cr_expect_eq(seen.packets, 0);
	cr_expect_eq(seen.left, 1);
	cr_expect_eq(recv(fd, big, 1, MSG_DONTWAIT), 0);
	close(fd);
}

Test(control, there_are_only_so_many_clients)
{
	int fds[SERVICE_CLIENTS + 1];
	char byte;

	for (unsigned i = 0; i <= SERVICE_CLIENTS; i++)
		fds[i] = client();
	cr_expect_eq(recv(fds[SERVICE_CLIENTS], &byte, 1, MSG_DONTWAIT), 0);
	cr_expect_eq(recv(fds[0], &byte, 1, MSG_DONTWAIT), -1);
	cr_expect_eq(errno, EAGAIN);
	close(fds[0]);
	turn();
	fds[0] = client();
	cr_assert_eq(send(fds[0], "again", 5, 0), 5);
	turn();
	cr_expect_str_eq(seen.text, "again");
	for (unsigned i = 0; i <= SERVICE_CLIENTS; i++)
		close(fds[i]);
}
