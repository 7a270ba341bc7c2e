/* SPDX-License-Identifier: Apache-2.0 */
/* The loop behind an attached console. */
#include "cli/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/keys.h"
#include "cli/terminal.h"
#include "manager/cleanup.h"
#include "manager/file.h"

#define CHUNK 4096
/* Typed ahead of a guest that does not read; what is over it is lost. */
#define TYPED_MAX 65536

enum watched { WATCH_SOCK, WATCH_IN, WATCH_SIGNALS, WATCHED };

struct console {
	int sock, in, out, signals;
	bool in_open;
	bool ended;
	enum console_end end;
	size_t typed_len;
	uint8_t typed[TYPED_MAX];
};

static void
console_finish(struct console *c, enum console_end end)
{
	c->ended = true;
	c->end = end;
}

static int
from_guest(struct console *c, struct err *e)
{
	uint8_t buffer[CHUNK];
	ssize_t n = recv(c->sock, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n > 0)
		return fd_write(c->out, buffer, (size_t)n, "output", e);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		console_finish(c, CONSOLE_CLOSED);
	return 0;
}

static void
from_user(struct console *c)
{
	uint8_t buffer[CHUNK];
	ssize_t n = read(c->in, buffer, sizeof(buffer));
	size_t keep, room = TYPED_MAX - c->typed_len;
	bool detach;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		c->in_open = false;
		return;
	}
	keep = keys_for_guest(buffer, (size_t)n, &detach);
	if (keep > room)
		keep = room;
	memcpy(c->typed + c->typed_len, buffer, keep);
	c->typed_len += keep;
	if (detach)
		console_finish(c, CONSOLE_DETACHED);
}

static void
to_guest(struct console *c)
{
	ssize_t n = send(c->sock, c->typed, c->typed_len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	/* That the worker has gone shows when we read. */
	if (n <= 0)
		return;
	c->typed_len -= (size_t)n;
	memmove(c->typed, c->typed + n, c->typed_len);
}

static int
console_turn(struct console *c, struct err *e)
{
	struct pollfd p[WATCHED] = {
		[WATCH_SOCK] = { .fd = c->sock, .events = POLLIN },
		[WATCH_IN] = { .fd = c->in_open ? c->in : -1,
		    .events = POLLIN },
		[WATCH_SIGNALS] = { .fd = c->signals, .events = POLLIN },
	};

	if (c->typed_len > 0)
		p[WATCH_SOCK].events |= POLLOUT;
	if (poll(p, WATCHED, -1) < 0) {
		if (errno == EINTR)
			return 0;
		return err_set(e, errno, "poll: %s", strerror(errno));
	}
	if (p[WATCH_SIGNALS].revents != 0)
		console_finish(c, CONSOLE_SIGNAL);
	if (p[WATCH_IN].revents != 0)
		from_user(c);
	if (c->typed_len > 0)
		to_guest(c);
	if ((p[WATCH_SOCK].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		return from_guest(c, e);
	return 0;
}

int
console_run(int sock, int in, int out, enum console_end *end, struct err *e)
{
	AUTO_TERMINAL struct terminal terminal = { 0 };
	AUTO_CLOSE int signals = -1;
	AUTO_FREE struct console *c = calloc(1, sizeof(*c));
	sigset_t set, old;
	int ret = 0;

	if (c == NULL)
		return err_set(e, ENOMEM, "%s", strerror(ENOMEM));
	/* Not to die before the terminal is as it was. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, &old);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	c->sock = sock;
	c->in = in;
	c->out = out;
	c->signals = signals;
	c->in_open = true;
	terminal_raw(&terminal, in);
	while (ret == 0 && !c->ended)
		ret = console_turn(c, e);
	terminal_restore(&terminal);
	*end = c->end;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ret;
}
