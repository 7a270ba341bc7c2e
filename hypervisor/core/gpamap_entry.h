/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the nested map share: walking it and changing an entry. */
#ifndef HV_CORE_GPAMAP_ENTRY_H
#define HV_CORE_GPAMAP_ENTRY_H

#include "core/gpamap.h"

/* Levels of tables; a leaf at level 2 has 2 MiB, at level 3 1 GiB. */
#define GPAMAP_LEVELS		4u
#define GPAMAP_TABLE_ENTRIES	512u

/*
 * A page that shadows another. The oldest one of a page number keeps in
 * @under what comes back when all of them are gone.
 */
struct gpamap_overlay {
	struct gpamap_overlay *next;
	uint64_t gpn;
	uint64_t page;
	uint64_t entry;
	uint64_t under;
};

/* All of these: with the map's lock held. */

/* The entry where the walk for @gpn ends, at @level or above. */
uint64_t *gpamap_find(struct gpamap *map, uint64_t gpn, unsigned int level,
    unsigned int *found);

/*
 * The entry for @gpn at @level, made by splitting what is above it; NULL if
 * there is no memory.
 */
uint64_t *gpamap_reach(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, unsigned int level);

/* An entry that maps @page, or is GPAMAP_NO_ACCESS if @perms is 0. */
uint64_t gpamap_leaf(const struct gpamap *map, spa_t page, uint32_t perms,
    unsigned int level);

/* Put @value into the leaf *@entry; keeps the access state of a frame. */
void gpamap_replace(struct gpamap *map, struct gpamap_change *change,
    uint64_t *entry, unsigned int level, uint64_t value);

/* Take away the tables that lead to @gpn and have no entry at all. */
void gpamap_prune(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn);

/* The oldest overlay of @gpn; there is one. */
struct gpamap_overlay *gpamap_overlay_base(struct gpamap *map, uint64_t gpn);

#endif /* HV_CORE_GPAMAP_ENTRY_H */
