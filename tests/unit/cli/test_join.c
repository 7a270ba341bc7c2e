/* SPDX-License-Identifier: Apache-2.0 */
/* Input and output that are joined to a socket, and the ends of each. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/join.h"

#define MANY (1 << 20)

static struct {
	int guest, sock;	/* the two ends of each */
	int user, in;
	int screen, out;
	struct err e;
	int ret;
	pthread_t thread;
} s;

static void
set_up(void)
{
	int sock[2], in[2], out[2];

	memset(&s, 0, sizeof(s));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	s.guest = sock[0];
	s.sock = sock[1];
	s.in = in[0];
	s.user = in[1];
	s.screen = out[0];
	s.out = out[1];
}

TestSuite(join, .init = set_up, .timeout = 30);

static void *
join(void *unused)
{
	(void)unused;
	s.ret = join_run(s.sock, s.in, s.out, &s.e);
	close(s.out);
	close(s.sock);
	return NULL;
}

static void
begin(void)
{
	cr_assert_eq(pthread_create(&s.thread, NULL, join, NULL), 0);
}

static void
expect_over(int ret)
{
	pthread_join(s.thread, NULL);
	cr_expect_eq(s.ret, ret, "%s", s.e.text);
}

/* What comes from @fd until its end is @text. */
static void
expect_all(int fd, const char *text)
{
	char got[64] = "";
	size_t n = 0;
	ssize_t r;

	while ((r = read(fd, got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)r;
	cr_expect_str_eq(got, text);
}

Test(join, passes_both_directions_and_their_ends)
{
	begin();
	cr_assert_eq(write(s.user, "question", 8), 8);
	close(s.user);
	expect_all(s.guest, "question");
	cr_assert_eq(write(s.guest, "answer", 6), 6);
	close(s.guest);
	expect_all(s.screen, "answer");
	expect_over(0);
}

Test(join, goes_on_sending_when_the_guest_has_ended)
{
	begin();
	shutdown(s.guest, SHUT_WR);
	cr_assert_eq(write(s.user, "more", 4), 4);
	close(s.user);
	expect_all(s.guest, "more");
	expect_over(0);
}

Test(join, ends_when_the_guest_takes_nothing_any_more)
{
	begin();
	close(s.guest);
	expect_over(0);
}

Test(join, ends_with_the_guest_on_a_terminal)
{
	int user;

	cr_assert_eq(openpty(&user, &s.in, NULL, NULL, NULL), 0);
	begin();
	cr_assert_eq(write(s.guest, "bye", 3), 3);
	shutdown(s.guest, SHUT_WR);
	expect_all(s.screen, "bye");
	expect_over(0);
}

Test(join, says_that_output_failed)
{
	close(s.screen);
	signal(SIGPIPE, SIG_IGN);
	begin();
	cr_assert_eq(write(s.guest, "lost", 4), 4);
	expect_over(-1);
	cr_expect_not_null(strstr(s.e.text, "output"));
}

/* Echoes, as long as it can, without ever reading ahead of what it sends. */
static void *
echo(void *unused)
{
	char buffer[3000];
	ssize_t n;

	(void)unused;
	while ((n = read(s.guest, buffer, sizeof(buffer))) > 0)
		cr_assert_eq(write(s.guest, buffer, (size_t)n), n);
	shutdown(s.guest, SHUT_WR);
	return NULL;
}

static void *
type(void *unused)
{
	static char bytes[MANY];

	(void)unused;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	cr_assert_eq(write(s.user, bytes, sizeof(bytes)), MANY);
	close(s.user);
	return NULL;
}

Test(join, loses_nothing_of_much)
{
	pthread_t guest, user;
	static char got[4096];
	size_t sum = 0;
	ssize_t n;

	pthread_create(&guest, NULL, echo, NULL);
	pthread_create(&user, NULL, type, NULL);
	begin();
	while ((n = read(s.screen, got, sizeof(got))) > 0)
		for (ssize_t i = 0; i < n; i++, sum++)
			cr_assert_eq(got[i], (char)(sum * 7 + sum / 256));
	cr_expect_eq(sum, MANY);
	expect_over(0);
	pthread_join(guest, NULL);
	pthread_join(user, NULL);
}
