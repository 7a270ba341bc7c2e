/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the memory of a partition from the hypervisor. */
#include "core/guest.h"

static enum guest_access
access_fails(gpa_t at, enum gpamap_state state, bool write,
    struct guest_fault *fault)
{
	enum guest_access kind = state == GPAMAP_UNMAPPED ? GUEST_UNMAPPED :
	    GUEST_NO_ACCESS;

	if (fault != NULL)
		*fault = (struct guest_fault){
			.gpa = at, .kind = kind, .write = write,
		};
	return kind;
}

/* @buf is not changed by a write, whatever its type says. */
static enum guest_access
copy(struct partition *part, gpa_t at, void *buf, size_t size,
    struct guest_fault *fault, bool write)
{
	uint8_t *bytes = buf;

	/* Only what the parent must not see brings it here. */
	if (part->is_root)
		return access_fails(at, GPAMAP_UNMAPPED, write, fault);
	while (size > 0) {
		size_t left = (size_t)(PAGE_SIZE - at.v % PAGE_SIZE);
		size_t now = MIN(size, left);
		enum gpamap_state state;

		state = gpamap_copy(&part->map, at, bytes, now, write);
		if (state != GPAMAP_MAPPED)
			return access_fails(at, state, write, fault);
		bytes += now;
		at = gpa_add(at, now);
		size -= now;
	}
	return GUEST_OK;
}

enum guest_access
guest_read_slow(struct partition *part, gpa_t from, void *to, size_t size,
    struct guest_fault *fault)
{
	return copy(part, from, to, size, fault, false);
}

enum guest_access
guest_write_slow(struct partition *part, gpa_t to, const void *from,
    size_t size, struct guest_fault *fault)
{
	return copy(part, to, (void *)(uintptr_t)from, size, fault, true);
}

enum guest_access
guest_probe_write(struct partition *part, gpa_t to, struct guest_fault *fault)
{
	struct gpamap_entry e;

	if (guest_is_identical(part, to, 1))
		return GUEST_OK;
	if (part->is_root)
		return access_fails(to, GPAMAP_UNMAPPED, true, fault);
	e = gpamap_query(&part->map, to.v / PAGE_SIZE);
	if (e.state == GPAMAP_MAPPED && (e.perms & GPAMAP_WRITE) != 0)
		return GUEST_OK;
	return access_fails(to, e.state == GPAMAP_UNMAPPED ? e.state :
	    GPAMAP_NO_ACCESS, true, fault);
}
