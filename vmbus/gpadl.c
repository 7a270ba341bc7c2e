/* SPDX-License-Identifier: Apache-2.0 */
/* Page lists: a guest tells one in many messages and may lie in each. */
#include "vmbus/gpadl.h"

#include <stdlib.h>
#include <string.h>

#include "vmbus/message.h"

#define RANGE_HEAD 8u

static struct gpadl **
bucket_of(struct gpadl_table *t, uint32_t handle)
{
	return &t->buckets[handle % GPADL_BUCKETS];
}

struct gpadl *
gpadl_find(const struct gpadl_table *t, uint32_t handle)
{
	struct gpadl *g = t->buckets[handle % GPADL_BUCKETS];

	while (g != NULL && g->handle != handle)
		g = g->next;
	return g;
}

struct gpadl *
gpadl_next(const struct gpadl_table *t, const struct gpadl *g)
{
	uint32_t i = g == NULL ? 0 : g->handle % GPADL_BUCKETS + 1;

	if (g != NULL && g->next != NULL)
		return g->next;
	while (i < GPADL_BUCKETS && t->buckets[i] == NULL)
		i++;
	return i < GPADL_BUCKETS ? t->buckets[i] : NULL;
}

void
gpadl_free(struct gpadl_table *t, struct gpadl *g)
{
	struct gpadl **link = bucket_of(t, g->handle);

	while (*link != g)
		link = &(*link)->next;
	*link = g->next;
	t->count--;
	t->total_pages -= g->page_count;
	free(g);
}

void
gpadl_free_all(struct gpadl_table *t)
{
	struct gpadl *g;

	while ((g = gpadl_next(t, NULL)) != NULL)
		gpadl_free(t, g);
}

/* How many pages the header speaks of, or 0 if it contradicts itself. */
static uint32_t
pages_told(const struct message_gpadl_header *h)
{
	uint64_t pages = ((uint64_t)h->byte_offset + h->byte_count +
	    MEMORY_PAGE - 1) / MEMORY_PAGE;

	if (h->range_count != 1 || h->byte_count == 0 ||
	    h->byte_offset >= MEMORY_PAGE || pages > GPADL_PAGES_MAX ||
	    h->range_bytes != RANGE_HEAD + pages * sizeof(uint64_t))
		return 0;
	return (uint32_t)pages;
}

/* Take the page numbers that end a message. */
static enum gpadl_result
pages_take(struct gpadl *g, const uint8_t *bytes, size_t len,
    const struct memory *memory)
{
	size_t count = len / sizeof(uint64_t);

	if (count > g->page_count - g->pages_have)
		return GPADL_REFUSED;
	for (size_t i = 0; i < count; i++) {
		uint64_t pfn;

		memcpy(&pfn, bytes + i * sizeof(pfn), sizeof(pfn));
		if (memory_page_offset(memory, pfn) < 0)
			return GPADL_REFUSED;
		g->pfns[g->pages_have++] = pfn;
	}
	return g->pages_have == g->page_count ? GPADL_COMPLETE : GPADL_MORE;
}

static struct gpadl *
gpadl_insert(struct gpadl_table *t, uint32_t relid, uint32_t handle,
    const struct gpadl_extent *x)
{
	struct gpadl **link = bucket_of(t, handle);
	struct gpadl *g = calloc(1,
	    sizeof(*g) + x->page_count * sizeof(g->pfns[0]));

	if (g == NULL)
		return NULL;
	g->handle = handle;
	g->relid = relid;
	g->byte_count = x->byte_count;
	g->byte_offset = x->byte_offset;
	g->page_count = x->page_count;
	g->state = GPADL_COLLECTING;
	g->next = *link;
	*link = g;
	t->count++;
	t->total_pages += x->page_count;
	return g;
}

struct gpadl *
gpadl_put(struct gpadl_table *t, uint32_t relid, uint32_t handle,
    const struct gpadl_extent *extent, const uint64_t *pfns)
{
	struct gpadl *g = NULL;

	if (gpadl_find(t, handle) == NULL)
		g = gpadl_insert(t, relid, handle, extent);
	if (g == NULL)
		return NULL;
	memcpy(g->pfns, pfns, extent->page_count * sizeof(pfns[0]));
	g->pages_have = g->page_count;
	g->state = GPADL_READY;
	return g;
}

enum gpadl_result
gpadl_begin(struct gpadl_table *t, const uint8_t *message, size_t len,
    const struct memory *memory, struct gpadl **g)
{
	struct message_gpadl_header h;
	struct gpadl_extent extent;
	enum gpadl_result result;

	*g = NULL;
	if (len < sizeof(h))
		return GPADL_IGNORED;
	memcpy(&h, message, sizeof(h));
	extent = (struct gpadl_extent){ h.byte_count, h.byte_offset,
		pages_told(&h) };
	if (extent.page_count == 0 || gpadl_find(t, h.gpadl) != NULL ||
	    t->count >= GPADL_COUNT_MAX ||
	    extent.page_count > GPADL_TOTAL_PAGES_MAX - t->total_pages)
		return GPADL_REFUSED;
	*g = gpadl_insert(t, h.relid, h.gpadl, &extent);
	if (*g == NULL)
		return GPADL_NO_MEMORY;
	result = pages_take(*g, message + sizeof(h), len - sizeof(h), memory);
	if (result == GPADL_REFUSED) {
		gpadl_free(t, *g);
		*g = NULL;
	}
	return result;
}

enum gpadl_result
gpadl_continue(struct gpadl_table *t, const uint8_t *message, size_t len,
    const struct memory *memory, struct gpadl **g)
{
	struct message_gpadl_body b;

	*g = NULL;
	if (len < sizeof(b))
		return GPADL_IGNORED;
	memcpy(&b, message, sizeof(b));
	*g = gpadl_find(t, b.gpadl);
	if (*g == NULL || (*g)->state != GPADL_COLLECTING) {
		*g = NULL;
		return GPADL_IGNORED;
	}
	return pages_take(*g, message + sizeof(b), len - sizeof(b), memory);
}

int
gpadl_pieces(const struct gpadl *g, const struct memory *memory,
    uint64_t offset, uint64_t len, struct iovec *iov, size_t room)
{
	uint64_t start, page;

	if (offset > g->byte_count || len > g->byte_count - offset)
		return -1;
	if (len == 0)
		return 0;
	start = g->byte_offset + offset;
	page = start / MEMORY_PAGE;
	return memory_pieces(memory, g->pfns + page, g->page_count - page,
	    start % MEMORY_PAGE, len, iov, room);
}

uint32_t
gpadl_run(const struct gpadl *g, const struct memory *memory, uint32_t index,
    int64_t *offset)
{
	uint32_t run = 1;

	*offset = memory_page_offset(memory, g->pfns[index]);
	if (*offset < 0)
		return 0;
	while (index + run < g->page_count && memory_page_offset(memory,
	    g->pfns[index + run]) == *offset + (int64_t)run * MEMORY_PAGE)
		run++;
	return run;
}
