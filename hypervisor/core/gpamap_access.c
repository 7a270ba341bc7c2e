/* SPDX-License-Identifier: Apache-2.0 */
/* Using a nested map: queries, copies, access states, the parent's faults. */
#include "core/assert.h"
#include "core/frame.h"
#include "core/gpamap_entry.h"
#include "core/memory_access.h"
#include "core/string.h"
#include <tlfs/memory.h>

static uint32_t
entry_perms(const struct nested_format *f, uint64_t entry)
{
	bool execute = f->executable != 0 ? (entry & f->executable) != 0 :
	    (entry & f->no_execute) == 0;
	uint32_t perms = GPAMAP_READ;

	if ((entry & f->writable) != 0)
		perms |= GPAMAP_WRITE;
	if (execute)
		perms |= GPAMAP_EXECUTE;
	if ((entry & (f->cached | f->uncached)) == f->uncached)
		perms |= GPAMAP_UNCACHED;
	return perms;
}

static struct gpamap_entry
entry_describe(const struct gpamap *map, uint64_t entry, uint64_t gpn,
    unsigned int level)
{
	const struct nested_format *f = map->format;
	uint64_t inside = gpn % gpamap_span(level) * PAGE_SIZE;
	struct gpamap_entry e = { .overlay = (entry & f->overlay) != 0 };

	if ((entry & f->present) != 0) {
		e.state = GPAMAP_MAPPED;
		e.perms = entry_perms(f, entry);
		e.page = spa((entry & NESTED_FRAME_MASK) + inside);
	} else if ((entry & f->no_access) != 0) {
		e.state = GPAMAP_NO_ACCESS;
	}
	return e;
}

struct gpamap_entry
gpamap_query(struct gpamap *map, uint64_t gpn)
{
	struct gpamap_entry e = { 0 };
	unsigned int at;
	const uint64_t *entry;

	if (gpn >= GPAMAP_MAX_GPN)
		return e;
	spin_lock(&map->lock);
	if (map->root != NULL) {
		entry = gpamap_find(map, gpn, 1, &at);
		e = entry_describe(map, READ_ONCE(*entry), gpn, at);
	}
	spin_unlock(&map->lock);
	return e;
}

/*
 * Where we have @addr, which is to be read or written. With the lock held, so
 * that the page cannot go away meanwhile.
 */
static enum gpamap_state
page_reach(struct gpamap *map, gpa_t addr, bool write, void **place)
{
	const struct nested_format *f = map->format;
	uint64_t gpn = addr.v / PAGE_SIZE;
	struct gpamap_entry e;
	uint64_t *entry;
	unsigned int at;

	if (gpn >= GPAMAP_MAX_GPN || map->root == NULL)
		return GPAMAP_UNMAPPED;
	entry = gpamap_find(map, gpn, 1, &at);
	e = entry_describe(map, READ_ONCE(*entry), gpn, at);
	if (e.state != GPAMAP_MAPPED)
		return e.state;
	/* A device's memory that the parent lends is not for us to touch. */
	if ((write && (e.perms & GPAMAP_WRITE) == 0) ||
	    !(e.overlay || frames_open(e.page, PAGE_SIZE)))
		return GPAMAP_NO_ACCESS;
	if (write)
		atomic_fetch_or(entry, f->accessed | f->dirty);
	*place = (uint8_t *)spa_to_ptr(e.page) + addr.v % PAGE_SIZE;
	return GPAMAP_MAPPED;
}

enum gpamap_state
gpamap_copy(struct gpamap *map, gpa_t addr, void *buf, size_t size, bool write)
{
	enum gpamap_state state;
	void *place;

	ASSERT(size <= PAGE_SIZE - addr.v % PAGE_SIZE);
	spin_lock(&map->lock);
	state = page_reach(map, addr, write, &place);
	if (state == GPAMAP_MAPPED)
		memcpy(write ? place : buf, write ? buf : place, size);
	spin_unlock(&map->lock);
	return state;
}

void
gpamap_exchange(struct gpamap *map, gpa_t addr, size_t size, uint64_t old,
    uint64_t value)
{
	uint32_t old32 = (uint32_t)old;
	void *place;

	ASSERT(is_aligned(addr.v, size));
	spin_lock(&map->lock);
	if (page_reach(map, addr, true, &place) != GPAMAP_MAPPED)
		size = 0;
	if (size == sizeof(old))
		atomic_cas((uint64_t *)place, &old, value);
	else if (size == sizeof(old32))
		atomic_cas((uint32_t *)place, &old32, (uint32_t)value);
	spin_unlock(&map->lock);
}

