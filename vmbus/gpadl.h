/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of guest pages under a handle: collected, checked, kept. */
#ifndef MULLION_VMBUS_GPADL_H
#define MULLION_VMBUS_GPADL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmbus/memory.h"

/* A range buffer has a 16-bit length: 8 bytes, then 8 for each page. */
#define GPADL_PAGES_MAX		8190u
/* What one child may have, finished or not. */
#define GPADL_COUNT_MAX		4096u
#define GPADL_TOTAL_PAGES_MAX	(UINT32_C(256) << 10)

#define GPADL_BUCKETS		256u

enum gpadl_state {
	GPADL_COLLECTING,	/* pages are missing */
	GPADL_ADDING,		/* complete, its provider is being told */
	GPADL_READY,
	GPADL_REMOVING,		/* its provider is letting go of it */
};

struct gpadl {
	struct gpadl *next;	/* in its bucket */
	uint32_t handle;
	uint32_t relid;
	uint32_t byte_count;
	uint32_t byte_offset;	/* in the first page */
	uint32_t page_count;
	uint32_t pages_have;
	enum gpadl_state state;
	bool answer_due;	/* the guest waits for this state's end */
	bool remove_due;	/* to be removed once it is added */
	uint64_t pfns[];
};

/* What of its pages a list covers. */
struct gpadl_extent {
	uint32_t byte_count;
	uint32_t byte_offset;
	uint32_t page_count;
};

struct gpadl_table {
	struct gpadl *buckets[GPADL_BUCKETS];
	uint32_t count;
	uint32_t total_pages;
};

enum gpadl_result {
	GPADL_MORE,		/* taken; more bodies are to come */
	GPADL_COMPLETE,		/* taken; all pages are there and are memory */
	GPADL_REFUSED,		/* the guest is to be told; nothing is kept */
	GPADL_IGNORED,		/* nothing to be said */
	GPADL_NO_MEMORY,
};

/*
 * Begin with a GPADL_HEADER message of @len bytes. Its relid is not looked at.
 * GPADL_REFUSED also stands for a handle in use: *@g is then NULL, and in
 * every case but GPADL_MORE and GPADL_COMPLETE.
 */
enum gpadl_result gpadl_begin(struct gpadl_table *t, const uint8_t *message,
    size_t len, const struct memory *memory, struct gpadl **g);

/*
 * Go on with a GPADL_BODY. GPADL_REFUSED leaves *@g set, still in the table,
 * for the caller to answer and free.
 */
enum gpadl_result gpadl_continue(struct gpadl_table *t,
    const uint8_t *message, size_t len, const struct memory *memory,
    struct gpadl **g);

/*
 * Put a list in whose pages are all known, GPADL_READY. NULL: the handle is in
 * use, or out of memory.
 */
struct gpadl *gpadl_put(struct gpadl_table *t, uint32_t relid,
    uint32_t handle, const struct gpadl_extent *extent,
    const uint64_t *pfns);

struct gpadl *gpadl_find(const struct gpadl_table *t, uint32_t handle);

/* One after @g, NULL for the first; NULL at the end. In no special order. */
struct gpadl *gpadl_next(const struct gpadl_table *t, const struct gpadl *g);

void gpadl_free(struct gpadl_table *t, struct gpadl *g);
void gpadl_free_all(struct gpadl_table *t);

/*
 * The @len bytes from @offset of the list on, as pieces of the child's memory.
 * Returns how many of @room were filled, or -1 if that is not in the list, or
 * not memory.
 */
int gpadl_pieces(const struct gpadl *g, const struct memory *memory,
    uint64_t offset, uint64_t len, struct iovec *iov, size_t room);

/*
 * How many pages from number @index of the list on lie one after the other in
 * the memory file, from *@offset on. 0: the first is not memory.
 */
uint32_t gpadl_run(const struct gpadl *g, const struct memory *memory,
    uint32_t index, int64_t *offset);

#endif
