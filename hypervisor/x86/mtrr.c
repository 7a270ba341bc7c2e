/* SPDX-License-Identifier: Apache-2.0 */
/* MTRRs of a child: its memory type comes from its PAT alone. */
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/msr.h"

#define MTRR_VARIABLE	8u
#define MTRR_CAP	(MTRR_VARIABLE | 1u << 8 | 1u << 10)	/* fixed, WC */

/* Where @msr is kept, or NULL. */
static uint64_t *
mtrr_field(struct vp_msrs *m, uint32_t msr)
{
	uint32_t n = msr - MSR_MTRR_PHYS_FIRST;

	if (n <= MSR_MTRR_PHYS_LAST - MSR_MTRR_PHYS_FIRST)
		return n % 2 == 0 ? &m->mtrr_base[n / 2] : &m->mtrr_mask[n / 2];
	if (msr - MSR_MTRR_FIX4K <= MSR_MTRR_FIX4K_LAST - MSR_MTRR_FIX4K)
		return &m->mtrr_fixed[3 + msr - MSR_MTRR_FIX4K];
	switch (msr) {
	case MSR_MTRR_DEF_TYPE:		return &m->mtrr_def_type;
	case MSR_MTRR_FIX64K:		return &m->mtrr_fixed[0];
	case MSR_MTRR_FIX16K:		return &m->mtrr_fixed[1];
	case MSR_MTRR_FIX16K + 1:	return &m->mtrr_fixed[2];
	default:			return NULL;
	}
}

enum msr_result
msr_mtrr_read(const struct vp *vp, uint32_t msr, uint64_t *value)
{
	struct vp_msrs copy;
	const uint64_t *field;

	if (msr == MSR_MTRR_CAP) {
		*value = MTRR_CAP;
		return MSR_DONE;
	}
	copy = vp->msr;
	field = mtrr_field(&copy, msr);
	if (field == NULL)
		return MSR_UNKNOWN;
	*value = *field;
	return MSR_DONE;
}

enum msr_result
msr_mtrr_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	uint64_t *field = mtrr_field(&vp->msr, msr);

	if (msr == MSR_MTRR_CAP)
		return MSR_FAULT;
	if (field == NULL)
		return MSR_UNKNOWN;
	*field = value;
	return MSR_DONE;
}
