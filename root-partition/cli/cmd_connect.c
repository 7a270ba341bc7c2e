/* SPDX-License-Identifier: Apache-2.0 */
/* The command that reaches a socket of a guest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/join.h"
#include "cli/session.h"
#include "manager/call.h"
#include "manager/cleanup.h"

/* AF_VSOCK's own name for any port is none that can be connected to. */
#define PORT_MAX 4294967294ULL
/* The guest has 3 s from the time on that its turn has come. */
#define ANSWER_SECONDS 60
#define LINE_MAX_BYTES 32

static int
port_check(const char *text, struct err *e)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] != '\0' || digits > 10 ||
	    strtoull(text, NULL, 10) > PORT_MAX)
		return err_set(e, ERR_USAGE,
		    "\"%.40s\" is not a port from 0 to %llu", text, PORT_MAX);
	return 0;
}

/* The answer is a line; what follows is the guest's. */
static int
answer_take(int fd, const char *name, const char *port, struct err *e)
{
	char line[LINE_MAX_BYTES];
	size_t len = 0;

	do {
		ssize_t n = recv(fd, line + len, 1, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return err_set(e, ERR_TIMEOUT,
			    "%s: no answer in %d s", name, ANSWER_SECONDS);
		if (n <= 0)
			return err_set(e, ERR_STATE,
			    "%s: refused: no program of the guest listens on "
			    "port %s of AF_VSOCK, or its driver hv_sock is "
			    "not loaded", name, port);
	} while (line[len++] != '\n' && len < sizeof(line));
	if (len < 3 || memcmp(line, "OK ", 3) != 0)
		return err_set(e, EPROTO, "%s: an answer that makes no sense",
		    name);
	return 0;
}

int
cmd_connect(const struct invocation *inv, const char *name, struct err *e)
{
	static const struct call call = {
		.socket = "sockets/vsock",
		.peer = "what connects to the guest",
		.seconds = ANSWER_SECONDS,
	};
	const char *port = inv->names[1];
	AUTO_SESSION struct session s = { 0 };
	AUTO_CLOSE int fd = -1;

	if (port_check(port, e) < 0 || session_begin(&s, inv, name, e) < 0 ||
	    session_need_running(&s, e) < 0)
		return -1;
	if (s.partition.config_valid && !s.partition.config.sockets)
		return err_set(e, ERR_STATE,
		    "%s has no sockets: set sockets = yes with mullion edit "
		    "%s and start it anew", name, name);
	fd = call_connect(s.site, name, &call, SOCK_STREAM, e);
	if (fd < 0)
		return err_prefix(e, "%s", name);
	if (dprintf(fd, "CONNECT %s\n", port) < 0)
		return err_set(e, errno, "%s: %s", name, strerror(errno));
	if (answer_take(fd, name, port, e) < 0)
		return -1;
	return join_run(fd, STDIN_FILENO, STDOUT_FILENO, e);
}
