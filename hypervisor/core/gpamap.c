/* SPDX-License-Identifier: Apache-2.0 */
/* The nested map: tables of four levels, their leaves split and merged. */

#include "core/assert.h"
#include "core/gpamap_entry.h"
#include "core/memory_access.h"

enum hv_status
gpamap_init(struct gpamap *map, const struct nested_format *format,
    struct pool *pool)
{
	*map = (struct gpamap){ .format = format, .pool = pool };
	spinlock_init(&map->lock, LOCK_RANK_GPAMAP);
	map->root = pool_alloc(pool);
	return map->root != NULL ? HV_SUCCESS : HV_INSUFFICIENT_MEMORY;
}

spa_t
gpamap_root(const struct gpamap *map)
{
	return map->root != NULL ? ptr_to_spa(map->root) : spa(0);
}

static bool
is_table(const struct gpamap *map, uint64_t entry, unsigned int level)
{
	return level > 1 && (entry & map->format->present) != 0 &&
	    (entry & map->format->large) == 0;
}

static uint64_t *
table_of(uint64_t entry)
{
	return spa_to_ptr(spa(entry & NESTED_FRAME_MASK));
}

static uint64_t *
slot(uint64_t *table, uint64_t gpn, unsigned int level)
{
	return &table[gpn / gpamap_span(level) % GPAMAP_TABLE_ENTRIES];
}

uint64_t *
gpamap_find(struct gpamap *map, uint64_t gpn, unsigned int level,
    unsigned int *found)
{
	unsigned int at = GPAMAP_LEVELS;
	uint64_t *entry = slot(map->root, gpn, at);

	while (at > level && is_table(map, *entry, at)) {
		at--;
		entry = slot(table_of(*entry), gpn, at);
	}
	*found = at;
	return entry;
}

/* Keep the number of leaves at @level right when @entry comes or goes. */
static void
count_leaf(struct gpamap *map, uint64_t entry, unsigned int level, int64_t by)
{
	uint64_t *counter = level == 1 ? &map->pages_4k :
	    level == 2 ? &map->pages_2m : &map->pages_1g;

	if ((entry & map->format->present) != 0)
		*counter += (uint64_t)by;
}

/*
 * Nothing leads to @table any more, but a processor may still walk it until
 * the flush: the link is an entry that is not present.
 */
static void
table_drop(struct gpamap_change *change, uint64_t *table)
{
	WRITE_ONCE(table[0], (uint64_t)(uintptr_t)change->pages);
	change->pages = table;
	change->flush = true;
}

void
gpamap_prune(struct gpamap *map, struct gpamap_change *change, uint64_t gpn)
{
	for (unsigned int level = 2; level <= GPAMAP_LEVELS; level++) {
		unsigned int at;
		uint64_t *above = gpamap_find(map, gpn, level, &at);
		uint64_t *table;

		if (!is_table(map, *above, at))
			continue;
		table = table_of(*above);
		for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++) {
			if (table[i] != 0)
				return;
		}
		atomic_store(above, 0);
		table_drop(change, table);
	}
}

void
gpamap_reap(struct gpamap *map, struct gpamap_change *change)
{
	while (change->pages != NULL) {
		uint64_t *table = change->pages;

		change->pages = (void *)(uintptr_t)table[0];
		pool_free(map->pool, table);
	}
	change->flush = false;
}

/* Fill @table with what the entry above it, at @level, says. */
static void
split_fill(const struct gpamap *map, uint64_t *table, uint64_t entry,
    unsigned int level)
{
	uint64_t step = 0;

	if ((entry & map->format->present) != 0) {
		step = gpamap_span(level - 1) * PAGE_SIZE;
		if (level == 2)
			entry &= ~map->format->large;
	}
	for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++)
		table[i] = entry + i * step;
}

