/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that talk over sockets between a guest and its parent. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define EVENTS 64
#define CHUNK 5000u
#define PATIENCE 60

static const char usage[] =
    "usage: socket-peer echo ADDRESS\n"
    "       socket-peer load ADDRESS CONNECTIONS BYTES\n"
    "       socket-peer push ADDRESS BYTES\n"
    "       socket-peer sink ADDRESS\n"
    "       socket-peer drop ADDRESS\n"
    "       socket-peer try ADDRESS\n";

/* --- echo: give back what comes, and its end. --- */

struct echo {
	int fd;
	bool full;		/* who connected has to read first */
	size_t len, at;
	uint8_t bytes[CHUNK];
};

/*
 * With bytes left to be read and no room to send, a guest's kernel tells of a
 * connection that is gone as of one half of it: once, as half may stay.
 */
static void
echo_watch(int loop, struct echo *e)
{
	const uint32_t when_full = EPOLLOUT | EPOLLRDHUP | EPOLLET;
	bool full = e->at < e->len;
	struct epoll_event event = {
		.events = full ? when_full : (uint32_t)EPOLLIN,
		.data.ptr = e,
	};

	if (full && e->full)
		return;
	e->full = full;
	epoll_ctl(loop, EPOLL_CTL_MOD, e->fd, &event);
}

/* False: it is over. */
static bool
echo_turn(struct echo *e)
{
	ssize_t n;

	if (e->at == e->len) {
		n = recv(e->fd, e->bytes, sizeof(e->bytes), MSG_DONTWAIT);
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		e->at = 0;
		e->len = (size_t)n;
	}
	n = send(e->fd, e->bytes + e->at, e->len - e->at,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN;
	e->at += (size_t)n;
	return true;
}

static void
echo_accept(int loop, int listener)
{
	struct echo *e = calloc(1, sizeof(*e));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = e };

	if (e == NULL)
		die("echo");
	e->fd = accept(listener, NULL, NULL);
	if (e->fd < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, e->fd, &event) < 0)
		die("accept");
}

static void
echo(const char *address)
{
	int listener = peer_listen(address), loop = epoll_create1(0);
	struct epoll_event events[EVENTS] = { { .events = EPOLLIN } };

	epoll_ctl(loop, EPOLL_CTL_ADD, listener, &events[0]);
	printf("listening\n");
	while (true) {
		int n = epoll_wait(loop, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct echo *e = events[i].data.ptr;

			if (e == NULL) {
				echo_accept(loop, listener);
			} else if (echo_turn(e)) {
				echo_watch(loop, e);
			} else {
				close(e->fd);
				free(e);
			}
		}
	}
}

/* --- load: many connections, whose bytes are to come back. --- */

struct stream {
	int fd;
	unsigned number;
	uint64_t sent, got;
	bool over;
};

static void
stream_send(struct stream *s, uint64_t bytes)
{
	uint8_t chunk[CHUNK];
	size_t len = 1 + (s->sent * 31 + s->number * 97) % CHUNK;
	ssize_t n;

	if (len > bytes - s->sent)
		len = (size_t)(bytes - s->sent);
	pattern_fill(chunk, len, s->number, s->sent);
	n = send(s->fd, chunk, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send");
	if (n > 0)
		s->sent += (uint64_t)n;
	if (s->sent == bytes)
		shutdown(s->fd, SHUT_WR);
}

static void
stream_receive(struct stream *s, uint64_t bytes)
{
	uint8_t chunk[CHUNK];
	ssize_t n = recv(s->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0)
		die("receive");
	pattern_check(chunk, (size_t)n, s->number, s->got);
	s->got += (uint64_t)n;
	if (n > 0)
		return;
	if (s->got != bytes) {
		printf("stream %u ended after %llu bytes\n", s->number,
		    (unsigned long long)s->got);
		exit(1);
	}
	s->over = true;
}

static void
stream_turn(int loop, struct stream *s, uint32_t events, uint64_t bytes)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };

	if ((events & EPOLLOUT) != 0 && s->sent < bytes)
		stream_send(s, bytes);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		stream_receive(s, bytes);
	if (s->over) {
		close(s->fd);
		return;
	}
	if (s->sent < bytes)
		event.events |= EPOLLOUT;
	epoll_ctl(loop, EPOLL_CTL_MOD, s->fd, &event);
}

