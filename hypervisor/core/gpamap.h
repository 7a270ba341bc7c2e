/* SPDX-License-Identifier: Apache-2.0 */
/* The nested map: from a partition's guest physical pages to real ones. */
#ifndef HV_CORE_GPAMAP_H
#define HV_CORE_GPAMAP_H

#include "core/nested_format.h"
#include "core/pool.h"
#include <tlfs/status.h>

#define GPAMAP_MAX_GPN		(UINT64_C(1) << 36)

/* Permissions and kind of a mapping; 0 is "no access". */
enum {
	GPAMAP_READ	= 1u << 0,
	GPAMAP_WRITE	= 1u << 1,
	GPAMAP_EXECUTE	= 1u << 2,
	GPAMAP_UNCACHED	= 1u << 3,
};

enum gpamap_state {
	GPAMAP_UNMAPPED,	/* the parent never said anything of it */
	GPAMAP_NO_ACCESS,	/* it is memory, and not there just now */
	GPAMAP_MAPPED,
};

struct gpamap_overlay;

/*
 * What a caller has changed and processors may not know yet; starts as zeros.
 * Who changes a map passes the same one to any number of changes, then calls
 * partition_commit(), which flushes if it has to and frees the table pages
 * that nothing leads to any more.
 */
struct gpamap_change {
	bool flush;		/* old translations may still be in use */
	void *pages;		/* unreachable once they are flushed, linked */
};

/*
 * Functions on a map take its lock, rank LOCK_RANK_GPAMAP, but for the init,
 * destroy and root ones. Table pages come from @pool.
 */
struct gpamap {
	struct spinlock lock;
	bool identity;		/* faults are filled in 1:1 */
	bool huge;		/* leaves of 1 GiB are allowed */
	const struct nested_format *format;
	struct pool *pool;
	uint64_t *root;
	struct gpamap_overlay *overlays;	/* the newest first */
	struct gpamap_overlay *overlays_free;
	void *overlay_pages;	/* that all of these are in, linked */
	uint64_t pages_4k;	/* present leaves, for statistics */
	uint64_t pages_2m;
	uint64_t pages_1g;
};

/* What a page number leads to. */
struct gpamap_entry {
	enum gpamap_state state;
	uint32_t perms;		/* GPAMAP_READ ..., if mapped */
	bool overlay;		/* a page of ours is shown there */
	spa_t page;		/* if mapped: the 4 KiB page */
};

/* 4 KiB pages that a leaf at @level covers. */
static inline uint64_t
gpamap_span(unsigned int level)
{
	return UINT64_C(1) << (9 * (level - 1));
}

/* An empty map. Errors: HV_INSUFFICIENT_MEMORY, then there is none. */
enum hv_status gpamap_init(struct gpamap *map,
    const struct nested_format *format, struct pool *pool);

/* Give all pages of it back; no processor may use it any more. */
void gpamap_destroy(struct gpamap *map);

/* Where the processor finds the map; spa(0) if there is none. */
spa_t gpamap_root(const struct gpamap *map);

/*
 * Show the page at @page at @gpn, or with @perms 0 nothing but the fact that
 * memory belongs there; whatever was there before. Level 2 is for 2 MiB and
 * wants @gpn and @page aligned. Under an overlay the change is to what lies
 * underneath. Errors: HV_INVALID_PARAMETER (not aligned, too high, write or
 * execute without read), HV_INSUFFICIENT_MEMORY; then nothing changed.
 */
enum hv_status gpamap_map(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, spa_t page, uint32_t perms, unsigned int level);

/* Back to GPAMAP_UNMAPPED, with the same errors. */
enum hv_status gpamap_unmap(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, unsigned int level);

/*
 * Have the hypervisor's page @page shadow @gpn until the overlay is cleared.
 * Several may be set on one page: the newest is seen. @page identifies an
 * overlay and stays the caller's. Errors as above.
 */
enum hv_status gpamap_overlay_set(struct gpamap *map,
    struct gpamap_change *change, uint64_t gpn, spa_t page, uint32_t perms);

/* Take the overlay of @page away, wherever it is; harmless if there is none. */
void gpamap_overlay_clear(struct gpamap *map, struct gpamap_change *change,
    spa_t page);

/* What @gpn leads to now. */
struct gpamap_entry gpamap_query(struct gpamap *map, uint64_t gpn);

/*
 * The access state (HV_GPA_STATE_*) of @gpn, read and then changed as @flags
 * (HV_GPA_CLEAR_ACCESSED ...) say. Where there is no memory for a finer view of
 * a large page, clearing is left out and setting hits all of it: a state is
 * never lost. 0 where nothing is mapped.
 */
uint8_t gpamap_access_state(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, uint64_t flags);

/*
 * Copy @size bytes within one page, to (@write) or from guest memory at @addr.
 * Anything but GPAMAP_MAPPED: nothing was copied, because the page is not
 * there or does not permit it. A page written to becomes dirty.
 */
enum gpamap_state gpamap_copy(struct gpamap *map, gpa_t addr, void *buf,
    size_t size, bool write);

/*
 * Write @value to the word of 4 or 8 bytes at @addr, if it is still @old and
 * may be written: processors of the guest change it meanwhile.
 */
void gpamap_exchange(struct gpamap *map, gpa_t addr, size_t size, uint64_t old,
    uint64_t value);

/*
 * Make @map an identity map that is filled when it is used: all but the
 * hypervisor's private memory (frames_private()).
 */
void gpamap_identity(struct gpamap *map);

/*
 * Serve a fault at @gpn of an identity map, with the largest leaf that leaves
 * private memory out. HV_ACCESS_DENIED if @gpn is private, else errors as
 * above. Nothing has to be flushed.
 */
enum hv_status gpamap_identity_fault(struct gpamap *map, uint64_t gpn);

/* Free what @change has collected; everything is flushed. */
void gpamap_reap(struct gpamap *map, struct gpamap_change *change);

#endif /* HV_CORE_GPAMAP_H */
