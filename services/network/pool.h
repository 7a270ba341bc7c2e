/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a guest's receive buffer: free, filled, or with the guest. */
#ifndef MULLION_NETWORK_POOL_H
#define MULLION_NETWORK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX

enum pool_state {
	POOL_FREE,
	POOL_TAKEN,		/* ours: being filled, or about to be sent */
	POOL_SENT,		/* the first of what one packet named */
	POOL_SENT_WITH,		/* one of the others */
};

struct pool_entry {
	uint32_t next;		/* in the free list, or of the same packet */
	uint8_t state;
	uint8_t queue;		/* to which it was sent */
};

struct pool {
	struct pool_entry *entries;	/* NULL: there is no buffer */
	uint32_t count;
	uint32_t size;			/* of each, in bytes */
	uint32_t free;			/* the first, or POOL_NONE */
	uint32_t free_count;
};

/* @count parts of @size bytes, all free. False: no memory. */
bool pool_create(struct pool *p, uint32_t count, uint32_t size);

/* There is no buffer from then on. */
void pool_destroy(struct pool *p);

/* A free part is taken; POOL_NONE if there is none. */
uint32_t pool_take(struct pool *p);

/* Give back what was taken and not sent. */
void pool_give(struct pool *p, uint32_t index);

/*
 * The taken parts @indexes travel to @queue in one packet. Returns the
 * transaction id for it, from 1 on.
 */
uint64_t pool_send(struct pool *p, const uint32_t *indexes, unsigned count,
    unsigned queue);

/*
 * The guest is done with what @id named: they are free. False: no such packet
 * is with @queue.
 */
bool pool_complete(struct pool *p, uint64_t id, unsigned queue);

/* What is with @queue is free: the guest closed it. */
void pool_drop_queue(struct pool *p, unsigned queue);

#endif
