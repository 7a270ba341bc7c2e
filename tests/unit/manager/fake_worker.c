/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that gives the same answer to whatever it is asked. */
#include "fake_worker.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
fake_listen(const struct test_root *r, const char *name, const char *file,
    int type)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	char path[64];

	cr_assert_geq(fd, 0);
	snprintf(path, sizeof(path), "run/mullion/%s/%s", name, file);
	test_root_write(r, path, "");
	snprintf(at.sun_path, sizeof(at.sun_path), "%.40s/%s", r->path, path);
	unlink(at.sun_path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, 8), 0);
	return fd;
}

static void
answer(struct fake_worker *w)
{
	int fd = accept4(w->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	size_t used = strlen(w->asked);
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { w->asked + used, sizeof(w->asked) - used - 2 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *h;
	ssize_t n;

	cr_assert_geq(fd, 0);
	n = recvmsg(fd, &m, 0);
	h = CMSG_FIRSTHDR(&m);
	if (h != NULL) {
		int passed;

		memcpy(&passed, CMSG_DATA(h), sizeof(passed));
		close(passed);
		w->fds++;
	}
	if (n > 0)
		strcpy(w->asked + used + n, " ");
	if (w->reply != NULL)
		send(fd, w->reply, strlen(w->reply), MSG_NOSIGNAL);
	close(fd);
	if (w->ends != NULL)
		fake_systemd_end_unit(w->ends);
}

static void *
serve(void *data)
{
	struct fake_worker *w = data;
	struct pollfd p[2] = {
		{ .fd = w->wake[0], .events = POLLIN },
		{ .fd = w->listen_fd, .events = POLLIN },
	};

	while (poll(p, 2, -1) > 0 && p[0].revents == 0)
		answer(w);
	return NULL;
}

void
fake_service_start(struct fake_worker *w, const struct test_root *r,
    const char *name, const char *file)
{
	w->listen_fd = fake_listen(r, name, file, SOCK_SEQPACKET);
	cr_assert_eq(pipe(w->wake), 0);
	cr_assert_eq(pthread_create(&w->thread, NULL, serve, w), 0);
}

void
fake_worker_start(struct fake_worker *w, const struct test_root *r,
    const char *name)
{
	fake_service_start(w, r, name, "control.sock");
}

void
fake_worker_stop(struct fake_worker *w)
{
	cr_assert_eq(write(w->wake[1], "", 1), 1);
	pthread_join(w->thread, NULL);
	close(w->wake[0]);
	close(w->wake[1]);
	close(w->listen_fd);
}
