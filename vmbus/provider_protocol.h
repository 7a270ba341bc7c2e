/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between the worker and a provider's process. */
#ifndef MULLION_VMBUS_PROVIDER_PROTOCOL_H
#define MULLION_VMBUS_PROVIDER_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "vmbus/guid.h"
#include "vmbus/memory.h"
#include "vmbus/message.h"

/*
 * The provider connects to vmbus.sock (SOCK_SEQPACKET), one structure is one
 * packet each way. The first are HELLO and WELCOME. An @offer is a number that
 * the provider chooses, not 0 and not in use by it at the time. A connection
 * that ends takes its offers with it: the worker rescinds them, but for lasting
 * ones. Why it ended, struct provider_word tells.
 *
 * provider                      worker
 * HELLO ----------------------> WELCOME  + memory file, figures file
 * OFFER ----------------------> OFFERED(status)
 *       <---------------------- GPADL_ADD      -> GPADL_ADDED(status)
 *       <---------------------- OPEN + 2 fds   -> OPENED(status)
 *       <---------------------- OPEN_LASTING, RESUME + 3 fds   -> likewise
 *       <---------------------- CLOSE          -> CLOSED
 *       <---------------------- GPADL_REMOVE   -> GPADL_REMOVED
 * RESCIND --------------------> RELEASED (when the guest has let go)
 * MEMORY_REQUEST -------------> MEMORY_ANSWER
 *
 * Answers follow their question, in order for one offer; CLOSE may follow OPEN
 * before OPENED. RELEASED also comes unasked, when the guest's connection ends
 * that a sub-channel or a socket was offered for. From RESCIND on the worker
 * expects no answers for the offer, and the provider ignores questions.
 *
 * An offer with a journal is lasting: a provider that is gone leaves it to the
 * next one that offers the same class, instance and sub-channel with a journal
 * of that size, for as long as the worker has patience. After OFFERED that one
 * is told of the page lists, and of a channel that is open by RESUME, with the
 * journal as it was left; see vmbus/journal.h.
 */

#define PROVIDER_PROTOCOL_VERSION	UINT32_C(2)
#define PROVIDER_SOCKET			"vmbus.sock"
/* The longest message: a page list of the largest GPADL. */
#define PROVIDER_MESSAGE_MAX		(32u + 8190u * 8u)
#define PROVIDER_FDS_MAX		3
#define PROVIDER_OFFERS_MAX		2047u

#define PROVIDER_LAYOUT(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type ": layout")

/* What a provider is; its uid is by this, too. */
enum provider_kind {
	PROVIDER_STORAGE = 1,
	PROVIDER_NETWORK = 2,
	PROVIDER_INTEGRATION = 3,
	PROVIDER_SOCKETS = 4,
	PROVIDER_RAW = 5,	/* which lends its channels */
	PROVIDER_MEMORY = 6,
	PROVIDER_KEYBOARD = 7,
	PROVIDER_KINDS,
};

enum provider_message {
	PROVIDER_HELLO = 1,
	PROVIDER_OFFER = 2,
	PROVIDER_RESCIND = 3,
	PROVIDER_GPADL_ADDED = 4,
	PROVIDER_GPADL_REMOVED = 5,
	PROVIDER_OPENED = 6,
	PROVIDER_CLOSED = 7,
	PROVIDER_CONNECT_REFUSED = 8,	/* sockets only */
	PROVIDER_TIME_REQUEST = 9,
	PROVIDER_MEMORY_REQUEST = 12,	/* dynamic memory only */

	PROVIDER_WELCOME = 32,
	PROVIDER_OFFERED = 33,
	PROVIDER_RELEASED = 34,
	PROVIDER_GPADL_ADD = 35,
	PROVIDER_GPADL_REMOVE = 36,
	PROVIDER_OPEN = 37,
	PROVIDER_CLOSE = 38,
	PROVIDER_CONNECT_REQUEST = 39,	/* sockets only */
	PROVIDER_TIME = 40,
	PROVIDER_EVENT = 41,
	PROVIDER_OPEN_LASTING = 42,
	PROVIDER_RESUME = 43,
	PROVIDER_MEMORY_ANSWER = 44,	/* dynamic memory only */
};