static void
load(const char *address, unsigned count, uint64_t bytes)
{
	struct stream *streams = calloc(count, sizeof(*streams));
	struct epoll_event events[EVENTS];
	int loop = epoll_create1(0);
	unsigned over = 0;

	if (streams == NULL)
		die("load");
	for (unsigned i = 0; i < count; i++) {
		struct stream *s = &streams[i];
		struct epoll_event event = { .events = EPOLLIN | EPOLLOUT,
			.data.ptr = s };

		s->number = i;
		s->fd = peer_connect(address);
		epoll_ctl(loop, EPOLL_CTL_ADD, s->fd, &event);
	}
	printf("all %u are connected\n", count);
	while (over < count) {
		int n = epoll_wait(loop, events, EVENTS, PATIENCE * 1000);

		if (n == 0) {
			printf("only %u of %u are over\n", over, count);
			exit(1);
		}
		for (int i = 0; i < n; i++) {
			struct stream *s = events[i].data.ptr;

			stream_turn(loop, s, events[i].events, bytes);
			over += s->over;
		}
	}
	printf("all %u have come back\n", count);
}

/* --- push, and sink: one direction, with someone slow at its end. --- */

/* Tells where it had to stop for a second, the first time. */
static void
push(const char *address, uint64_t bytes)
{
	int fd = peer_connect(address);
	uint8_t chunk[CHUNK];
	bool stopped = false;
	uint64_t sent = 0;

	while (sent < bytes) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		size_t len = bytes - sent < CHUNK ? (size_t)(bytes - sent) :
		    CHUNK;
		ssize_t n;

		if (!stopped && poll(&p, 1, 1000) == 0) {
			printf("stopped after %llu\n",
			    (unsigned long long)sent);
			stopped = true;
		}
		wait_for(fd, POLLOUT, PATIENCE);
		pattern_fill(chunk, len, 0, sent);
		n = send(fd, chunk, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			die("send");
		if (n > 0)
			sent += (uint64_t)n;
	}
	shutdown(fd, SHUT_WR);
	wait_for(fd, POLLIN, PATIENCE);
	if (read(fd, chunk, 1) != 0)
		die("end");
	printf("sent %llu\n", (unsigned long long)sent);
}

/* Reads only once a line has come on standard input. */
static void
sink(const char *address)
{
	int listener = peer_listen(address), fd;
	uint8_t chunk[CHUNK];
	uint64_t got = 0;
	ssize_t n;

	printf("listening\n");
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || read(STDIN_FILENO, chunk, 1) < 0)
		die("sink");
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		pattern_check(chunk, (size_t)n, 0, got);
		got += (uint64_t)n;
	}
	printf("got %llu\n", (unsigned long long)got);
}

/* Take one connection, and die in the middle of it. */
static void
drop(const char *address)
{
	int listener = peer_listen(address), fd;
	uint8_t chunk[CHUNK];

	printf("listening\n");
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || read(fd, chunk, 1) != 1)
		die("drop");
	printf("dropped\n");
}

static void
try(const char *address)
{
	struct timespec before, after;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &before);
	fd = peer_try(address);
	clock_gettime(CLOCK_MONOTONIC, &after);
	printf("%s after %lld ms\n", fd < 0 ? "refused" : "connected",
	    (after.tv_sec - before.tv_sec) * 1000LL +
	    (after.tv_nsec - before.tv_nsec) / 1000000);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "echo") == 0)
		echo(argv[2]);
	else if (strcmp(what, "load") == 0 && argc == 5)
		load(argv[2], (unsigned)strtoul(argv[3], NULL, 10),
		    strtoull(argv[4], NULL, 10));
	else if (strcmp(what, "push") == 0 && argc == 4)
		push(argv[2], strtoull(argv[3], NULL, 10));
	else if (strcmp(what, "sink") == 0)
		sink(argv[2]);
	else if (strcmp(what, "drop") == 0)
		drop(argv[2]);
	else if (strcmp(what, "try") == 0)
		try(argv[2]);
	else {
		fputs(usage, stderr);
		return 2;
	}
	return 0;
}
