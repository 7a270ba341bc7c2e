/* SPDX-License-Identifier: Apache-2.0 */
/* From the first byte or request to the end of both directions. */
#include "sockets/connection.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMER_ACCURACY UINT64_C(10000)

static ssize_t
socket_send(void *ctx, const struct iovec *pieces, unsigned count)
{
	const struct connection *c = ctx;
	struct msghdr m = {
		.msg_iov = (struct iovec *)(uintptr_t)pieces,
		.msg_iovlen = count,
	};

	return sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t
socket_receive(void *ctx, const struct iovec *pieces, unsigned count)
{
	const struct connection *c = ctx;
	struct msghdr m = {
		.msg_iov = (struct iovec *)(uintptr_t)pieces,
		.msg_iovlen = count,
	};

	return recvmsg(c->fd, &m, MSG_DONTWAIT);
}

static void
socket_finish(void *ctx)
{
	const struct connection *c = ctx;

	shutdown(c->fd, SHUT_WR);
}

static void
socket_give_way(void *ctx)
{
	(void)ctx;
	sched_yield();
}

static const struct pump_ops pump_ops = {
	socket_send, socket_receive, socket_finish, socket_give_way,
};

static void
state_set(struct connection *c, enum connection_state state)
{
	enum connection_state from = c->state;

	c->state = state;
	if (from != state)
		c->ops->moved(c->ctx, c, from);
}

static uint64_t
now(const struct connection *c)
{
	uint64_t usec = 0;

	sd_event_now(c->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void
timer_set(struct connection *c, uint64_t after)
{
	sd_event_source_set_time(c->timer, now(c) + after);
	sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static void
timer_stop(struct connection *c)
{
	sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
}

/* Free it if nothing is left of it; whether that was so. */
static bool
settle(struct connection *c)
{
	if (c->state != CONNECTION_OVER || c->offer != NULL)
		return false;
	c->ops->over(c->ctx, c);
	return true;
}

/* The program's side ends. */
static void
socket_end(struct connection *c)
{
	if (c->io != NULL)
		c->io = sd_event_source_disable_unref(c->io);
	if (c->timer != NULL)
		c->timer = sd_event_source_disable_unref(c->timer);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->rest);
	c->rest = NULL;
	state_set(c, CONNECTION_OVER);
}

/* Both sides end; @c may be gone afterwards. */
void
connection_end(struct connection *c)
{
	socket_end(c);
	if (c->offer != NULL)
		offer_rescind(c->offer);
	else
		settle(c);
}

/* Hear of what is waited for, and of nothing else. */
static void
watch(struct connection *c)
{
	uint32_t events = 0;

	switch (c->state) {
	case CONNECTION_ASKING:
		events = EPOLLIN;
		break;
	case CONNECTION_OPEN:
		if (!c->pump.host_ended && !c->guest_full)
			events |= EPOLLIN;
		if (c->host_full)
			events |= EPOLLOUT;
		break;
	case CONNECTION_RESTING:
		events = EPOLLOUT;
		break;
	default:
		break;
	}
	sd_event_source_set_io_events(c->io, events);
	/* That the program has left is told always, but once is enough. */
	sd_event_source_set_enabled(c->io,
	    events != 0 || c->state < CONNECTION_OPEN ? SD_EVENT_ON :
	    SD_EVENT_OFF);
}

/*
 * What has come of moving bytes to one side, which is full or not now. False:
 * it is all over, and @c may be gone.
 */
static bool
moved(struct connection *c, enum pump_result result, bool *full)
{
	*full = result == PUMP_BLOCKED;
	if (result == PUMP_BROKEN || pump_done(&c->pump)) {
		connection_end(c);
		return false;
	}
	watch(c);
	return true;
}

static bool
move_to_host(struct connection *c)
{
	enum pump_result result = pump_to_host(&c->pump);

	channel_flush(c->pump.channel);
	if (!moved(c, result, &c->host_full))
		return false;
	if (result == PUMP_MORE)
		channel_resume(c->pump.channel);
	return true;
}

static bool
move_to_guest(struct connection *c)
{
	enum pump_result result = pump_to_guest(&c->pump);

	channel_flush(c->pump.channel);
	return moved(c, result, &c->guest_full);
}

static int
on_open(void *ctx, struct channel *channel,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	char answer[GREETING_ANSWER_MAX];
	struct connection *c = ctx;
	size_t len;

	(void)user_data;
	if (c->state != CONNECTION_OFFERED)
		return err_set(e, ECANCELED, "the program has left");
	timer_stop(c);
	pump_init(&c->pump, &pump_ops, c, channel);
	state_set(c, CONNECTION_OPEN);
	if (c->direction == PORT_FROM_HOST) {
		len = greeting_answer(c->own_port, answer);
		/* It is the first that is sent there: it fits. */
		send(c->fd, answer, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	watch(c);
	return 0;
}

static void
on_receive(void *ctx, struct channel *channel)
{
	struct connection *c = ctx;

	(void)channel;
	/* A program that is full tells when it is not. */
	if (c->state == CONNECTION_OPEN && !c->host_full)
		move_to_host(c);
}

static void
on_writable(void *ctx, struct channel *channel)
{
	struct connection *c = ctx;

	(void)channel;
	if (c->state == CONNECTION_OPEN)
		move_to_guest(c);
}

/* Keep what the guest has sent; the ring is its own again. */
static void
rest_take(struct connection *c)
{
	size_t room = pump_waiting(&c->pump);

	if (room > 0 && c->ops->keep(c->ctx, room)) {
		c->rest_room = room;
		c->rest = malloc(room);
	}
	if (c->rest == NULL) {
		socket_end(c);
		return;
	}
	c->rest_size = pump_rest(&c->pump, c->rest, c->rest_room);
	c->rest_moved = now(c);
	state_set(c, CONNECTION_RESTING);
	watch(c);
}

/* The guest, or its program, is gone: what it has sent still goes on. */
static void
on_close(void *ctx, struct channel *channel)
{
	struct connection *c = ctx;

	(void)channel;
	if (c->state == CONNECTION_OPEN) {
		enum pump_result result = pump_to_host(&c->pump);

		if (result == PUMP_BLOCKED || result == PUMP_MORE)
			rest_take(c);
		else
			socket_end(c);
	}
	offer_rescind(c->offer);
	offer_closed(c->offer);
}

static void
on_broken(void *ctx)
{
	const struct connection *c = ctx;

	fprintf(stderr, "the guest broke the ring of a connection to port "
	    "%u\n", c->port);
}

static void
on_released(void *ctx, int status)
{
	struct connection *c = ctx;

	c->offer = NULL;
	if (status != 0 && c->direction == PORT_FROM_GUEST)
		provider_refuse_connect(c->provider, &c->instance_id,
		    &c->class_id);
	/* What is left of a guest that is gone goes on. */
	if (c->state != CONNECTION_RESTING && c->state != CONNECTION_OVER)
		socket_end(c);
	settle(c);
}

static const struct offer_ops offer_ops = {
	.open = on_open,
	.receive = on_receive,
	.writable = on_writable,
	.close = on_close,
	.broken = on_broken,
	.released = on_released,
};

void
connection_offer(struct connection *c)
{
	struct offer_setup setup;
	struct err e;

	port_offer(&setup, c->direction, &c->class_id, &c->instance_id);
	state_set(c, CONNECTION_OFFERED);
	c->offer = provider_offer(c->provider, &setup, &offer_ops, c, &e);
	if (c->offer == NULL) {
		connection_end(c);
		return;
	}
	timer_set(c, CONNECTION_OPEN_USEC);
	watch(c);
}

/* The program says what it wants. */
static void
ask(struct connection *c)
{
	char bytes[GREETING_MAX + 1];
	enum greeting_result result;
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_PEEK);
	size_t used;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection_end(c);
		return;
	}
	result = greeting_feed(&c->greeting, bytes, (size_t)n, &used,
	    &c->port);
	/* What comes behind the line is for the guest. */
	if (result == GREETING_WRONG ||
	    recv(c->fd, bytes, used, MSG_DONTWAIT) != (ssize_t)used) {
		connection_end(c);
		return;
	}
	if (result == GREETING_MORE)
		return;
	/* No guest is quickly said, as is one that is not there any more. */
	if (provider_guest_version(c->provider) == 0) {
		connection_end(c);
		return;
	}
	timer_stop(c);
	c->class_id = port_guid(c->port);
	state_set(c, CONNECTION_WAITING);
	watch(c);
	c->ops->waits(c->ctx, c);
}

static void
rest_send(struct connection *c)
{
	ssize_t n = send(c->fd, c->rest + c->rest_sent,
	    c->rest_size - c->rest_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		c->rest_sent += (size_t)n;
		c->rest_moved = now(c);
	}
	if (n < 0 || c->rest_sent == c->rest_size)
		connection_end(c);
}

static int
on_socket(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	const uint32_t gone = EPOLLHUP | EPOLLERR;
	struct connection *c = ctx;

	(void)source;
	(void)fd;
	switch (c->state) {
	case CONNECTION_ASKING:
		ask(c);
		break;
	case CONNECTION_OPEN:
		if (c->host_full && (events & (EPOLLOUT | gone)) != 0 &&
		    !move_to_host(c))
			break;
		if (!c->guest_full && !c->pump.host_ended &&
		    (events & (EPOLLIN | gone)) != 0)
			move_to_guest(c);
		break;
	case CONNECTION_RESTING:
		rest_send(c);
		break;
	default:
		if ((events & gone) != 0)
			connection_end(c);
		break;
	}
	return 0;
}

static int
socket_watch(struct connection *c, struct err *e)
{
	int ret = sd_event_add_io(c->event, &c->io, c->fd, EPOLLIN, on_socket,
	    c);

	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	return 0;
}

static void
refuse(struct connection *c)
{
	provider_refuse_connect(c->provider, &c->instance_id, &c->class_id);
	connection_end(c);
}

static void
dial(struct connection *c)
{
	int fd = c->ops->dial(c->ctx, c->port);
	struct err e;

	if (fd == -EAGAIN && now(c) < c->deadline) {
		timer_set(c, CONNECTION_REDIAL_USEC);
		return;
	}
	c->fd = fd < 0 ? -1 : fd;
	if (c->fd < 0 || socket_watch(c, &e) < 0)
		refuse(c);
	else
		connection_offer(c);
}

static int
on_time(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct connection *c = ctx;

	(void)source;
	(void)usec;
	if (c->state == CONNECTION_DIALING)
		dial(c);
	else
		connection_end(c);
	return 0;
}

static int
begin(struct connection *c, uint64_t patience, struct err *e)
{
	int ret = sd_event_add_time(c->event, &c->timer, CLOCK_MONOTONIC,
	    now(c) + patience, TIMER_ACCURACY, on_time, c);

	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	return 0;
}

int
connection_from_host(struct connection *c, int fd, uint32_t own_port,
    const uint8_t unique[12], struct err *e)
{
	c->state = CONNECTION_ASKING;
	c->direction = PORT_FROM_HOST;
	c->own_port = own_port;
	c->instance_id = port_instance(own_port, unique);
	c->fd = fd;
	if (begin(c, CONNECTION_ASK_USEC, e) < 0 || socket_watch(c, e) < 0)
		return -1;
	return 0;
}

int
connection_from_guest(struct connection *c, const struct guid *endpoint,
    const struct guid *service, struct err *e)
{
	c->state = CONNECTION_DIALING;
	c->direction = PORT_FROM_GUEST;
	c->instance_id = *endpoint;
	c->class_id = *service;
	c->fd = -1;
	if (!port_of_guid(endpoint, &c->own_port) ||
	    !port_of_guid(service, &c->port))
		return err_set(e, EINVAL, "not a port");
	if (begin(c, 0, e) < 0)
		return -1;
	timer_stop(c);
	c->deadline = now(c) + CONNECTION_DIAL_USEC;
	dial(c);
	return 0;
}

bool
connection_stale(const struct connection *c)
{
	return c->state == CONNECTION_RESTING &&
	    now(c) - c->rest_moved >= CONNECTION_STALE_USEC;
}

void
connection_destroy(struct connection *c)
{
	socket_end(c);
}
