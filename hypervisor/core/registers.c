/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a VP by their TLFS names. */
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/registers.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/fpu.h"
#include "x86/msr.h"
#include "x86/vendor.h"
#include <tlfs/msr.h>

#define ADDRESS_MASK	UINT64_C(0x000ffffffffff000)
#define RFLAGS_WRITABLE	UINT64_C(0x3f7fd5)

#define IN_RANGE(name, first, last) \
	((name) - (uint32_t)(first) <= (uint32_t)(last) - (uint32_t)(first))

uint64_t
rflags_sanitize(uint64_t rflags)
{
	return (rflags & RFLAGS_WRITABLE) | RFLAGS_FIXED;
}

/* Names that are synthetic MSRs under another number; 0 for the rest. */
static uint32_t
register_msr(uint32_t name)
{
	if (IN_RANGE(name, HV_REGISTER_SINT0, HV_REGISTER_SINT15))
		return HV_MSR_SINT0 + (name - HV_REGISTER_SINT0);
	if (IN_RANGE(name, HV_REGISTER_SCONTROL, HV_REGISTER_SIRBP))
		return HV_MSR_SCONTROL + (name - HV_REGISTER_SCONTROL);
	if (IN_RANGE(name, HV_REGISTER_STIMER0_CONFIG,
	    HV_REGISTER_STIMER3_COUNT))
		return HV_MSR_STIMER0_CONFIG +
		    (name - HV_REGISTER_STIMER0_CONFIG);
	if (IN_RANGE(name, HV_REGISTER_CRASH_P0, HV_REGISTER_CRASH_CTL))
		return HV_MSR_CRASH_P0 + (name - HV_REGISTER_CRASH_P0);
	switch (name) {
	case HV_REGISTER_VP_RUNTIME:	return HV_MSR_VP_RUNTIME;
	case HV_REGISTER_HYPERCALL:	return HV_MSR_HYPERCALL;
	case HV_REGISTER_GUEST_OS_ID:	return HV_MSR_GUEST_OS_ID;
	case HV_REGISTER_VP_INDEX:	return HV_MSR_VP_INDEX;
	case HV_REGISTER_TIME_REF_COUNT: return HV_MSR_TIME_REF_COUNT;
	case HV_REGISTER_VP_ASSIST_PAGE: return HV_MSR_VP_ASSIST_PAGE;
	case HV_REGISTER_REFERENCE_TSC:	return HV_MSR_REFERENCE_TSC;
	default:			return 0;
	}
}

/* Names that are MTRRs under another number; 0 for the rest. */
static uint32_t
register_mtrr(uint32_t name)
{
	uint32_t n;

	if (name == HV_REGISTER_MTRR_CAP)
		return MSR_MTRR_CAP;
	if (name == HV_REGISTER_MTRR_DEF_TYPE)
		return MSR_MTRR_DEF_TYPE;
	if (IN_RANGE(name, HV_REGISTER_MTRR_PHYS_BASE0,
	    HV_REGISTER_MTRR_PHYS_BASEF))
		return MSR_MTRR_PHYS_FIRST +
		    2 * (name - HV_REGISTER_MTRR_PHYS_BASE0);
	if (IN_RANGE(name, HV_REGISTER_MTRR_PHYS_MASK0,
	    HV_REGISTER_MTRR_PHYS_MASKF))
		return MSR_MTRR_PHYS_FIRST + 1 +
		    2 * (name - HV_REGISTER_MTRR_PHYS_MASK0);
	if (!IN_RANGE(name, HV_REGISTER_MTRR_FIX_64K_00000,
	    HV_REGISTER_MTRR_FIX_4K_F8000))
		return 0;
	n = name - HV_REGISTER_MTRR_FIX_64K_00000;
	if (n == 0)
		return MSR_MTRR_FIX64K;
	return n < 3 ? MSR_MTRR_FIX16K + n - 1 : MSR_MTRR_FIX4K + n - 3;
}

