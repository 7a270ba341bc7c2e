/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a child's memory: what was added, what the guest gave up. */
#ifndef MULLION_WORKER_BALLOON_H
#define MULLION_WORKER_BALLOON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "vmbus/provider_protocol.h"
#include "worker/memmap.h"

#define BALLOON_PAGE UINT64_C(4096)

/*
 * Offsets are those of the memory file. What is added follows what there is
 * from the start, with at most one gap between.
 */
struct balloon {
	const struct memmap *room;
	uint64_t start;		/* [0, start) is there from the start */
	uint64_t added_from;	/* [added_from, added_to) was added */
	uint64_t added_to;
	uint64_t mapped_to;	/* of that and of earlier guests' */
	uint64_t *given_up;	/* a bit for each page of the file */
	uint64_t given_up_pages;
	uint64_t first_word;	/* of @given_up that may not be 0 */
	/* Counts guests: what concerns an earlier one is void. */
	uint64_t epoch;
};

/* @room is kept. ENOMEM. */
int balloon_init(struct balloon *b, uint64_t start, const struct memmap *room,
    struct err *e);
void balloon_destroy(struct balloon *b);

/* Pages that the guest knows of, whether given up or not. */
uint64_t balloon_present(const struct balloon *b);

/* Another guest begins: it has all its memory, and nothing that was added. */
void balloon_forget(struct balloon *b);

/* Where @r lies in the file; -1 unless the guest knows all of it. */
int64_t balloon_offset(const struct balloon *b,
    const struct provider_memory_range *r);

/*
 * The guest gives up @count ranges. EINVAL, and nothing changed, unless it has
 * all of their pages, each named once.
 */
int balloon_give_up(struct balloon *b,
    const struct provider_memory_range *ranges, unsigned count,
    struct err *e);

/*
 * Take up to @pages of those that were given up off the ledger, in up to
 * @room ranges. Returns how many ranges; 0: there are none.
 */
unsigned balloon_take(struct balloon *b, uint64_t pages,
    struct provider_memory_range *out, unsigned room);

/*
 * The next @pages that can be added at a multiple of @align pages. ENOSPC when
 * there is no room for them.
 */
int balloon_add(struct balloon *b, uint64_t pages, uint64_t align,
    struct provider_memory_range *out, struct err *e);

/* The last @pages that were added are not wanted. EINVAL: none were. */
int balloon_drop(struct balloon *b, uint64_t pages, struct err *e);

#endif
