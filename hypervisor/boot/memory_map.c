/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on the map of physical memory. */

#include "boot/memory_map.h"

#include "core/string.h"

/* Joins neighbours of one type; the map only gets shorter. */
static void
map_merge(struct memory_map *map)
{
	size_t from;
	size_t to = 0;

	if (map->count == 0)
		return;
	for (from = 1; from < map->count; from++) {
		struct memory_range *last = &map->range[to];
		const struct memory_range *r = &map->range[from];

		if (r->type == last->type && r->start == last->end)
			last->end = r->end;
		else
			map->range[++to] = *r;
	}
	map->count = to + 1;
}

/* Makes @addr a boundary: splits the range that it lies inside of, if any. */
static void
map_split(struct memory_map *map, uint64_t addr)
{
	for (size_t i = 0; i < map->count; i++) {
		struct memory_range *r = &map->range[i];

		if (r->start < addr && addr < r->end) {
			memmove(r + 1, r, (map->count - i) * sizeof(*r));
			map->count++;
			r[0].end = addr;
			r[1].start = addr;
			return;
		}
	}
}

bool
memory_map_paint(struct memory_map *map, uint64_t start, uint64_t end,
	uint32_t type)
{
	struct memory_range *first;
	size_t inside = 0;
	size_t i = 0;

	if (start >= end)
		return true;
	/* Two splits and one insertion are the most it can take. */
	if (map->count + 3 > MEMORY_RANGES_MAX)
		return false;

	map_split(map, start);
	map_split(map, end);
	while (i < map->count && map->range[i].end <= start)
		i++;
	first = &map->range[i];
	while (i + inside < map->count && first[inside].end <= end)
		inside++;

	memmove(first + 1, first + inside,
	    (map->count - i - inside) * sizeof(*first));
	map->count = map->count - inside + 1;
	*first = (struct memory_range){ start, end, type };
	map_merge(map);
	return true;
}

uint32_t
memory_map_type(const struct memory_map *map, uint64_t addr)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->range[i].start <= addr && addr < map->range[i].end)
			return map->range[i].type;
	return 0;
}

static bool
range_fit(const struct memory_range *r, const struct memory_request *want,
	uint64_t *found)
{
	uint64_t low = MAX(r->start, want->min);
	uint64_t high = MIN(r->end, want->max);
	uint64_t at;

	if (r->type != MEMORY_RAM || low >= high || high - low < want->size)
		return false;
	if (want->from_top) {
		at = align_down(high - want->size, want->align);
		if (at < low)
			return false;
	} else {
		at = align_up(low, want->align);
		if (at < low || at > high - want->size)
			return false;
	}
	*found = at;
	return true;
}

bool
memory_map_find(const struct memory_map *map,
	const struct memory_request *want, uint64_t *found)
{
	for (size_t i = 0; i < map->count; i++) {
		size_t at = want->from_top ? map->count - 1 - i : i;

		if (range_fit(&map->range[at], want, found))
			return true;
	}
	return false;
}

uint64_t
memory_map_ram(const struct memory_map *map)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < map->count; i++)
		if (map->range[i].type == MEMORY_RAM)
			sum += map->range[i].end - map->range[i].start;
	return sum;
}

uint64_t
memory_map_ram_end(const struct memory_map *map)
{
	uint64_t end = 0;

	for (size_t i = 0; i < map->count; i++)
		if (map->range[i].type == MEMORY_RAM)
			end = map->range[i].end;
	return end;
}
