/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that connect, programs that listen, and how many there may be. */
#include "sockets/sockets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "process/folder.h"
#include "process/process.h"

#define BACKLOG 1024
#define FOLDER_MODE 0710
#define FOLDER_NAME_MAX 32
/* What the guest is shown as the ports of programs that connect. */
#define FIRST_PORT (UINT32_C(1) << 30)
#define COMPLAIN_USEC (UINT64_C(60) * 1000000)

static const int calls[] = { SYS_socket, SYS_connect };

static struct connection *
connection_add(struct sockets *s, enum port_direction direction)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->ctx = s;
	c->event = s->event;
	c->provider = s->provider;
	c->previous = s->last;
	if (s->last != NULL)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
	s->count[direction]++;
	return c;
}

static void
connection_remove(struct sockets *s, struct connection *c)
{
	if (c->previous != NULL)
		c->previous->next = c->next;
	else
		s->first = c->next;
	if (c->next != NULL)
		c->next->previous = c->previous;
	else
		s->last = c->previous;
	if (c->rest_moved == 0)
		s->count[c->direction]--;
	free(c);
}

/* Whoever has come first is offered first. */
static void
offer_next(struct sockets *s)
{
	struct connection *c = s->first, *next;

	/* One that cannot be offered brings us here again. */
	if (s->offering)
		return;
	s->offering = true;
	for (; c != NULL && s->waiting > 0 &&
	    s->offered < SOCKETS_OFFERED_MAX; c = next) {
		next = c->next;
		if (c->state == CONNECTION_WAITING)
			connection_offer(c);
	}
	s->offering = false;
}

static void
on_waits(void *ctx, struct connection *c)
{
	struct sockets *s = ctx;

	(void)c;
	offer_next(s);
}

static void
on_moved(void *ctx, struct connection *c, enum connection_state from)
{
	struct sockets *s = ctx;

	if (from == CONNECTION_WAITING)
		s->waiting--;
	if (c->state == CONNECTION_WAITING)
		s->waiting++;
	if (c->state == CONNECTION_OVER) {
		s->kept -= c->rest_room;
		c->rest_room = 0;
	}
	if (from == CONNECTION_RESTING)
		s->rests--;
	/* Nobody is kept out by a program that does not read. */
	if (c->state == CONNECTION_RESTING) {
		s->rests++;
		s->count[c->direction]--;
	}
	if (c->direction != PORT_FROM_HOST)
		return;
	if (c->state == CONNECTION_RESTING)
		sd_event_source_set_enabled(s->listen, SD_EVENT_ON);
	if (c->state == CONNECTION_OFFERED)
		s->offered++;
	if (from == CONNECTION_OFFERED) {
		s->offered--;
		offer_next(s);
	}
}

static void
on_over(void *ctx, struct connection *c)
{
	struct sockets *s = ctx;
	bool from_host = c->direction == PORT_FROM_HOST;

	connection_remove(s, c);
	if (from_host)
		sd_event_source_set_enabled(s->listen, SD_EVENT_ON);
}

static bool
rest_fits(const struct sockets *s, size_t room)
{
	return room <= SOCKETS_REST_MAX - s->kept &&
	    s->rests < SOCKETS_RESTS_MAX;
}

/* Those who read get what was left, however long it takes them. */
static bool
on_keep(void *ctx, size_t room)
{
	struct sockets *s = ctx;
	struct connection *c = s->first, *next;

	for (; c != NULL && !rest_fits(s, room); c = next) {
		next = c->next;
		if (connection_stale(c))
			connection_end(c);
	}
	if (!rest_fits(s, room))
		return false;
	s->kept += room;
	return true;
}

/* A guest can have this said as often as it likes. */
static void
complain(struct sockets *s, const char *name, int code)
{
	uint64_t now = 0;

	sd_event_now(s->event, CLOCK_MONOTONIC, &now);
	if (now < s->complain_next)
		return;
	s->complain_next = now + COMPLAIN_USEC;
	fprintf(stderr, "%s: %s%s\n", name, strerror(code), code == EACCES ?
	    ": make it writable for all, as its folder is closed" : "");
}

/* We are in the folder: nothing else has a name here. */
static int
on_dial(void *ctx, uint32_t port)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct sockets *s = ctx;
	AUTO_CLOSE int fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code;

	snprintf(to.sun_path, sizeof(to.sun_path), SOCKETS_NAME "_%" PRIu32,
	    port);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to,
	    sizeof(to)) == 0)
		return take_fd(&fd);
	code = errno;
	/* That nobody listens is nobody's mistake. */
	if (code != ENOENT && code != ECONNREFUSED && code != EAGAIN)
		complain(s, to.sun_path, code);
	return -code;
}

