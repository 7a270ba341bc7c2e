/* SPDX-License-Identifier: Apache-2.0 */
/* A map of physical memory: sorted ranges, each of one type, none overlaps. */
#ifndef HV_BOOT_MEMORY_MAP_H
#define HV_BOOT_MEMORY_MAP_H

#include "core/types.h"

/* Numbered as in the e820 map, which multiboot2 uses as well. */
enum memory_type {
	MEMORY_RAM = 1,
	MEMORY_RESERVED = 2,
	MEMORY_ACPI = 3,
	MEMORY_NVS = 4,
	MEMORY_UNUSABLE = 5,
	MEMORY_TAKEN = 100,	/* RAM that is in use; only while planning */
};

#define MEMORY_RANGES_MAX	512

struct memory_range {
	uint64_t start;
	uint64_t end;		/* first byte after it */
	uint32_t type;
};

struct memory_map {
	size_t count;
	struct memory_range range[MEMORY_RANGES_MAX];
};

/* What memory_map_find looks for: @size bytes at a multiple of @align. */
struct memory_request {
	uint64_t size;
	uint64_t align;		/* a power of two */
	uint64_t min;		/* not below */
	uint64_t max;		/* the last byte is below this */
	bool from_top;		/* the highest place instead of the lowest */
};

/*
 * Makes [start, end) of @type, whatever was there. False if the map has no
 * room for it: then nothing changed. An empty range changes nothing.
 */
bool memory_map_paint(struct memory_map *map, uint64_t start, uint64_t end,
	uint32_t type);

/* The type at @addr; 0 in a hole. */
uint32_t memory_map_type(const struct memory_map *map, uint64_t addr);

/* A place in RAM for @want; false if there is none. */
bool memory_map_find(const struct memory_map *map,
	const struct memory_request *want, uint64_t *found);

/* Bytes of RAM, and the end of the highest. */
uint64_t memory_map_ram(const struct memory_map *map);
uint64_t memory_map_ram_end(const struct memory_map *map);

#endif /* HV_BOOT_MEMORY_MAP_H */