/* Make a table of the leaf or the absent entry *@entry. */
static bool
split(struct gpamap *map, struct gpamap_change *change, uint64_t *entry,
    unsigned int level)
{
	uint64_t *table = pool_alloc(map->pool);
	uint64_t old = *entry;
	uint64_t pointer;

	if (table == NULL)
		return false;
	pointer = ptr_to_spa(table).v | map->format->table;
	/* A processor may set the accessed and dirty bits meanwhile. */
	do {
		split_fill(map, table, old, level);
	} while (!atomic_cas(entry, &old, pointer));
	if ((old & map->format->present) != 0) {
		count_leaf(map, old, level, -1);
		count_leaf(map, old, level - 1, GPAMAP_TABLE_ENTRIES);
		change->flush = true;
	}
	return true;
}

uint64_t *
gpamap_reach(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    unsigned int level)
{
	unsigned int at;
	uint64_t *entry = gpamap_find(map, gpn, level, &at);

	while (at > level) {
		if (!split(map, change, entry, at))
			return NULL;
		at--;
		entry = slot(table_of(*entry), gpn, at);
	}
	return entry;
}

uint64_t
gpamap_leaf(const struct gpamap *map, spa_t page, uint32_t perms,
    unsigned int level)
{
	const struct nested_format *f = map->format;
	uint64_t entry = page.v | f->readable;

	if (perms == 0)
		return f->no_access;
	entry |= (perms & GPAMAP_WRITE) != 0 ? f->writable : 0;
	entry |= (perms & GPAMAP_EXECUTE) != 0 ? f->executable : f->no_execute;
	entry |= (perms & GPAMAP_UNCACHED) != 0 ? f->uncached : f->cached;
	return level > 1 ? entry | f->large : entry;
}

void
gpamap_replace(struct gpamap *map, struct gpamap_change *change,
    uint64_t *entry, unsigned int level, uint64_t value)
{
	const struct nested_format *f = map->format;
	uint64_t state = f->accessed | f->dirty;
	uint64_t old = *entry;
	uint64_t next;

	do {
		next = value;
		/* The same page again: what was done to it is still true. */
		if ((old & value & f->present) != 0 &&
		    ((old ^ value) & NESTED_FRAME_MASK) == 0)
			next |= old & state;
	} while (!atomic_cas(entry, &old, next));
	count_leaf(map, old, level, -1);
	count_leaf(map, next, level, 1);
	if ((old & f->present) != 0 && ((old ^ next) & ~state) != 0)
		change->flush = true;
}

/* Put a leaf or nothing in the place of a table that no overlay is in. */
static void
merge(struct gpamap *map, struct gpamap_change *change, uint64_t *entry,
    uint64_t value)
{
	const struct nested_format *f = map->format;
	uint64_t *table = table_of(*entry);
	uint64_t frame = value & NESTED_FRAME_MASK;
	bool same = false;

	for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++) {
		uint64_t old = READ_ONCE(table[i]);

		ASSERT((old & f->overlay) == 0);
		count_leaf(map, old, 1, -1);
		same = same || ((old & value & f->present) != 0 &&
		    (old & NESTED_FRAME_MASK) == frame + i * PAGE_SIZE);
	}
	/* Some may be used until the flush: better too dirty than too clean. */
	if (same)
		value |= f->accessed | f->dirty;
	count_leaf(map, value, 2, 1);
	atomic_store(entry, value);
	table_drop(change, table);
}

static bool
has_overlay(const struct gpamap *map, const uint64_t *table)
{
	if (map->overlays == NULL)
		return false;
	for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++) {
		if ((table[i] & map->format->overlay) != 0)
			return true;
	}
	return false;
}

/* One page, or what lies under the overlay that is there. */
static void
set_small(struct gpamap *map, struct gpamap_change *change, uint64_t *entry,
    uint64_t gpn, uint64_t value)
{
	if ((*entry & map->format->overlay) != 0)
		gpamap_overlay_base(map, gpn)->under = value;
	else
		gpamap_replace(map, change, entry, 1, value);
}

static void
set_large(struct gpamap *map, struct gpamap_change *change, uint64_t *entry,
    uint64_t gpn, uint64_t value)
{
	const struct nested_format *f = map->format;
	uint64_t step = (value & f->present) != 0 ? PAGE_SIZE : 0;
	uint64_t *table;

	if (!is_table(map, *entry, 2)) {
		gpamap_replace(map, change, entry, 2, value);
		return;
	}
	table = table_of(*entry);
	if (!has_overlay(map, table)) {
		merge(map, change, entry, value);
		return;
	}
	if (step != 0)
		value &= ~f->large;
	for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++)
		set_small(map, change, &table[i], gpn + i, value + i * step);
}

