/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of a child's physical address space: pure arithmetic. */
#include "worker/memmap.h"

struct memmap
memmap_of(uint64_t bytes)
{
	struct memmap m = { .low = bytes, .high = 0 };

	if (bytes > MEMMAP_HOLE) {
		m.low = MEMMAP_HOLE;
		m.high = bytes - MEMMAP_HOLE;
	}
	return m;
}

struct memmap
memmap_with_room(uint64_t bytes, uint64_t most)
{
	uint64_t mask = MEMMAP_BLOCK - 1;

	if (most <= bytes)
		return memmap_of(bytes);
	return memmap_of(((bytes + mask) & ~mask) +
	    ((most - bytes + mask) & ~mask));
}

size_t
memmap_ranges(const struct memmap *m, struct memmap_range out[MEMMAP_E820_MAX])
{
	size_t n = 0;

	out[n++] = (struct memmap_range){ 0, MEMMAP_LOW_END, MEMMAP_RAM };
	out[n++] = (struct memmap_range){ MEMMAP_LOW_END,
	    MEMMAP_VGA - MEMMAP_LOW_END, MEMMAP_RESERVED };
	out[n++] = (struct memmap_range){ MEMMAP_ACPI, MEMMAP_ACPI_SIZE,
	    MEMMAP_ACPI_DATA };
	out[n++] = (struct memmap_range){ MEMMAP_KERNEL_MIN,
	    m->low - MEMMAP_KERNEL_MIN, MEMMAP_RAM };
	if (m->high != 0)
		out[n++] = (struct memmap_range){ MEMMAP_HOLE_END, m->high,
		    MEMMAP_RAM };
	return n;
}

uint64_t
memmap_high_window(const struct memmap *m)
{
	uint64_t top = MEMMAP_HOLE_END + m->high;

	return (top + MEMMAP_HIGH_WINDOW_ALIGN - 1) &
	    ~(MEMMAP_HIGH_WINDOW_ALIGN - 1);
}

int64_t
memmap_offset(const struct memmap *m, uint64_t gpa, uint64_t len)
{
	if (gpa <= m->low && len <= m->low - gpa)
		return (int64_t)gpa;
	if (gpa < MEMMAP_HOLE_END)
		return -1;
	gpa -= MEMMAP_HOLE_END;
	if (gpa <= m->high && len <= m->high - gpa)
		return (int64_t)(m->low + gpa);
	return -1;
}

uint64_t
memmap_address(const struct memmap *m, uint64_t offset)
{
	return offset < m->low ? offset : MEMMAP_HOLE_END + (offset - m->low);
}
