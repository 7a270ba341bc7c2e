/* SPDX-License-Identifier: Apache-2.0 */
/* The console's clients: what they type, and what they are told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker/console.h"

#define UART		0x3f8
#define LINE_STATUS	5
#define DATA_READY	1

static struct machine m;
static struct loop l;
static struct console c;
static uint8_t output[DEVICES_OUTPUT_SIZE];
static char folder[] = "/tmp/worker-console-XXXXXX";

static void
setup(void)
{
	char log[sizeof(folder) + 8];
	struct err e;

	memset(&m, 0, sizeof(m));
	cr_assert_not_null(mkdtemp(folder));
	pthread_mutex_init(&m.devices_lock, NULL);
	devices_init(&m.devices, true, output);
	m.event_fd = -1;
	snprintf(log, sizeof(log), "%s/log", folder);
	cr_assert_eq(loop_create(&l, &e), 0);
	cr_assert_eq(console_open(&c, &m, &l, folder, log, &e), 0, "%s",
	    e.text);
}

static void
teardown(void)
{
	char path[sizeof(folder) + 16];

	snprintf(path, sizeof(path), "%s/log", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/console.sock", folder);
	unlink(path);
	rmdir(folder);
}

TestSuite(console, .init = setup, .fini = teardown);

static int
attach(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/console.sock", folder);
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Serve what is waiting, like the worker; at most that many events. */
static int
serve(int limit)
{
	struct epoll_event ev;
	int n = 0;

	while (n < limit && epoll_wait(l.epoll_fd, &ev, 1, 0) == 1) {
		struct loop_event event;

		loop_next(&l, &event);
		if (event.source == LOOP_CONSOLE_LISTEN)
			console_accept(&c);
		else
			console_client_event(&c, &event);
		n++;
	}
	return n;
}

/* What the child reads from its port. */
static size_t
typed(char *text, size_t size)
{
	struct devices_effect fx;
	size_t n = 0;

	while (n < size && (devices_in(&m.devices, UART + LINE_STATUS, 1, &fx) &
	    DATA_READY) != 0)
		text[n++] = (char)devices_in(&m.devices, UART, 1, &fx);
	return n;
}

Test(console, hears_one_who_types_and_leaves_at_once)
{
	char text[16];
	int fd;

	console_say(&c, "to be told to whoever attaches");
	fd = attach();
	cr_assert_eq(send(fd, "echo\n", 5, 0), 5);
	close(fd);
	serve(100);
	cr_expect_eq(typed(text, sizeof(text)), 5);
	cr_expect_arr_eq(text, "echo\n", 5);
	cr_expect_eq(c.clients[0].fd, -1, "and is forgotten");
}

Test(console, waits_for_a_full_port_without_going_round)
{
	static char many[4096], text[4096];
	size_t got, all = 0;
	int fd = attach();

	memset(many, 'x', sizeof(many));
	cr_assert_eq(send(fd, many, sizeof(many), 0), sizeof(many));
	close(fd);
	cr_expect_lt(serve(1000), 1000, "it was told over and over");
	while ((got = typed(text, sizeof(text))) != 0) {
		all += got;
		console_input_wanted(&c);
		cr_expect_lt(serve(1000), 1000);
	}
	cr_expect_eq(all, sizeof(many));
	cr_expect_eq(c.clients[0].fd, -1);
}

Test(console, replays_to_one_who_comes_late)
{
	char text[16];
	int fd;

	console_say(&c, "early");
	fd = attach();
	serve(100);
	cr_expect_eq(recv(fd, text, sizeof(text), MSG_DONTWAIT), 5);
	cr_expect_arr_eq(text, "early", 5);
	close(fd);
}
