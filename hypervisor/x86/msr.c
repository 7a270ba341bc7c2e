/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers of a VP that exit. */
#include "core/intercept.h"
#include "core/partition.h"
#include "core/vp.h"
#include "x86/apic_access.h"
#include "x86/cpu.h"
#include "x86/exits.h"
#include "x86/msr.h"
#include "x86/vendor.h"
#include <tlfs/intercept.h>
#include <tlfs/msr.h>

#define VM_CR_DISABLED	UINT64_C(0x18)	/* SVM off, and locked so */

static enum msr_result
efer_write(struct vp *vp, uint64_t value)
{
	uint64_t old = vendor_register(vp, HV_REGISTER_EFER);

	value &= ~EFER_LMA;
	if ((value & ~EFER_KNOWN) != 0)
		return MSR_FAULT;
	if ((vendor_register(vp, HV_REGISTER_CR0) & CR0_PG) != 0 &&
	    ((value ^ old) & EFER_LME) != 0)
		return MSR_FAULT;
	vendor_register_set(vp, HV_REGISTER_EFER, value | (old & EFER_LMA));
	/* NX changes what cached translations mean. */
	vp->tlb_flush = true;
	vp->attention = true;
	return MSR_DONE;
}

/* Registers that the parent and children have alike. */
static enum msr_result
msr_common_read(struct vp *vp, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_APIC_BASE:
		*value = vp->apic.base;
		return MSR_DONE;
	case MSR_EFER:
		*value = vendor_register(vp, HV_REGISTER_EFER);
		return MSR_DONE;
	case MSR_TSC:
		*value = rdtsc() + vp->tsc_offset;
		return MSR_DONE;
	case MSR_VM_CR:
		*value = VM_CR_DISABLED;
		return MSR_DONE;
	case MSR_TSC_ADJUST:
	case MSR_TSC_DEADLINE:
	case MSR_XSS:
	case MSR_VM_HSAVE_PA:
		return MSR_FAULT;
	default:
		return MSR_UNKNOWN;
	}
}

static enum msr_result
msr_common_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_APIC_BASE:
		return apic_base_write(vp, value) ? MSR_DONE : MSR_FAULT;
	case MSR_EFER:
		return efer_write(vp, value);
	case MSR_TSC:
		/* The parent's TSC is everybody's: it stays as it is. */
		if (!vp->part->is_root)
			vp->tsc_offset = value - rdtsc();
		return MSR_DONE;
	case MSR_TSC_ADJUST:
	case MSR_TSC_DEADLINE:
	case MSR_XSS:
	case MSR_VM_CR:
	case MSR_VM_HSAVE_PA:
		return MSR_FAULT;
	default:
		return MSR_UNKNOWN;
	}
}

static enum msr_result
msr_child_read(const struct vp *vp, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_BIOS_SIGN_ID:
	case MSR_MCG_CAP:
	case MSR_MCG_STATUS:
		*value = 0;
		return MSR_DONE;
	case MSR_PAT:
		*value = vendor_register(vp, HV_REGISTER_PAT);
		return MSR_DONE;
	case MSR_MISC_ENABLE:
		*value = vp->msr.misc_enable;
		return MSR_DONE;
	case MSR_TSC_AUX:
		*value = rdmsr(MSR_TSC_AUX);
		return MSR_DONE;
	default:
		return msr_mtrr_read(vp, msr, value);
	}
}

bool
msr_pat_valid(uint64_t value)
{
	for (unsigned int i = 0; i < 64; i += 8) {
		uint8_t type = (uint8_t)(value >> i);

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static enum msr_result
msr_child_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_BIOS_SIGN_ID:
	case MSR_MCG_STATUS:
		return MSR_DONE;
	case MSR_MCG_CAP:
		return MSR_FAULT;
	case MSR_PAT:
		if (!msr_pat_valid(value))
			return MSR_FAULT;
		vendor_register_set(vp, HV_REGISTER_PAT, value);
		return MSR_DONE;
	case MSR_MISC_ENABLE:
		vp->msr.misc_enable = value;
		return MSR_DONE;
	case MSR_TSC_AUX:
		if (value > UINT32_MAX)
			return MSR_FAULT;
		wrmsr(MSR_TSC_AUX, value);
		return MSR_DONE;
	default:
		return msr_mtrr_write(vp, msr, value);
	}
}