static const struct connection_ops connection_ops = {
	.waits = on_waits,
	.dial = on_dial,
	.moved = on_moved,
	.over = on_over,
	.keep = on_keep,
};

static void
program_arrives(struct sockets *s, int fd)
{
	struct connection *c = connection_add(s, PORT_FROM_HOST);
	struct err e;

	if (c == NULL) {
		close(fd);
		return;
	}
	c->ops = &connection_ops;
	if (connection_from_host(c, fd, s->next_port++, s->unique, &e) < 0) {
		connection_destroy(c);
		connection_remove(s, c);
	}
}

/* One that is too many waits until another has ended. */
static int
on_listen(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct sockets *s = ctx;
	int peer;

	(void)events;
	if (s->count[PORT_FROM_HOST] >= SOCKETS_MAX) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return 0;
	}
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer >= 0)
		program_arrives(s, peer);
	return 0;
}

static void
guest_connects(void *ctx, const struct guid *endpoint,
    const struct guid *service)
{
	struct sockets *s = ctx;
	struct connection *c = NULL;
	struct err e;

	if (s->count[PORT_FROM_GUEST] < SOCKETS_MAX)
		c = connection_add(s, PORT_FROM_GUEST);
	if (c != NULL) {
		c->ops = &connection_ops;
		if (connection_from_guest(c, endpoint, service, &e) == 0)
			return;
		connection_destroy(c);
		connection_remove(s, c);
	}
	provider_refuse_connect(s->provider, endpoint, service);
}

/* A worker that has ended takes us along; all else has us started anew. */
static void
worker_lost(void *ctx, const struct err *why)
{
	struct sockets *s = ctx;

	process_lost(s->event, why);
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.connect_request = guest_connects,
};

/* A place that root can write to and we can look names up in; no one else. */
static int
folder_make(const struct sockets *s, const char *run_dir, struct err *e)
{
	AUTO_CLOSE int fd = folder_open(run_dir, SOCKETS_FOLDER, FOLDER_MODE,
	    e);

	if (fd < 0)
		return -1;
	if (geteuid() == 0 && fchown(fd, 0, provider_uid(s->provider)) < 0)
		return err_set(e, errno, "%s/" SOCKETS_FOLDER ": %s", run_dir,
		    strerror(errno));
	return take_fd(&fd);
}

/* @folder is a name that nobody can change. */
static int
listen_at(const char *folder, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/" SOCKETS_NAME, folder);
	unlink(a.sun_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return err_set(e, errno, SOCKETS_FOLDER "/" SOCKETS_NAME
		    ": %s", strerror(errno));
	return take_fd(&fd);
}

int
sockets_begin(struct sockets *s, sd_event *event, const char *run_dir,
    struct err *e)
{
	AUTO_CLOSE int folder_fd = -1;
	char folder[FOLDER_NAME_MAX];
	int ret;

	*s = (struct sockets){ .event = event, .listen_fd = -1,
		.next_port = FIRST_PORT };
	if (getrandom(s->unique, sizeof(s->unique), 0) !=
	    (ssize_t)sizeof(s->unique))
		return err_set(e, errno, "random: %s", strerror(errno));
	s->provider = provider_connect(event, run_dir, PROVIDER_SOCKETS,
	    &worker_ops, s, e);
	if (s->provider == NULL)
		return -1;
	folder_fd = folder_make(s, run_dir, e);
	if (folder_fd < 0)
		return -1;
	snprintf(folder, sizeof(folder), "/proc/self/fd/%d", folder_fd);
	s->listen_fd = listen_at(folder, e);
	if (s->listen_fd < 0)
		return -1;
	ret = sd_event_add_io(event, &s->listen, s->listen_fd, EPOLLIN,
	    on_listen, s);
	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	return provider_sandbox_in(s->provider, folder, calls,
	    sizeof(calls) / sizeof(calls[0]), e);
}

void
sockets_end(struct sockets *s)
{
	while (s->first != NULL) {
		connection_destroy(s->first);
		connection_remove(s, s->first);
	}
	if (s->provider != NULL)
		provider_destroy(s->provider);
	sd_event_source_disable_unref(s->listen);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
}
