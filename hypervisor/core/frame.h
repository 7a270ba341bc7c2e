/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames of RAM the hypervisor has: its own and the deposited ones. */
#ifndef HV_CORE_FRAME_H
#define HV_CORE_FRAME_H

#include "boot/boot.h"

/*
 * Set up the record of frames, from boot pages; once, before the parent runs.
 * False if the boot pages run out.
 */
bool frames_init(void);

/*
 * Claim the frame at @page for the hypervisor: only one caller gets it. False
 * if it is not RAM or the hypervisor has it already.
 */
bool frame_claim(spa_t page);

/* The hypervisor has the page at @page: false for what is no page of RAM. */
bool frame_claimed(spa_t page);

/* Give it back to the parent; it was claimed by frame_claim(). */
void frame_release(spa_t page);

/*
 * The @pages frames from @first on may be given to a child: the hypervisor
 * has none of them. Frames that are not RAM (devices) are allowed.
 */
bool frames_lendable(spa_t first, uint64_t pages);

/*
 * For the inline checks; does not change after frames_init(). @open has a bit
 * for each frame below @ram_end that is in the direct map and not private.
 */
struct frame_limits {
	uint64_t ram_end;
	const uint64_t *open;
	size_t count;
	const struct hv_region *region;
};
extern struct frame_limits frame_limits;

/* [@start, @start + @size) touches memory that only the hypervisor has. */
static inline bool
frames_private(spa_t start, uint64_t size)
{
	const struct frame_limits *l = &frame_limits;

	for (size_t i = 0; i < l->count; i++) {
		if (start.v < l->region[i].end.v &&
		    start.v + size > l->region[i].start.v)
			return true;
	}
	return false;
}

/*
 * The parent may have the hypervisor read and write the @size bytes at @start,
 * at least one: they are RAM, in the direct map, and not private.
 */
static inline bool
frames_open(spa_t start, uint64_t size)
{
	const struct frame_limits *l = &frame_limits;
	uint64_t last;

	if (start.v >= l->ram_end || size > l->ram_end - start.v)
		return false;
	last = (start.v + size - 1) >> PAGE_SHIFT;
	for (uint64_t pfn = start.v >> PAGE_SHIFT; pfn <= last; pfn++) {
		if ((l->open[pfn / 64] >> (pfn % 64) & 1) == 0)
			return false;
	}
	return true;
}

#endif /* HV_CORE_FRAME_H */
