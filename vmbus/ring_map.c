/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping rings: most are in one piece already, others page by page. */
#include "vmbus/ring_map.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Lay the pages over @room, neighbours in one go. */
static int
pages_map(uint8_t *room, const struct gpadl *g, const struct memory *memory,
    int fd)
{
	uint32_t run;

	for (uint32_t i = 0; i < g->page_count; i += run) {
		int64_t at;

		run = gpadl_run(g, memory, i, &at);
		if (run == 0)
			return -1;
		if (mmap(room + (size_t)i * MEMORY_PAGE,
		    (size_t)run * MEMORY_PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, fd, at) == MAP_FAILED)
			return -1;
	}
	return 0;
}

int
ring_map_create(struct ring_map *map, const struct gpadl *g,
    const struct memory *memory, int fd, struct err *e)
{
	size_t bytes = (size_t)g->page_count * MEMORY_PAGE;
	struct iovec whole;
	uint8_t *room;

	if (gpadl_pieces(g, memory, 0, bytes, &whole, 1) == 1) {
		*map = (struct ring_map){ whole.iov_base, bytes, NULL };
		return 0;
	}
	room = mmap(NULL, bytes, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return err_set(e, errno, "rings: %s", strerror(errno));
	if (pages_map(room, g, memory, fd) < 0) {
		munmap(room, bytes);
		return err_set(e, EFAULT, "rings: pages cannot be mapped");
	}
	*map = (struct ring_map){ room, bytes, room };
	return 0;
}

void
ring_map_destroy(struct ring_map *map)
{
	if (map->mapped != NULL)
		munmap(map->mapped, map->bytes);
	*map = (struct ring_map){ .base = NULL };
}