/*
 * The last page of a table was taken away: if all of them say the same, the
 * entry above can say it, and the table page is free for others.
 */
static void
collapse(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    uint64_t value)
{
	unsigned int at;
	uint64_t *above = gpamap_find(map, gpn, 2, &at);
	const uint64_t *table = table_of(*above);

	ASSERT(at == 2 && (value & map->format->present) == 0);
	for (unsigned int i = 0; i < GPAMAP_TABLE_ENTRIES; i++) {
		if (table[i] != value)
			return;
	}
	merge(map, change, above, value);
}

static enum hv_status
set_entry(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    unsigned int level, uint64_t value)
{
	bool absent = (value & map->format->present) == 0;
	unsigned int at;
	uint64_t *entry = gpamap_find(map, gpn, level, &at);

	/* No need to split what says it for a larger range. */
	if (at > level && absent && *entry == value)
		return HV_SUCCESS;
	if (at > level)
		entry = gpamap_reach(map, change, gpn, level);
	if (entry == NULL)
		return HV_INSUFFICIENT_MEMORY;
	if (level == 2) {
		set_large(map, change, entry, gpn, value);
		return HV_SUCCESS;
	}
	set_small(map, change, entry, gpn, value);
	if (absent && gpn % GPAMAP_TABLE_ENTRIES == GPAMAP_TABLE_ENTRIES - 1)
		collapse(map, change, gpn, value);
	return HV_SUCCESS;
}

/* Set one leaf to @value, if the page number is a possible one. */
static enum hv_status
set_leaf(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    unsigned int level, uint64_t value)
{
	enum hv_status status;

	if (gpn >= GPAMAP_MAX_GPN || !is_aligned(gpn, gpamap_span(level)))
		return HV_INVALID_PARAMETER;
	spin_lock(&map->lock);
	status = map->root == NULL ? HV_INVALID_PARTITION_STATE :
	    set_entry(map, change, gpn, level, value);
	spin_unlock(&map->lock);
	return status;
}

enum hv_status
gpamap_map(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    spa_t page, uint32_t perms, unsigned int level)
{
	uint64_t size = gpamap_span(level) * PAGE_SIZE;

	if ((perms != 0 && (perms & GPAMAP_READ) == 0) ||
	    !is_aligned(page.v, size) || (page.v & ~NESTED_FRAME_MASK) != 0)
		return HV_INVALID_PARAMETER;
	return set_leaf(map, change, gpn, level,
	    gpamap_leaf(map, page, perms, level));
}

enum hv_status
gpamap_unmap(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    unsigned int level)
{
	return set_leaf(map, change, gpn, level, 0);
}

/* Free the tables below @table and it, which is at @level. */
static void
table_free(struct gpamap *map, uint64_t *table, unsigned int level)
{
	/* Depth first without recursion: one position a level. */
	uint64_t *path[GPAMAP_LEVELS + 1];
	unsigned int at[GPAMAP_LEVELS + 1];
	unsigned int l = level;

	path[l] = table;
	at[l] = 0;
	while (l <= level) {
		uint64_t entry;

		if (l == 1 || at[l] == GPAMAP_TABLE_ENTRIES) {
			pool_free(map->pool, path[l]);
			l++;
			continue;
		}
		entry = path[l][at[l]++];
		if (is_table(map, entry, l)) {
			l--;
			path[l] = table_of(entry);
			at[l] = 0;
		}
	}
}

void
gpamap_destroy(struct gpamap *map)
{
	struct gpamap_change rest = { .pages = map->overlay_pages };

	if (map->root == NULL)
		return;
	table_free(map, map->root, GPAMAP_LEVELS);
	gpamap_reap(map, &rest);
	spin_lock(&map->lock);
	map->root = NULL;
	map->overlays = map->overlays_free = NULL;
	map->overlay_pages = NULL;
	map->pages_4k = map->pages_2m = map->pages_1g = 0;
	spin_unlock(&map->lock);
}