/* Names that are one plain field of the VP. */
static uint64_t *
register_field(struct vp *vp, uint32_t name)
{
	if (IN_RANGE(name, HV_REGISTER_RAX, HV_REGISTER_R15))
		return &vp->regs.gpr[name - HV_REGISTER_RAX];
	if (IN_RANGE(name, HV_REGISTER_DR0, HV_REGISTER_DR3))
		return &vp->dr[name - HV_REGISTER_DR0];
	switch (name) {
	case HV_REGISTER_RIP:		return &vp->regs.rip;
	case HV_REGISTER_TSC_ADJUST:	return &vp->msr.tsc_adjust;
	case HV_REGISTER_SPEC_CTRL:	return &vp->msr.spec_ctrl;
	case HV_REGISTER_EMULATION_HINTS: return &vp->emulation_hints;
	case HV_REGISTER_PENDING_EVENT1: return &vp->pending_event1;
	case HV_REGISTER_INTERMEDIATE_CR0: return &vp->intermediate[0];
	case HV_REGISTER_INTERMEDIATE_CR3: return &vp->intermediate[1];
	case HV_REGISTER_INTERMEDIATE_CR4: return &vp->intermediate[2];
	case HV_REGISTER_INTERMEDIATE_CR8: return &vp->intermediate[3];
	default:			return NULL;
	}
}

static uint64_t
activity_read(const struct vp *vp)
{
	switch (vp->activity) {
	case VP_HALTED:		return HV_ACTIVITY_HALT_SUSPEND;
	case VP_IDLE:		return HV_ACTIVITY_IDLE_SUSPEND;
	case VP_WAIT_SIPI:	return HV_ACTIVITY_STARTUP_SUSPEND;
	default:		return 0;
	}
}

static void
activity_write(struct vp *vp, uint64_t value)
{
	if ((value & HV_ACTIVITY_STARTUP_SUSPEND) != 0)
		vp->activity = VP_WAIT_SIPI;
	else if ((value & HV_ACTIVITY_IDLE_SUSPEND) != 0)
		vp->activity = VP_IDLE;
	else if ((value & HV_ACTIVITY_HALT_SUSPEND) != 0)
		vp->activity = VP_HALTED;
	else
		vp->activity = VP_ACTIVE;
	vp_request(vp, VP_REQ_IRQ);
}

static uint64_t
event_read(const struct vp_event *e)
{
	if (!e->valid)
		return 0;
	return HV_INTERRUPTION_PENDING |
	    (uint64_t)e->type << HV_INTERRUPTION_TYPE_SHIFT |
	    (e->has_error ? HV_INTERRUPTION_HAS_ERROR_CODE : 0) |
	    (uint64_t)e->vector << HV_INTERRUPTION_VECTOR_SHIFT |
	    (uint64_t)e->error << HV_INTERRUPTION_ERROR_SHIFT;
}

/* External interrupts go through the APIC, which V_IRQ needs them to. */
static enum hv_status
event_write(struct vp *vp, uint64_t value)
{
	uint8_t type = (value & HV_INTERRUPTION_TYPE_MASK) >>
	    HV_INTERRUPTION_TYPE_SHIFT;
	uint8_t vector = (uint8_t)(value >> HV_INTERRUPTION_VECTOR_SHIFT);
	bool exception = type == HV_INTERRUPTION_HARDWARE_EXCEPTION;

	vp->event.valid = false;
	if ((value & HV_INTERRUPTION_PENDING) == 0)
		return HV_SUCCESS;
	if (type == HV_INTERRUPTION_EXTERNAL) {
		if (vapic_post_auto_eoi(&vp->apic, vector))
			vp_request(vp, VP_REQ_IRQ);
		return HV_SUCCESS;
	}
	if ((exception && (vector >= 32 || vector == 2)) ||
	    (type == HV_INTERRUPTION_NMI && vector != 2) ||
	    (!exception && type != HV_INTERRUPTION_NMI))
		return HV_INVALID_REGISTER_VALUE;
	vp->event = (struct vp_event){
		.valid = true,
		.type = type,
		.vector = vector,
		.has_error = (value & HV_INTERRUPTION_HAS_ERROR_CODE) != 0,
		.error = (uint32_t)(value >> HV_INTERRUPTION_ERROR_SHIFT),
	};
	return HV_SUCCESS;
}

static uint64_t
pending_event_read(const struct vp_event *e)
{
	if (!e->valid)
		return 0;
	return HV_EVENT_PENDING |
	    (uint64_t)HV_EVENT_TYPE_EXCEPTION << HV_EVENT_TYPE_SHIFT |
	    (e->has_error ? HV_EVENT_HAS_ERROR_CODE : 0) |
	    (uint64_t)e->vector << HV_EVENT_VECTOR_SHIFT |
	    (uint64_t)e->error << HV_EVENT_ERROR_SHIFT;
}

