/* SPDX-License-Identifier: Apache-2.0 */
/* An attached console, on a terminal and on pipes. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "cli/console.h"

/* The worker's end, the user's end and what lies between them. */
struct setup {
	int worker, sock;
	int user, in;
	int screen, out;
	enum console_end end;
	struct err e;
	int ret;
	pthread_t thread;
};

static struct setup s;

static void
set_up(void)
{
	int sock[2], out[2];

	memset(&s, 0, sizeof(s));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
	cr_assert_eq(pipe(out), 0);
	cr_assert_eq(openpty(&s.user, &s.in, NULL, NULL, NULL), 0);
	s.worker = sock[0];
	s.sock = sock[1];
	s.screen = out[0];
	s.out = out[1];
}

static void
tear_down(void)
{
	const int all[] = { s.worker, s.sock, s.user, s.in, s.screen, s.out };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
}

TestSuite(console, .init = set_up, .fini = tear_down, .timeout = 30);

static void *
attach(void *data)
{
	struct setup *with = data;

	with->ret = console_run(with->sock, with->in, with->out, &with->end,
	    &with->e);
	return NULL;
}

/* Attach, and wait until the first output came through. */
static void
attach_and_see(const char *first)
{
	char seen[64] = "";

	cr_assert_eq(write(s.worker, first, strlen(first)),
	    (ssize_t)strlen(first));
	cr_assert_eq(pthread_create(&s.thread, NULL, attach, &s), 0);
	cr_assert_eq(read(s.screen, seen, strlen(first)),
	    (ssize_t)strlen(first));
	cr_expect_str_eq(seen, first);
}

static void
type(const char *keys)
{
	cr_assert_eq(write(s.user, keys, strlen(keys)),
	    (ssize_t)strlen(keys));
}

static void
expect_at_worker(const char *keys)
{
	char got[64] = "";
	size_t n = 0;

	while (n < strlen(keys)) {
		ssize_t r = read(s.worker, got + n, strlen(keys) - n);

		cr_assert_gt(r, 0);
		n += (size_t)r;
	}
	cr_expect_str_eq(got, keys);
}

Test(console, keys_reach_the_guest_unchanged_until_one_detaches)
{
	attach_and_see("login: ");
	type("ro\x03\x04\r");
	expect_at_worker("ro\x03\x04\r");
	type("bye\x1dnot this");
	pthread_join(s.thread, NULL);
	cr_expect_eq(s.ret, 0);
	cr_expect_eq(s.end, CONSOLE_DETACHED);
	expect_at_worker("bye");
}

Test(console, terminal_is_raw_meanwhile_and_restored)
{
	struct termios before, during, after;

	cr_assert_eq(tcgetattr(s.in, &before), 0);
	attach_and_see("hello");
	cr_assert_eq(tcgetattr(s.in, &during), 0);
	cr_expect_eq(during.c_lflag & (ICANON | ECHO | ISIG), 0);
	type("\x1d");
	pthread_join(s.thread, NULL);
	cr_assert_eq(tcgetattr(s.in, &after), 0);
	cr_expect_eq(after.c_lflag, before.c_lflag);
	cr_expect_eq(after.c_iflag, before.c_iflag);
	cr_expect_eq(after.c_oflag, before.c_oflag);
}

Test(console, all_output_is_shown_before_the_end)
{
	char seen[64] = "";

	attach_and_see("a");
	cr_assert_eq(write(s.worker, "power down", 10), 10);
	close(s.worker);
	s.worker = -1;
	pthread_join(s.thread, NULL);
	cr_expect_eq(s.end, CONSOLE_CLOSED);
	cr_assert_eq(read(s.screen, seen, sizeof(seen) - 1), 10);
	cr_expect_str_eq(seen, "power down");
}

Test(console, end_of_input_is_not_the_end_of_output)
{
	int pipe_in[2];
	char seen[8] = "";

	cr_assert_eq(pipe(pipe_in), 0);
	close(s.in);
	s.in = pipe_in[0];
	attach_and_see("a");
	cr_assert_eq(write(pipe_in[1], "ls\n", 3), 3);
	close(pipe_in[1]);
	expect_at_worker("ls\n");
	cr_assert_eq(write(s.worker, "more", 4), 4);
	cr_assert_eq(read(s.screen, seen, 4), 4);
	cr_expect_str_eq(seen, "more");
	close(s.worker);
	s.worker = -1;
	pthread_join(s.thread, NULL);
	cr_expect_eq(s.end, CONSOLE_CLOSED);
}

Test(console, detaching_works_while_the_guest_does_not_read)
{
	char keys[1024];

	/* More than socket and buffer hold. */
	memset(keys, 'k', sizeof(keys));
	attach_and_see("a");
	for (int i = 0; i < 1024; i++)
		cr_assert_gt(write(s.user, keys, sizeof(keys)), 0);
	type("\x1d");
	pthread_join(s.thread, NULL);
	cr_expect_eq(s.end, CONSOLE_DETACHED);
}

Test(console, signal_restores_the_terminal_first, .signal = SIGTERM)
{
	/* Blocked here, it is left for the console to find. */
	struct termios before, after;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	cr_assert_eq(tcgetattr(s.in, &before), 0);
	raise(SIGTERM);
	attach(&s);
	cr_assert_eq(tcgetattr(s.in, &after), 0);
	cr_assert_eq(s.end, CONSOLE_SIGNAL);
	cr_assert_eq(after.c_lflag, before.c_lflag);
	/* It still counts. */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
