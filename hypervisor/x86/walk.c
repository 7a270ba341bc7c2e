/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's own page tables, read by us: from virtual to guest physical. */
#include "core/guest.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/pte.h"
#include "x86/vendor.h"
#include "x86/walk.h"

/* The paging mode, as numbers. */
struct walk_mode {
	uint64_t root;
	uint8_t levels;		/* 0: no paging */
	uint8_t index_bits;
	uint8_t entry_size;
	bool nx;
};

static struct walk_mode
walk_mode_of(const struct vp *vp)
{
	uint64_t cr3 = vendor_register(vp, HV_REGISTER_CR3);
	uint64_t cr4 = vendor_register(vp, HV_REGISTER_CR4);
	uint64_t efer = vendor_register(vp, HV_REGISTER_EFER);
	bool nx = (efer & EFER_NXE) != 0;

	if ((vendor_register(vp, HV_REGISTER_CR0) & CR0_PG) == 0)
		return (struct walk_mode){ 0 };
	if ((efer & EFER_LMA) != 0)
		return (struct walk_mode){ cr3 & PTE_FRAME,
		    (cr4 & CR4_LA57) != 0 ? 5 : 4, 9, 8, nx };
	if ((cr4 & CR4_PAE) != 0)
		return (struct walk_mode){ cr3 & 0xffffffe0, 3, 9, 8, nx };
	return (struct walk_mode){ cr3 & 0xfffff000, 2, 10, 4, false };
}

static bool
walk_is_user(const struct vp *vp, uint64_t flags)
{
	if ((flags & HV_TRANSLATE_USER) != 0)
		return true;
	if ((flags & (HV_TRANSLATE_SUPERVISOR |
	    HV_TRANSLATE_PRIVILEGE_EXEMPT)) != 0)
		return false;
	return (vendor_segment(vp, HV_REGISTER_SS).attributes &
	    HV_SEGMENT_DPL_MASK) == HV_SEGMENT_DPL_MASK;
}

/* @rights: what all levels allow together, PTE_WRITE, _USER and no _NX. */
static enum hv_translate_result
walk_check(const struct vp *vp, uint64_t rights, uint64_t flags)
{
	bool user = walk_is_user(vp, flags);
	bool wp = user ||
	    (vendor_register(vp, HV_REGISTER_CR0) & CR0_WP) != 0;

	if ((flags & HV_TRANSLATE_PRIVILEGE_EXEMPT) != 0)
		return HV_TRANSLATE_SUCCESS;
	if (user && (rights & PTE_USER) == 0)
		return HV_TRANSLATE_PRIVILEGE_VIOLATION;
	if ((flags & HV_TRANSLATE_WRITE) != 0 && wp &&
	    (rights & PTE_WRITE) == 0)
		return HV_TRANSLATE_PRIVILEGE_VIOLATION;
	if ((flags & HV_TRANSLATE_EXECUTE) != 0 &&
	    (rights & PTE_NO_EXECUTE) != 0)
		return HV_TRANSLATE_PRIVILEGE_VIOLATION;
	return HV_TRANSLATE_SUCCESS;
}

/* Is the entry of a table at @level one that maps a page? */
static bool
walk_is_leaf(const struct walk_mode *mode, uint32_t level, uint64_t entry)
{
	if (level == 0)
		return true;
	if ((entry & PTE_LARGE) == 0)
		return false;
	return level == 1 || (level == 2 && mode->levels >= 4);
}

static enum hv_translate_result
walk_access_error(enum guest_access access)
{
	return access == GUEST_UNMAPPED ? HV_TRANSLATE_GPA_UNMAPPED :
	    HV_TRANSLATE_GPA_NO_READ_ACCESS;
}

/* Set what a real access would have; the entry may change meanwhile. */
static void
walk_mark(struct vp *vp, const struct walk_mode *mode, gpa_t where,
    uint64_t entry, bool leaf, uint64_t flags)
{
	uint64_t marked = entry | PTE_ACCESSED;

	if ((flags & HV_TRANSLATE_SET_PAGE_BITS) == 0)
		return;
	if (leaf && (flags & HV_TRANSLATE_WRITE) != 0)
		marked |= PTE_DIRTY;
	if (marked != entry)
		gpamap_exchange(&vp->part->map, where, mode->entry_size, entry,
		    marked);
}