/* Begins each message. @size is that of the whole. */
struct provider_head {
	uint32_t type;
	uint32_t size;
};

struct provider_hello {
	struct provider_head head;
	uint32_t version;		/* PROVIDER_PROTOCOL_VERSION */
	uint32_t kind;			/* enum provider_kind */
};
PROVIDER_LAYOUT(provider_hello, 16);

/*
 * With two descriptors: the guest's memory, and a file for the provider's
 * figures, which it maps and the worker reads when somebody wants to know.
 */
struct provider_welcome {
	struct provider_head head;
	uint32_t version;
	uint32_t uid;			/* to become, as group, too */
	uint64_t partition_id;
	uint32_t vps;
	uint32_t guest_version;		/* as in PROVIDER_CONTACT */
	uint64_t memory_size;
	uint32_t region_count;
	uint32_t padding;
	struct memory_region regions[MEMORY_REGIONS_MAX];
};
PROVIDER_LAYOUT(provider_welcome, 48 + 24 * 8);

struct provider_offer {
	struct provider_head head;
	uint32_t offer;
	uint16_t flags;
	uint16_t mmio_mib;
	uint16_t sub_channel;
	uint16_t padding;
	uint32_t journal_bytes;		/* 0: not lasting */
	struct guid class_id;
	struct guid instance_id;
	uint8_t user_data[MESSAGE_USER_DATA];
};
PROVIDER_LAYOUT(provider_offer, 24 + 32 + 120);

/*
 * What passed through the channel of an offer since it was opened, from the
 * provider's point of view. Kept by the provider, in the figures file.
 */
struct provider_figures {
	uint64_t packets_in, packets_out;
	uint64_t bytes_in, bytes_out;		/* without trailers */
	uint64_t signals_in, signals_out;
	uint64_t full;		/* how often a send found no room */
	uint64_t reserved;
};
PROVIDER_LAYOUT(provider_figures, 64);

/*
 * Where those of @offer are. Those of a raw channel have a page of their own:
 * who holds its other end keeps them, and is to see no other's.
 */
static inline size_t
provider_figures_offset(enum provider_kind kind, uint32_t offer)
{
	return offer * (kind == PROVIDER_RAW ? (size_t)MEMORY_PAGE :
	    sizeof(struct provider_figures));
}

static inline size_t
provider_figures_size(enum provider_kind kind)
{
	return provider_figures_offset(kind, PROVIDER_OFFERS_MAX + 1);
}

/*
 * At the beginning of the figures file, where no offer has its own. What the
 * worker writes here cannot be lost on a provider that does not read.
 */
struct provider_word {
	/*
	 * Not 0 when the connection closes: the worker gave this provider up,
	 * and the machine goes on. 0: it has ended with the machine.
	 */
	uint64_t given_up;
};
PROVIDER_LAYOUT(provider_word, 8);
_Static_assert(sizeof(struct provider_word) <= sizeof(struct provider_figures),
    "the first offer has the next place");

/*
 * RESCIND, OPENED, CLOSED, OFFERED, RELEASED, CLOSE, TIME_REQUEST (without
 * offer). @status is 0 or an errno number where there can be a failure.
 */
struct provider_short {
	struct provider_head head;
	uint32_t offer;
	uint32_t status;
};
PROVIDER_LAYOUT(provider_short, 16);

/* GPADL_ADDED, GPADL_REMOVE, GPADL_REMOVED */
struct provider_gpadl {
	struct provider_head head;
	uint32_t offer;
	uint32_t handle;
	uint32_t status;
	uint32_t padding;
};
PROVIDER_LAYOUT(provider_gpadl, 24);