static enum msr_result
msr_read(struct vp *vp, uint32_t msr, uint64_t *value)
{
	enum msr_result r;

	if (msr - HV_MSR_FIRST <= HV_MSR_LAST - HV_MSR_FIRST)
		return msr_synthetic_read(vp, msr, value);
	r = msr_common_read(vp, msr, value);
	if (r == MSR_UNKNOWN && !vp->part->is_root)
		r = msr_child_read(vp, msr, value);
	return r;
}

static enum msr_result
msr_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	enum msr_result r;

	if (msr - HV_MSR_FIRST <= HV_MSR_LAST - HV_MSR_FIRST)
		return msr_synthetic_write(vp, msr, value);
	r = msr_common_write(vp, msr, value);
	if (r == MSR_UNKNOWN && !vp->part->is_root)
		r = msr_child_write(vp, msr, value);
	return r;
}

/* What happens with an access that did not work; true: step over it. */
static bool
msr_failed(struct vp *vp, enum msr_result r, bool write)
{
	const struct partition *part = vp->part;
	uint32_t wanted = write ? HV_INTERCEPT_ACCESS_MASK_WRITE :
	    HV_INTERCEPT_ACCESS_MASK_READ;

	if (r == MSR_UNKNOWN) {
		if ((part->intercept_access[HV_INTERCEPT_TYPE_MSR] &
		    wanted) != 0) {
			intercept_msr(vp, write);
			return false;
		}
		if (part->ignore_unknown_msrs)
			return true;
	}
	VP_INJECT_GP(vp);
	return false;
}

void
exit_rdmsr(struct vp *vp)
{
	uint64_t *gpr = vp->regs.gpr;
	uint32_t msr = (uint32_t)gpr[GPR_RCX];
	uint64_t value = 0;
	enum msr_result r;

	vp->exits[VP_EXIT_MSR]++;
	if (msr - MSR_X2APIC_FIRST <= MSR_X2APIC_LAST - MSR_X2APIC_FIRST)
		r = vapic_is_x2apic(&vp->apic) && apic_read(vp,
		    msr - MSR_X2APIC_FIRST, &value) ? MSR_DONE : MSR_FAULT;
	else
		r = msr_read(vp, msr, &value);
	if (r != MSR_DONE && !msr_failed(vp, r, false))
		return;
	gpr[GPR_RAX] = (uint32_t)value;
	gpr[GPR_RDX] = value >> 32;
	vp_skip(vp, 2);
}

void
exit_wrmsr(struct vp *vp)
{
	uint64_t *gpr = vp->regs.gpr;
	uint32_t msr = (uint32_t)gpr[GPR_RCX];
	uint64_t value = gpr[GPR_RDX] << 32 | (uint32_t)gpr[GPR_RAX];
	enum msr_result r;

	vp->exits[VP_EXIT_MSR]++;
	if (msr - MSR_X2APIC_FIRST <= MSR_X2APIC_LAST - MSR_X2APIC_FIRST)
		r = vapic_is_x2apic(&vp->apic) && apic_write(vp,
		    msr - MSR_X2APIC_FIRST, value) ? MSR_DONE : MSR_FAULT;
	else
		r = msr_write(vp, msr, value);
	if (r != MSR_DONE && !msr_failed(vp, r, true))
		return;
	/* That a guest has panicked is its parent's business, too. */
	if (msr == HV_MSR_CRASH_CTL && !vp->part->is_root &&
	    (value & HV_CRASH_CTL_NOTIFY) != 0)
		intercept_msr(vp, true);
	vp_skip(vp, 2);
	if (vp->eoi_vector != 0)
		apic_eoi_report(vp);
}
