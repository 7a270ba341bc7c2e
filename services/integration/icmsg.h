/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One channel of a utility service: negotiation, then one request at a time
 * and its answer. No system call is made here; times are microseconds of one
 * clock that never goes back.
 */
#ifndef MULLION_INTEGRATION_ICMSG_H
#define MULLION_INTEGRATION_ICMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "integration/wire.h"

#define IC_SECOND UINT64_C(1000000)
#define IC_NEVER UINT64_MAX
#define IC_BODY_MAX WIRE_KVP_SIZE
#define IC_PACKET_MAX (sizeof(struct ic_header) + IC_BODY_MAX)

enum ic_state {
	IC_CLOSED,	/* the guest has not opened the channel */
	IC_NEGOTIATING, /* for ever, perhaps: its daemon may not run */
	IC_READY,
	IC_REFUSED, /* we have no version in common */
};

/* A guest's answer. @body is valid during the call only. */
struct ic_answer {
	uint32_t status;
	const uint8_t *body;
	size_t size;
	bool late; /* its request timed out before; it counts no more */
};

struct ic;

/* What a service does about things that happen; each may be NULL. */
struct ic_ops {
	/* Negotiation is done: requests may be made. */
	void (*ready)(struct ic *ic, uint64_t now);
	/* The request has its answer; the next one may be made. */
	void (*answered)(struct ic *ic, const struct ic_answer *a,
	    uint64_t now);
	/* No answer in time. None may be made until there is a late one. */
	void (*missed)(struct ic *ic, uint64_t now);
	/* The time that ic_wake() set has come. */
	void (*woken)(struct ic *ic, uint64_t now);
	/* The guest closed the channel; nothing is outstanding any more. */
	void (*closed)(struct ic *ic, uint64_t now);
};

/* What a service is called on the wire. */
struct ic_protocol {
	enum ic_type type;
	const struct ic_version *framework;
	const struct ic_version *message;
	uint16_t framework_count;
	uint16_t message_count;
	struct ic_ops ops;
};

struct ic {
	const struct ic_protocol *protocol;
	enum ic_state state;
	struct ic_version framework; /* what was agreed upon */
	struct ic_version message;

	bool waiting; /* for the answer to a request */
	bool late;    /* which has timed out */
	uint8_t transaction;
	uint64_t deadline;
	uint64_t wake;
	uint64_t odd; /* packets that made no sense, of all times */

	size_t unsent; /* bytes of the packet below */
	uint8_t packet[IC_PACKET_MAX];
};

/* The framework versions that all services but the newest have. */
extern const struct ic_version ic_frameworks[2];

void ic_init(struct ic *ic, const struct ic_protocol *protocol);

/* The guest opened or closed the channel. */
void ic_open(struct ic *ic);
void ic_close(struct ic *ic, uint64_t now);

/* Whether a request can be made now. */
bool ic_idle(const struct ic *ic);

/* Whether @major.@minor or a later version was agreed upon. */
bool ic_has_version(const struct ic *ic, uint16_t major, uint16_t minor);

/*
 * Make a request with a body of @size bytes, at most IC_BODY_MAX; ic_idle()
 * must hold. The answer has @limit microseconds.
 */
void ic_request(struct ic *ic, const void *body, size_t size, uint64_t now,
    uint64_t limit);

/* Have .woken called at @at, or never. */
void ic_wake(struct ic *ic, uint64_t at);

/*
 * The packet that is to be sent, or NULL. It stays until ic_sent(): a ring may
 * be full.
 */
const uint8_t *ic_unsent(const struct ic *ic, size_t *size);
void ic_sent(struct ic *ic);

/* Take a packet of the guest, whatever it may hold. */
void ic_receive(struct ic *ic, const uint8_t *packet, size_t size,
    uint64_t now);

/* Let time pass, and when that has to be done next. */
void ic_tick(struct ic *ic, uint64_t now);
uint64_t ic_deadline(const struct ic *ic);

#endif