/* Change the state bits of *@entry as @flags say; returns what they were. */
static uint64_t
state_change(const struct nested_format *f, uint64_t *entry, uint64_t flags)
{
	uint64_t clear = 0;
	uint64_t set = 0;
	uint64_t old;

	clear |= (flags & HV_GPA_CLEAR_ACCESSED) != 0 ? f->accessed : 0;
	clear |= (flags & HV_GPA_CLEAR_DIRTY) != 0 ? f->dirty : 0;
	set |= (flags & HV_GPA_SET_ACCESSED) != 0 ? f->accessed : 0;
	set |= (flags & HV_GPA_SET_DIRTY) != 0 ? f->dirty : 0;
	old = READ_ONCE(*entry);
	if ((old & clear) != 0)
		old = atomic_fetch_and(entry, ~clear);
	if ((~old & set) != 0)
		atomic_fetch_or(entry, set);
	return old;
}

static uint8_t
access_state(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    uint64_t flags)
{
	const struct nested_format *f = map->format;
	unsigned int at;
	uint64_t *entry = gpamap_find(map, gpn, 1, &at);
	uint64_t *small = entry;
	uint8_t state = 0;
	uint64_t old;

	if ((*entry & f->present) == 0)
		return 0;
	if (at > 1 && flags != 0)
		small = gpamap_reach(map, change, gpn, 1);
	if (small == NULL)
		flags &= ~(HV_GPA_CLEAR_ACCESSED | HV_GPA_CLEAR_DIRTY);
	else
		entry = small;
	if ((*entry & f->overlay) != 0) {
		entry = &gpamap_overlay_base(map, gpn)->under;
		if ((*entry & f->present) == 0)
			return 0;
	}
	old = state_change(f, entry, flags);
	/* A processor that has seen the bit set need not set it again. */
	if ((flags & (HV_GPA_CLEAR_ACCESSED | HV_GPA_CLEAR_DIRTY)) != 0 &&
	    (old & (f->accessed | f->dirty)) != 0)
		change->flush = true;
	if ((old & f->accessed) != 0)
		state |= HV_GPA_STATE_ACCESSED;
	if ((old & f->dirty) != 0)
		state |= HV_GPA_STATE_DIRTY;
	return state;
}

uint8_t
gpamap_access_state(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, uint64_t flags)
{
	uint8_t state = 0;

	if (gpn >= GPAMAP_MAX_GPN)
		return 0;
	spin_lock(&map->lock);
	if (map->root != NULL)
		state = access_state(map, change, gpn, flags);
	spin_unlock(&map->lock);
	return state;
}

void
gpamap_identity(struct gpamap *map)
{
	map->identity = true;
	map->huge = map->format->has_1g();
}

/* Fill with lock held: a processor may have been faster. */
static enum hv_status
identity_fill(struct gpamap *map, uint64_t gpn)
{
	const struct nested_format *f = map->format;
	struct gpamap_change nothing = { 0 };
	unsigned int level;
	uint64_t *entry = gpamap_find(map, gpn, 1, &level);
	uint64_t base, leaf;

	if ((*entry & f->present) != 0)
		return HV_SUCCESS;
	level = MIN(level, map->huge ? 3u : 2u);
	for (;; level--) {
		base = align_down(gpn, gpamap_span(level)) * PAGE_SIZE;
		if (!frames_private(spa(base), gpamap_span(level) * PAGE_SIZE))
			break;
		if (level == 1)
			return HV_ACCESS_DENIED;
	}
	entry = gpamap_reach(map, &nothing, gpn, level);
	if (entry == NULL)
		return HV_INSUFFICIENT_MEMORY;
	leaf = gpamap_leaf(map, spa(base),
	    GPAMAP_READ | GPAMAP_WRITE | GPAMAP_EXECUTE, level);
	/* Nobody asks for these states: save the processor setting them. */
	gpamap_replace(map, &nothing, entry, level,
	    leaf | f->accessed | f->dirty);
	ASSERT(!nothing.flush && nothing.pages == NULL);
	return HV_SUCCESS;
}

enum hv_status
gpamap_identity_fault(struct gpamap *map, uint64_t gpn)
{
	enum hv_status status;

	ASSERT(map->identity);
	if (gpn >= GPAMAP_MAX_GPN)
		return HV_INVALID_PARAMETER;
	spin_lock(&map->lock);
	status = identity_fill(map, gpn);
	spin_unlock(&map->lock);
	return status;
}
