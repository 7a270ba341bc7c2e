/* SPDX-License-Identifier: Apache-2.0 */
/* Rings whose pages lie anywhere in the guest, as one piece of memory. */
#ifndef MULLION_VMBUS_RING_MAP_H
#define MULLION_VMBUS_RING_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "vmbus/gpadl.h"
#include "vmbus/memory.h"

struct ring_map {
	uint8_t *base;
	size_t bytes;
	void *mapped;		/* to be unmapped; NULL: in one piece */
};

/*
 * Have all pages of @g, which begins at a page, one after the other. @fd is
 * the memory file of @memory.
 */
int ring_map_create(struct ring_map *map, const struct gpadl *g,
    const struct memory *memory, int fd, struct err *e);

void ring_map_destroy(struct ring_map *map);

#endif
