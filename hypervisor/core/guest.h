/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the memory of a partition from the hypervisor. */
#ifndef HV_CORE_GUEST_H
#define HV_CORE_GUEST_H

#include "core/frame.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/string.h"

enum guest_access {
	GUEST_OK,
	GUEST_UNMAPPED,		/* nothing there that the parent told of */
	GUEST_NO_ACCESS,	/* memory, but not there or not permitted */
};

/* Which address failed, and how it was to be used. */
struct guest_fault {
	gpa_t gpa;
	enum guest_access kind;
	bool write;
};

/* The general forms; @fault may be NULL. They take the map's lock. */
enum guest_access guest_read_slow(struct partition *part, gpa_t from,
    void *to, size_t size, struct guest_fault *fault);
enum guest_access guest_write_slow(struct partition *part, gpa_t to,
    const void *from, size_t size, struct guest_fault *fault);

/* The parent sees its memory where it is, but for what is private. */
static inline bool
guest_is_identical(const struct partition *part, gpa_t addr, size_t size)
{
	return part->is_root && frames_open(spa(addr.v), size);
}

/*
 * Copy @size > 0 bytes, across pages if need be. What comes before a failing
 * address may have been copied.
 */
static inline enum guest_access
guest_read(struct partition *part, gpa_t from, void *to, size_t size,
    struct guest_fault *fault)
{
	if (!guest_is_identical(part, from, size))
		return guest_read_slow(part, from, to, size, fault);
	memcpy(to, spa_to_ptr(spa(from.v)), size);
	return GUEST_OK;
}

static inline enum guest_access
guest_write(struct partition *part, gpa_t to, const void *from, size_t size,
    struct guest_fault *fault)
{
	if (!guest_is_identical(part, to, size))
		return guest_write_slow(part, to, from, size, fault);
	memcpy(spa_to_ptr(spa(to.v)), from, size);
	return GUEST_OK;
}

/* Whether the page of @to could be written now. */
enum guest_access guest_probe_write(struct partition *part, gpa_t to,
    struct guest_fault *fault);

#endif /* HV_CORE_GUEST_H */