static enum hv_status
pending_event_write(struct vp *vp, uint64_t value)
{
	uint8_t type = (value & HV_EVENT_TYPE_MASK) >> HV_EVENT_TYPE_SHIFT;
	uint64_t as;

	if ((value & HV_EVENT_PENDING) == 0)
		return event_write(vp, 0);
	as = HV_INTERRUPTION_PENDING;
	if (type == HV_EVENT_TYPE_EXTINT)
		return event_write(vp, as |
		    (value >> HV_EVENT_EXTINT_VECTOR_SHIFT & 0xff) <<
		    HV_INTERRUPTION_VECTOR_SHIFT);
	if (type != HV_EVENT_TYPE_EXCEPTION)
		return HV_INVALID_REGISTER_VALUE;
	as |= (uint64_t)HV_INTERRUPTION_HARDWARE_EXCEPTION <<
	    HV_INTERRUPTION_TYPE_SHIFT;
	if ((value & HV_EVENT_HAS_ERROR_CODE) != 0)
		as |= HV_INTERRUPTION_HAS_ERROR_CODE;
	as |= (value >> HV_EVENT_VECTOR_SHIFT & 0xffff) <<
	    HV_INTERRUPTION_VECTOR_SHIFT;
	as |= value >> HV_EVENT_ERROR_SHIFT << HV_INTERRUPTION_ERROR_SHIFT;
	return event_write(vp, as);
}

/* Registers that need more than a field, to be read. */
static enum hv_status
register_read_special(struct vp *vp, uint32_t name, uint64_t *to)
{
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		*to = vp->explicit_suspend;
		break;
	case HV_REGISTER_INTERCEPT_SUSPEND:
		*to = vp->intercept_suspend;
		break;
	case HV_REGISTER_DISPATCH_SUSPEND:
		*to = vp->dispatch_suspend;
		break;
	case HV_REGISTER_INTERNAL_ACTIVITY:
		*to = activity_read(vp);
		break;
	case HV_REGISTER_PENDING_INTERRUPTION:
		*to = event_read(&vp->event);
		break;
	case HV_REGISTER_PENDING_EVENT0:
		*to = pending_event_read(&vp->event);
		break;
	case HV_REGISTER_DELIVERABILITY_NOTIFICATIONS:
		*to = (uint64_t)READ_ONCE(vp->notify_sints) <<
		    HV_DELIVERABILITY_SINT_SHIFT;
		break;
	case HV_REGISTER_RFLAGS:
		*to = vp->regs.rflags;
		break;
	case HV_REGISTER_CR8:
		*to = vapic_tpr(&vp->apic) >> 4;
		break;
	case HV_REGISTER_XFEM:
		*to = vp->xcr0;
		break;
	case HV_REGISTER_TSC_AUX:
		*to = vp->msr.tsc_aux;
		break;
	case HV_REGISTER_TSC:
		*to = rdtsc() + vp->tsc_offset;
		break;
	case HV_REGISTER_APIC_BASE:
		*to = vp->apic.base;
		break;
	case HV_REGISTER_INITIAL_APIC_ID:
	case HV_REGISTER_APIC_ID:
		*to = vp->apic.id;
		break;
	case HV_REGISTER_APIC_VERSION:
		*to = VAPIC_VERSION_VALUE;
		break;
	case HV_REGISTER_VP_ROOT_SIGNAL_COUNT:
		*to = READ_ONCE(vp->signal_count);
		break;
	case HV_REGISTER_REG_PAGE:
		*to = vp->register_page == NULL ? 0 :
		    ptr_to_spa(vp->register_page).v | HV_PAGE_MSR_ENABLE;
		break;
	default:
		return HV_INVALID_PARAMETER;
	}
	return HV_SUCCESS;
}

