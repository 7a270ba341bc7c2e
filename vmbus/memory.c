/* SPDX-License-Identifier: Apache-2.0 */
/* Guest addresses: checked against the regions, never trusted. */
#include "vmbus/memory.h"

#include <string.h>

static bool
region_fits(const struct memory_region *r, uint64_t file_size, uint64_t above)
{
	uint64_t end, file_end;

	if ((r->gpa | r->size | r->offset) % MEMORY_PAGE != 0 || r->size == 0)
		return false;
	return !__builtin_add_overflow(r->gpa, r->size, &end) &&
	    !__builtin_add_overflow(r->offset, r->size, &file_end) &&
	    r->gpa >= above && file_end <= file_size;
}

bool
memory_set(struct memory *m, uint8_t *base, uint64_t size,
    const struct memory_region *regions, unsigned count)
{
	uint64_t above = 0;

	if (count == 0 || count > MEMORY_REGIONS_MAX)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!region_fits(&regions[i], size, above))
			return false;
		above = regions[i].gpa + regions[i].size;
	}
	m->base = base;
	m->size = size;
	m->region_count = count;
	memcpy(m->regions, regions, count * sizeof(regions[0]));
	return true;
}

/* Where the @len bytes at @gpa lie in the file, if in one region; or -1. */
static int64_t
offset_of(const struct memory *m, uint64_t gpa, uint64_t len)
{
	for (unsigned i = 0; i < m->region_count; i++) {
		const struct memory_region *r = &m->regions[i];

		if (gpa >= r->gpa && gpa - r->gpa < r->size &&
		    len <= r->size - (gpa - r->gpa))
			return (int64_t)(r->offset + (gpa - r->gpa));
	}
	return -1;
}

int64_t
memory_page_offset(const struct memory *m, uint64_t pfn)
{
	if (pfn > UINT64_MAX >> MEMORY_PAGE_SHIFT)
		return -1;
	return offset_of(m, pfn << MEMORY_PAGE_SHIFT, MEMORY_PAGE);
}

uint8_t *
memory_at(const struct memory *m, uint64_t gpa, uint64_t len)
{
	int64_t offset = offset_of(m, gpa, len);

	return offset < 0 ? NULL : m->base + offset;
}

int
memory_pieces(const struct memory *m, const uint64_t *pfns, size_t count,
    uint64_t offset, uint64_t len, struct iovec *iov, size_t room)
{
	size_t used = 0;

	if (offset >= MEMORY_PAGE || room > INT32_MAX)
		return -1;
	for (size_t i = 0; len > 0; i++) {
		uint64_t part = MEMORY_PAGE - offset;
		int64_t at = i < count ? memory_page_offset(m, pfns[i]) : -1;
		uint8_t *p;

		if (at < 0)
			return -1;
		if (part > len)
			part = len;
		p = m->base + at + offset;
		if (used > 0 && p == (uint8_t *)iov[used - 1].iov_base +
		    iov[used - 1].iov_len) {
			iov[used - 1].iov_len += part;
		} else if (used < room) {
			iov[used++] = (struct iovec){ .iov_base = p,
				.iov_len = part };
		} else {
			return -1;
		}
		len -= part;
		offset = 0;
	}
	return (int)used;
}
