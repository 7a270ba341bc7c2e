/* SPDX-License-Identifier: Apache-2.0 */
/* One connection between a program of the parent and one of the guest. */
#ifndef MULLION_SOCKETS_CONNECTION_H
#define MULLION_SOCKETS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "sockets/greeting.h"
#include "sockets/port.h"
#include "sockets/pump.h"

/* Who asks has to say for what in so long, and a guest to open in so long. */
#define CONNECTION_ASK_USEC	(UINT64_C(10) * 1000000)
#define CONNECTION_OPEN_USEC	(UINT64_C(3) * 1000000)
/* A program that reads nothing of what is left for so long may lose it. */
#define CONNECTION_STALE_USEC	(UINT64_C(60) * 1000000)
/* A guest that connects does not wait for longer than 2 s. */
#define CONNECTION_DIAL_USEC	(UINT64_C(1500) * 1000)
#define CONNECTION_REDIAL_USEC	(UINT64_C(20) * 1000)

enum connection_state {
	CONNECTION_ASKING,	/* a program has yet to say for what port */
	CONNECTION_WAITING,	/* for its turn to be offered */
	CONNECTION_DIALING,	/* the program that listens is busy */
	CONNECTION_OFFERED,
	CONNECTION_OPEN,
	CONNECTION_RESTING,	/* the guest is gone, its bytes are not */
	CONNECTION_OVER,	/* but for the offer */
};

struct connection;

/* What connections tell their owner. */
struct connection_ops {
	/* Of those from the host: it waits for connection_offer(). */
	void (*waits)(void *ctx, struct connection *c);

	/*
	 * Try to reach who listens for a guest: a descriptor; -EAGAIN: it is
	 * to be tried again; else another negative errno number.
	 */
	int (*dial)(void *ctx, uint32_t port);

	/* It has left a state; or nothing is left of it: it is to be freed. */
	void (*moved)(void *ctx, struct connection *c,
	    enum connection_state from);
	void (*over)(void *ctx, struct connection *c);

	/*
	 * Whether @room bytes of a guest that is gone may be kept; c->rest_room
	 * of those that are over are free again. Others may end for it.
	 */
	bool (*keep)(void *ctx, size_t room);
};

struct connection {
	const struct connection_ops *ops;
	void *ctx;
	struct connection *next, *previous;	/* the owner's */
	sd_event *event;
	struct provider *provider;

	enum connection_state state;
	enum port_direction direction;
	uint32_t port;			/* that is connected to */
	uint32_t own_port;		/* of who connects */
	struct guid class_id, instance_id;

	int fd;				/* -1: none */
	sd_event_source *io, *timer;
	uint64_t deadline;
	struct greeting greeting;
	struct offer *offer;
	struct pump pump;
	bool host_full, guest_full;	/* wait for them to take more */
	uint8_t *rest;
	size_t rest_room;		/* that was allowed */
	size_t rest_size, rest_sent;
	uint64_t rest_moved;	/* when any was taken; 0: it never rested */
};

/*
 * A program has connected by @fd, which is ours then, and will be seen as port
 * @own_port, named by @unique. -1: no memory.
 */
int connection_from_host(struct connection *c, int fd, uint32_t own_port,
    const uint8_t unique[12], struct err *e);

/* The guest connects: both GUIDs are those of ports. It may be over by then. */
int connection_from_guest(struct connection *c, const struct guid *endpoint,
    const struct guid *service, struct err *e);

/* The turn of one that waits has come. */
void connection_offer(struct connection *c);

/* Whether it rests, and nobody has taken anything for long. */
bool connection_stale(const struct connection *c);

/* End it: op over() follows, at once or when its offer is released. */
void connection_end(struct connection *c);

/* Drop it at once; no op but moved() is called, and its offer is left. */
void connection_destroy(struct connection *c);

#endif