static enum hv_status
register_write_special(struct vp *vp, uint32_t name, uint64_t value)
{
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		vp->explicit_suspend = (value & HV_SUSPENDED) != 0;
		break;
	case HV_REGISTER_INTERCEPT_SUSPEND:
		vp->intercept_suspend = (value & HV_SUSPENDED) != 0;
		break;
	case HV_REGISTER_DISPATCH_SUSPEND:
		vp->dispatch_suspend = (value & HV_SUSPENDED) != 0;
		break;
	case HV_REGISTER_INTERNAL_ACTIVITY:
		activity_write(vp, value);
		break;
	case HV_REGISTER_PENDING_INTERRUPTION:
		return event_write(vp, value);
	case HV_REGISTER_PENDING_EVENT0:
		return pending_event_write(vp, value);
	case HV_REGISTER_RFLAGS:
		vp->regs.rflags = rflags_sanitize(value);
		break;
	case HV_REGISTER_CR8:
		if (value > 15)
			return HV_INVALID_REGISTER_VALUE;
		vapic_set_tpr(&vp->apic, (uint8_t)(value << 4));
		vp_request(vp, VP_REQ_IRQ);
		break;
	case HV_REGISTER_XFEM:
		if (!fpu_xcr0_valid(value))
			return HV_INVALID_REGISTER_VALUE;
		vp->xcr0 = value;
		break;
	case HV_REGISTER_TSC_AUX:
		/* Loading it into the processor must not fault. */
		if (value > UINT32_MAX)
			return HV_INVALID_REGISTER_VALUE;
		vp->msr.tsc_aux = value;
		break;
	case HV_REGISTER_TSC:
		vp->tsc_offset = value - rdtsc();
		break;
	case HV_REGISTER_APIC_BASE:
		if (vapic_set_base(&vp->apic, value, ADDRESS_MASK) ==
		    VAPIC_FAULT)
			return HV_INVALID_REGISTER_VALUE;
		vp_timer_update(vp);
		break;
	case HV_REGISTER_INITIAL_APIC_ID:
	case HV_REGISTER_APIC_ID:
		if (value > UINT32_MAX)
			return HV_INVALID_REGISTER_VALUE;
		vapic_set_id(&vp->apic, (uint32_t)value);
		break;
	case HV_REGISTER_APIC_VERSION:
	case HV_REGISTER_REG_PAGE:
		break;
	default:
		return HV_INVALID_PARAMETER;
	}
	return HV_SUCCESS;
}

static enum hv_status
msr_status(enum msr_result result)
{
	switch (result) {
	case MSR_DONE:
		return HV_SUCCESS;
	case MSR_FAULT:
		return HV_INVALID_REGISTER_VALUE;
	default:
		return HV_INVALID_PARAMETER;
	}
}

enum hv_status
register_read(struct vp *vp, uint32_t name, union hv_register_value *value)
{
	const uint64_t *field = register_field(vp, name);
	uint32_t msr;

	*value = (union hv_register_value){ 0 };
	if (field != NULL) {
		value->reg64 = *field;
		return HV_SUCCESS;
	}
	if (vendor->register_get(vp, name, value)) {
		if (name == HV_REGISTER_INTERRUPT_STATE && vp->nmi_masked)
			value->reg64 |= HV_INTERRUPT_NMI_MASKED;
		return HV_SUCCESS;
	}
	if (fpu_register_get(vp->fpu, name, value))
		return HV_SUCCESS;
	msr = register_msr(name);
	if (msr != 0)
		return msr_status(msr_synthetic_read(vp, msr,
		    &value->reg64));
	msr = register_mtrr(name);
	if (msr != 0)
		return msr_status(msr_mtrr_read(vp, msr, &value->reg64));
	return register_read_special(vp, name, &value->reg64);
}

enum hv_status
register_write(struct vp *vp, uint32_t name,
    const union hv_register_value *value)
{
	uint64_t *field = register_field(vp, name);
	uint32_t msr;

	if (field != NULL) {
		*field = value->reg64;
		return HV_SUCCESS;
	}
	if ((name == HV_REGISTER_EFER && (value->reg64 & ~EFER_KNOWN) != 0) ||
	    (name == HV_REGISTER_PAT && !msr_pat_valid(value->reg64)))
		return HV_INVALID_REGISTER_VALUE;
	if (vendor->register_set(vp, name, value)) {
		if (name == HV_REGISTER_INTERRUPT_STATE)
			vp->nmi_masked = (value->reg64 &
			    HV_INTERRUPT_NMI_MASKED) != 0;
		return HV_SUCCESS;
	}
	if (fpu_register_set(vp->fpu, name, value))
		return HV_SUCCESS;
	msr = register_msr(name);
	if (msr != 0)
		return msr_status(msr_synthetic_write(vp, msr,
		    value->reg64));
	msr = register_mtrr(name);
	if (msr != 0)
		return msr_status(msr_mtrr_write(vp, msr, value->reg64));
	return register_write_special(vp, name, value->reg64);
}