enum hv_translate_result
walk_translate(struct vp *vp, uint64_t gva, uint64_t flags, gpa_t *to)
{
	struct walk_mode mode = walk_mode_of(vp);
	uint64_t rights = PTE_WRITE | PTE_USER;
	uint64_t table = mode.root;

	*to = gpa(mode.levels == 0 ? gva & UINT32_MAX : 0);
	for (uint32_t level = mode.levels; level-- > 0;) {
		uint32_t shift = PAGE_SHIFT + level * mode.index_bits;
		uint64_t index = gva >> shift & ((1u << mode.index_bits) - 1);
		gpa_t where = gpa(table + index * mode.entry_size);
		uint64_t entry = 0;
		enum guest_access access;
		bool leaf;

		access = guest_read(vp->part, where, &entry, mode.entry_size,
		    NULL);
		if (access != GUEST_OK)
			return walk_access_error(access);
		if ((entry & PTE_PRESENT) == 0)
			return HV_TRANSLATE_PAGE_NOT_PRESENT;
		leaf = walk_is_leaf(&mode, level, entry);
		/* The top level of PAE tables has no rights or marks. */
		if (mode.levels != 3 || level != 2) {
			rights &= entry | PTE_NO_EXECUTE;
			rights |= mode.nx ? entry & PTE_NO_EXECUTE : 0;
			walk_mark(vp, &mode, where, entry, leaf, flags);
		}
		table = entry & PTE_FRAME;
		if (leaf) {
			uint64_t offset = (UINT64_C(1) << shift) - 1;

			*to = gpa((table & ~offset) | (gva & offset));
			return walk_check(vp, rights, flags);
		}
	}
	return HV_TRANSLATE_SUCCESS;
}

/* Linear address of the next instruction. */
static uint64_t
walk_rip(const struct vp *vp)
{
	struct hv_segment_register cs = vendor_segment(vp, HV_REGISTER_CS);

	if ((vendor_register(vp, HV_REGISTER_EFER) & EFER_LMA) != 0 &&
	    (cs.attributes & HV_SEGMENT_LONG) != 0)
		return vp->regs.rip;
	return (cs.base + vp->regs.rip) & UINT32_MAX;
}

size_t
walk_fetch(struct vp *vp, uint8_t *bytes, size_t size)
{
	uint64_t rip = walk_rip(vp);
	size_t done = vendor->insn_bytes(vp, bytes, size);

	while (done < size) {
		uint64_t left = PAGE_SIZE - ((rip + done) & (PAGE_SIZE - 1));
		size_t n = MIN(size - done, left);
		gpa_t from;

		if (walk_translate(vp, rip + done, HV_TRANSLATE_READ |
		    HV_TRANSLATE_EXECUTE, &from) != HV_TRANSLATE_SUCCESS ||
		    guest_read(vp->part, from, bytes + done, n, NULL) !=
		    GUEST_OK)
			break;
		done += n;
	}
	return done;
}

static enum insn_mode
insn_mode_of(const struct vp *vp)
{
	uint16_t cs = vendor_segment(vp, HV_REGISTER_CS).attributes;

	if ((vendor_register(vp, HV_REGISTER_EFER) & EFER_LMA) != 0 &&
	    (cs & HV_SEGMENT_LONG) != 0)
		return INSN_MODE_64;
	return (cs & HV_SEGMENT_DEFAULT) != 0 ? INSN_MODE_32 : INSN_MODE_16;
}

bool
insn_fetch(struct vp *vp, struct insn *in)
{
	uint8_t bytes[INSN_MAX_LENGTH];
	size_t n = walk_fetch(vp, bytes, sizeof(bytes));

	return insn_decode(bytes, n, insn_mode_of(vp), in);
}
