/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the hypervisor that shadow pages of a partition. */
#include "core/assert.h"
#include "core/gpamap_entry.h"
#include "core/memory_access.h"

/* The first words of a page of overlays link it to the others. */
#define OVERLAYS_A_PAGE \
	(PAGE_SIZE / sizeof(struct gpamap_overlay) - 1)

struct gpamap_overlay *
gpamap_overlay_base(struct gpamap *map, uint64_t gpn)
{
	struct gpamap_overlay *base = NULL;

	for (struct gpamap_overlay *o = map->overlays; o != NULL; o = o->next) {
		if (o->gpn == gpn)
			base = o;
	}
	ASSERT(base != NULL);
	return base;
}

static struct gpamap_overlay *
overlay_alloc(struct gpamap *map)
{
	struct gpamap_overlay *o = map->overlays_free;
	uint64_t *page;

	if (o == NULL) {
		page = pool_alloc(map->pool);
		if (page == NULL)
			return NULL;
		page[0] = (uint64_t)(uintptr_t)map->overlay_pages;
		map->overlay_pages = page;
		o = (struct gpamap_overlay *)(void *)page;
		for (unsigned int i = 1; i <= OVERLAYS_A_PAGE; i++) {
			o[i].next = map->overlays_free;
			map->overlays_free = &o[i];
		}
		o = map->overlays_free;
	}
	map->overlays_free = o->next;
	return o;
}

static void
overlay_free(struct gpamap *map, struct gpamap_overlay *o)
{
	o->next = map->overlays_free;
	map->overlays_free = o;
}

static enum hv_status
overlay_set(struct gpamap *map, struct gpamap_change *change, uint64_t gpn,
    uint64_t leaf)
{
	struct gpamap_overlay *o = overlay_alloc(map);
	uint64_t *entry;

	if (o == NULL)
		return HV_INSUFFICIENT_MEMORY;
	entry = gpamap_reach(map, change, gpn, 1);
	if (entry == NULL) {
		gpamap_prune(map, change, gpn);
		overlay_free(map, o);
		return HV_INSUFFICIENT_MEMORY;
	}
	*o = (struct gpamap_overlay){
		.next = map->overlays,
		.gpn = gpn,
		.page = leaf & NESTED_FRAME_MASK,
		.entry = leaf | map->format->overlay,
		/* Means something in the oldest one of this page only. */
		.under = *entry,
	};
	map->overlays = o;
	gpamap_replace(map, change, entry, 1, o->entry);
	return HV_SUCCESS;
}

enum hv_status
gpamap_overlay_set(struct gpamap *map, struct gpamap_change *change,
    uint64_t gpn, spa_t page, uint32_t perms)
{
	enum hv_status status;

	ASSERT((page.v & ~NESTED_FRAME_MASK) == 0 && perms != 0);
	if (gpn >= GPAMAP_MAX_GPN)
		return HV_INVALID_PARAMETER;
	spin_lock(&map->lock);
	status = overlay_set(map, change, gpn,
	    gpamap_leaf(map, page, perms, 1));
	spin_unlock(&map->lock);
	return status;
}

/* What is to be seen at @gpn once @gone, no longer listed, is away. */
static uint64_t
uncovered(struct gpamap *map, const struct gpamap_overlay *gone)
{
	struct gpamap_overlay *newest = NULL;
	struct gpamap_overlay *base = NULL;

	for (struct gpamap_overlay *o = map->overlays; o != NULL; o = o->next) {
		if (o->gpn != gone->gpn)
			continue;
		if (newest == NULL)
			newest = o;
		base = o;
	}
	if (base == NULL)
		return gone->under;
	/* @gone was older than all others: they inherit what is underneath. */
	if ((base->under & map->format->overlay) != 0 &&
	    (gone->under & map->format->overlay) == 0)
		base->under = gone->under;
	return newest->entry;
}

void
gpamap_overlay_clear(struct gpamap *map, struct gpamap_change *change,
    spa_t page)
{
	struct gpamap_overlay **link;
	struct gpamap_overlay *o;
	unsigned int at;
	uint64_t *entry;

	spin_lock(&map->lock);
	link = &map->overlays;
	while (*link != NULL && (*link)->page != page.v)
		link = &(*link)->next;
	o = *link;
	if (o != NULL) {
		*link = o->next;
		entry = gpamap_find(map, o->gpn, 1, &at);
		ASSERT(at == 1 && (*entry & map->format->overlay) != 0);
		gpamap_replace(map, change, entry, 1, uncovered(map, o));
		/* Else a child could have tables made all over the place. */
		gpamap_prune(map, change, o->gpn);
		overlay_free(map, o);
	}
	spin_unlock(&map->lock);
}
