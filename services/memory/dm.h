/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One guest's dynamic memory: its driver on the one hand, the worker, who
 * keeps the ledger of pages, on the other. Nothing here makes a system call.
 */
#ifndef MULLION_MEMORY_DM_H
#define MULLION_MEMORY_DM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "memory/wire.h"
#include "vmbus/provider_protocol.h"

#define DM_NEVER UINT64_MAX
#define DM_SECOND UINT64_C(1000000)
#define DM_PAGE UINT64_C(4096)

/* A guest that takes longer for one step does not answer. */
#define DM_STEP_LIMIT (60 * DM_SECOND)

enum dm_state {
	DM_CLOSED,	/* no driver */
	DM_GREETING,	/* it has not said yet what it can do */
	DM_READY,
	DM_BROKEN,	/* it broke the rules, and is left alone */
};

/* What goes on with the guest, or is being asked of the worker for it. */
enum dm_step {
	DM_STEP_NONE,
	DM_STEP_BALLOON,	/* the guest is to give up pages */
	DM_STEP_TAKE,		/* the worker says which to return */
	DM_STEP_RETURN,		/* the guest takes them back */
	DM_STEP_ADD,		/* the worker adds memory */
	DM_STEP_OFFER,		/* the guest takes it */
	DM_STEP_DROP,		/* it did not; the worker is told */
};

struct dm {
	enum dm_state state;
	enum dm_step step;
	uint64_t min, max;	/* in pages; what may be asked for */

	/* What the worker said last; in pages. */
	bool has_figures;
	uint64_t epoch;
	uint64_t present;
	uint64_t given_up;

	/* What the guest can do, and what it said of itself. */
	uint64_t can;
	uint64_t align;		/* in pages */
	bool full;		/* it takes no more memory */
	bool has_pressure;
	uint64_t available;
	uint64_t committed;

	/* What somebody wants. */
	bool wanted;
	uint64_t goal;
	struct err outcome;	/* code EINPROGRESS while @wanted */

	uint64_t asked, got;	/* of the step; in pages */
	uint64_t deadline;	/* of the step; DM_NEVER: none */
	bool more;		/* the guest has more to say in it */
	bool for_worker;	/* the request waits for its answer */
	uint32_t transaction;

	size_t unsent;		/* bytes of @packet for the guest */
	_Alignas(8) uint8_t packet[DM_WIRE_MAX];
	bool request_unsent;
	struct provider_memory_request request;
	struct provider_memory_range ranges[PROVIDER_MEMORY_RANGES_MAX];
};

/* Limits are in pages. The worker is to be asked for its figures first. */
void dm_init(struct dm *d, uint64_t min, uint64_t max);

/* The guest's driver has opened the channel, or closed it. */
void dm_open(struct dm *d);
void dm_close(struct dm *d);

/* Another guest begins, or this one has left. */
void dm_forget(struct dm *d);

/*
 * Whether dm_receive() may be called: not while there is something unsent, or
 * the worker has not answered.
 */
bool dm_takes(const struct dm *d);

/* The guest sent a message. EPROTO when it makes no sense: then it is left
 * alone until it opens the channel anew. */
int dm_receive(struct dm *d, const uint8_t *message, size_t len, uint64_t now,
    struct err *e);

/* The worker answered the request. */
void dm_answer(struct dm *d, const struct provider_memory_answer *a,
    uint64_t now);

/* A message for the guest, of *@size bytes, or NULL; and that it was sent. */
const uint8_t *dm_unsent(const struct dm *d, size_t *size);
void dm_sent(struct dm *d, uint64_t now);

/* A request for the worker, once, or NULL. */
const struct provider_memory_request *dm_request(struct dm *d);

/*
 * Have the guest have @pages. ENOTCONN: it has no driver for it; EINVAL: that
 * is not within the limits; EBUSY: something else goes on. dm_outcome() tells
 * what becomes of it.
 */
int dm_set(struct dm *d, uint64_t pages, uint64_t now, struct err *e);

/* 0: done. -1: EINPROGRESS, or why the guest does not have what was wanted. */
int dm_outcome(const struct dm *d, struct err *e);

/* The guest has stood still: it has time anew. */
void dm_patience(struct dm *d, uint64_t now);

/* Time passes. */
void dm_tick(struct dm *d, uint64_t now);
uint64_t dm_deadline(const struct dm *d);

/* What the guest has, in pages. */
uint64_t dm_assigned(const struct dm *d);

/* What it needs by its own account, in pages; false: it has not said. */
bool dm_demanded(const struct dm *d, uint64_t *pages);

const char *dm_state_name(enum dm_state state);

#endif
