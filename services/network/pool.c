/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which part of the receive buffer. */
#include "network/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
pool_create(struct pool *p, uint32_t count, uint32_t size)
{
	struct pool_entry *entries = calloc(count, sizeof(*entries));

	if (entries == NULL)
		return false;
	for (uint32_t i = 0; i < count; i++)
		entries[i].next = i + 1 < count ? i + 1 : POOL_NONE;
	p->entries = entries;
	p->count = count;
	p->size = size;
	p->free = 0;
	p->free_count = count;
	return true;
}

void
pool_destroy(struct pool *p)
{
	free(p->entries);
	memset(p, 0, sizeof(*p));
	p->free = POOL_NONE;
}

uint32_t
pool_take(struct pool *p)
{
	uint32_t index = p->free;

	if (p->entries == NULL || index == POOL_NONE)
		return POOL_NONE;
	p->free = p->entries[index].next;
	p->free_count--;
	p->entries[index].state = POOL_TAKEN;
	return index;
}

/* The last that came back is the next to go: it may still be in a cache. */
static void
entry_free(struct pool *p, uint32_t index)
{
	p->entries[index].state = POOL_FREE;
	p->entries[index].next = p->free;
	p->free = index;
	p->free_count++;
}

void
pool_give(struct pool *p, uint32_t index)
{
	assert(p->entries[index].state == POOL_TAKEN);
	entry_free(p, index);
}

uint64_t
pool_send(struct pool *p, const uint32_t *indexes, unsigned count,
    unsigned queue)
{
	assert(count > 0);
	for (unsigned i = 0; i < count; i++) {
		struct pool_entry *entry = &p->entries[indexes[i]];

		assert(entry->state == POOL_TAKEN);
		entry->state = i == 0 ? POOL_SENT : POOL_SENT_WITH;
		entry->queue = (uint8_t)queue;
		entry->next = i + 1 < count ? indexes[i + 1] : POOL_NONE;
	}
	return (uint64_t)indexes[0] + 1;
}

static void
packet_free(struct pool *p, uint32_t index)
{
	while (index != POOL_NONE) {
		uint32_t next = p->entries[index].next;

		entry_free(p, index);
		index = next;
	}
}

bool
pool_complete(struct pool *p, uint64_t id, unsigned queue)
{
	uint32_t index = (uint32_t)(id - 1);

	if (p->entries == NULL || id == 0 || id > p->count ||
	    p->entries[index].state != POOL_SENT ||
	    p->entries[index].queue != queue)
		return false;
	packet_free(p, index);
	return true;
}

void
pool_drop_queue(struct pool *p, unsigned queue)
{
	if (p->entries == NULL)
		return;
	for (uint32_t i = 0; i < p->count; i++)
		if (p->entries[i].state == POOL_SENT &&
		    p->entries[i].queue == queue)
			packet_free(p, i);
}
