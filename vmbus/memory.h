/* SPDX-License-Identifier: Apache-2.0 */
/* A child's memory as a table of regions, and the way from page to pointer. */
#ifndef MULLION_VMBUS_MEMORY_H
#define MULLION_VMBUS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define MEMORY_PAGE		4096u
#define MEMORY_PAGE_SHIFT	12
#define MEMORY_REGIONS_MAX	8

/* Guest addresses from @gpa on are the @size bytes at @offset of the file. */
struct memory_region {
	uint64_t gpa;
	uint64_t size;
	uint64_t offset;
};

/* The memory file is mapped as a whole, from its start, at @base. */
struct memory {
	uint8_t *base;
	uint64_t size;
	unsigned region_count;
	struct memory_region regions[MEMORY_REGIONS_MAX];
};

/*
 * Check a table against the file's @size: whole pages, in the file, no
 * overlap, ascending. False if it is anything else; *@m is then untouched.
 */
bool memory_set(struct memory *m, uint8_t *base, uint64_t size,
    const struct memory_region *regions, unsigned count);

/* Where page @pfn lies in the memory file; -1 if it is not memory. */
int64_t memory_page_offset(const struct memory *m, uint64_t pfn);

/* The @len bytes at @gpa, or NULL if they are not all in one region. */
uint8_t *memory_at(const struct memory *m, uint64_t gpa, uint64_t len);

/*
 * The @len bytes that begin @offset bytes into the first of @count pages, as
 * pieces: neighbours are joined. Returns how many of the @room pieces were
 * filled, or -1: a page is not memory, or the pages or the room do not do.
 */
int memory_pieces(const struct memory *m, const uint64_t *pfns, size_t count,
    uint64_t offset, uint64_t len, struct iovec *iov, size_t room);

#endif
