/* SPDX-License-Identifier: Apache-2.0 */
/* Two directions, neither of which waits for the other. */
#include "cli/join.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manager/cleanup.h"

#define CHUNK 65536

enum watched { WATCH_IN, WATCH_OUT, WATCH_SOCK, WATCHED };

/* Bytes on their way. */
struct flow {
	bool ended;		/* nothing more will come */
	size_t len, at;
	uint8_t bytes[CHUNK];
};

struct join {
	int sock, in, out;
	bool terminal;
	bool told;		/* the other side knows that we have ended */
	bool gone;		/* it takes nothing any more */
	struct flow up, down;
};

static bool
flow_empty(const struct flow *f)
{
	return f->at == f->len;
}

/* The result of a read into @f. -1: it failed. */
static int
flow_fill(struct flow *f, ssize_t n)
{
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	f->ended = n == 0;
	f->at = 0;
	f->len = (size_t)n;
	return 0;
}

static void
to_sock(struct join *j)
{
	ssize_t n = send(j->sock, j->up.bytes + j->up.at,
	    j->up.len - j->up.at, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		j->up.at += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		j->gone = true;
}

/* No more than a pipe that has room takes without waiting. */
static int
to_out(struct join *j, struct err *e)
{
	size_t len = j->down.len - j->down.at;
	ssize_t n = write(j->out, j->down.bytes + j->down.at,
	    len < PIPE_BUF ? len : PIPE_BUF);

	if (n >= 0)
		j->down.at += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		return err_set(e, errno, "output: %s", strerror(errno));
	return 0;
}

static int
turn(struct join *j, struct err *e)
{
	bool reads = !j->up.ended && !j->gone && flow_empty(&j->up);
	bool hears = !j->down.ended && flow_empty(&j->down);
	struct pollfd p[WATCHED] = {
		[WATCH_IN] = { .fd = reads ? j->in : -1, .events = POLLIN },
		[WATCH_OUT] = { .fd = flow_empty(&j->down) ? -1 : j->out,
		    .events = POLLOUT },
		[WATCH_SOCK] = { .fd = j->sock,
		    .events = (short)((hears ? POLLIN : 0) |
		    (flow_empty(&j->up) ? 0 : POLLOUT)) },
	};

	if (poll(p, WATCHED, -1) < 0)
		return errno == EINTR ? 0 :
		    err_set(e, errno, "poll: %s", strerror(errno));
	/* Both directions are shut: what came before is still there. */
	if ((p[WATCH_SOCK].revents & (POLLHUP | POLLERR)) != 0)
		j->gone = true;
	if (p[WATCH_IN].revents != 0 &&
	    flow_fill(&j->up, read(j->in, j->up.bytes, CHUNK)) < 0)
		return err_set(e, errno, "input: %s", strerror(errno));
	if (!j->gone && !flow_empty(&j->up))
		to_sock(j);
	if (hears && p[WATCH_SOCK].revents != 0 && flow_fill(&j->down,
	    recv(j->sock, j->down.bytes, CHUNK, MSG_DONTWAIT)) < 0)
		j->down.ended = true;
	if (p[WATCH_OUT].revents != 0)
		return to_out(j, e);
	return 0;
}

static bool
over(const struct join *j)
{
	return j->down.ended && flow_empty(&j->down) &&
	    (j->told || j->gone || j->terminal);
}

int
join_run(int sock, int in, int out, struct err *e)
{
	AUTO_FREE struct join *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return err_set(e, ENOMEM, "%s", strerror(ENOMEM));
	j->sock = sock;
	j->in = in;
	j->out = out;
	j->terminal = isatty(in) == 1;
	while (!over(j)) {
		if (turn(j, e) < 0)
			return -1;
		if (j->up.ended && flow_empty(&j->up) && !j->told) {
			j->told = true;
			shutdown(sock, SHUT_WR);
		}
	}
	return 0;
}