/* GPADL_ADD: @page_count page numbers follow. The worker has checked them. */
struct provider_gpadl_add {
	struct provider_head head;
	uint32_t offer;
	uint32_t handle;
	uint32_t byte_count;
	uint32_t byte_offset;
	uint32_t page_count;
	uint32_t padding;
	uint64_t pfns[];
};
PROVIDER_LAYOUT(provider_gpadl_add, 32);

/*
 * OPEN, OPEN_LASTING, RESUME: with two eventfds, both non-blocking, the guest's
 * bell for us, ours for the guest. They are new with each OPEN. The last two
 * have the journal's memory as a third, zeros with OPEN_LASTING. The guest's
 * bell for PROVIDER_RAW may be a socket, which is only read.
 */
struct provider_open {
	struct provider_head head;
	uint32_t offer;
	uint32_t ring_gpadl;		/* one that was added before */
	uint32_t downstream_page;
	uint32_t target_vp;
	uint8_t user_data[MESSAGE_USER_DATA];
};
PROVIDER_LAYOUT(provider_open, 24 + 120);

/* CONNECT_REQUEST, CONNECT_REFUSED */
struct provider_connect {
	struct provider_head head;
	struct guid endpoint;
	struct guid service;
};
PROVIDER_LAYOUT(provider_connect, 40);

/* TIME: both clocks at one moment. */
struct provider_time {
	struct provider_head head;
	uint64_t reference;		/* the partition's, in 100 ns */
	uint64_t realtime;		/* the host's, in ns since 1970 */
};
PROVIDER_LAYOUT(provider_time, 24);

enum provider_event_kind {
	PROVIDER_CONTACT = 1,	/* a guest connected; @value: its version */
	PROVIDER_UNLOAD = 2,	/* it has left, or was reset */
	PROVIDER_PAUSED = 3,	/* its processors and its clock stand still */
	PROVIDER_RESUMED = 4,
	/*
	 * It leaves, or another kernel is there, and waits for what was asked
	 * before this; who keeps it waiting for 10 seconds is given up.
	 */
	PROVIDER_LEAVING = 5,
};

struct provider_event {
	struct provider_head head;
	uint32_t kind;
	uint32_t value;
};
PROVIDER_LAYOUT(provider_event, 16);

enum provider_memory_op {
	PROVIDER_MEMORY_TELL = 1,	/* nothing but the figures */
	/* The guest has given up the ranges: all, or none on a failure. */
	PROVIDER_MEMORY_GIVEN_UP = 2,
	/* The guest is to get back up to @pages; the answer says which. */
	PROVIDER_MEMORY_TAKE = 3,
	/* Add @pages at a multiple of @align; the answer says where. */
	PROVIDER_MEMORY_ADD = 4,
	/* The guest did not want the @pages that were added last. */
	PROVIDER_MEMORY_DROP = 5,
	PROVIDER_MEMORY_OPS,
};

/* What one message of the guest's protocol has room for. */
#define PROVIDER_MEMORY_RANGES_MAX	510u

struct provider_memory_range {
	uint64_t pfn;
	uint64_t pages;
};
PROVIDER_LAYOUT(provider_memory_range, 16);

/*
 * @epoch is that of the latest answer: ESTALE if there has been another guest
 * since. Where it does not matter it is not looked at.
 */
struct provider_memory_request {
	struct provider_head head;
	uint32_t op;			/* enum provider_memory_op */
	uint32_t range_count;
	uint64_t epoch;
	uint64_t pages;
	uint64_t align;			/* in pages */
	struct provider_memory_range ranges[];
};
PROVIDER_LAYOUT(provider_memory_request, 40);

/* Figures are in pages. */
struct provider_memory_answer {
	struct provider_head head;
	uint32_t op;
	uint32_t status;		/* 0 or an errno number */
	uint64_t epoch;
	uint64_t present;		/* that the guest knows of */
	uint64_t given_up;		/* of those */
	uint32_t range_count;
	uint32_t padding;
	struct provider_memory_range ranges[];
};
PROVIDER_LAYOUT(provider_memory_answer, 48);

#endif
