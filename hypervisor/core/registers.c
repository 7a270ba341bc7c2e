/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a VP by their TLFS names. */
#include <mullion/hypercall_handlers.h>

#include "core/memory_access.h"
#include "core/registers.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/fpu.h"
#include "x86/msr.h"
#include "x86/vendor.h"
#include <tlfs/msr.h>

#define RFLAGS_WRITABLE	UINT64_C(0x3f7fd5)

uint64_t
rflags_sanitize(uint64_t rflags)
{
	return (rflags & RFLAGS_WRITABLE) | RFLAGS_FIXED;
}

#define MSR(name)	{ HV_REGISTER_##name, HV_REGISTER_##name, HV_MSR_##name, 1 }

/* Names that are MSRs under another number, which rises by @step. */
static const struct {
	uint32_t first;
	uint32_t last;
	uint32_t msr;
	uint32_t step;
} msrs[] = {
	{ HV_REGISTER_SINT0, HV_REGISTER_SINT15, HV_MSR_SINT0, 1 },
	{ HV_REGISTER_SCONTROL, HV_REGISTER_SIRBP, HV_MSR_SCONTROL, 1 },
	{ HV_REGISTER_STIMER0_CONFIG, HV_REGISTER_STIMER3_COUNT,
	  HV_MSR_STIMER0_CONFIG, 1 },
	{ HV_REGISTER_CRASH_P0, HV_REGISTER_CRASH_CTL, HV_MSR_CRASH_P0, 1 },
	MSR(VP_RUNTIME),
	MSR(HYPERCALL),
	MSR(GUEST_OS_ID),
	MSR(VP_INDEX),
	MSR(TIME_REF_COUNT),
	MSR(VP_ASSIST_PAGE),
	MSR(REFERENCE_TSC),
	{ HV_REGISTER_MTRR_CAP, HV_REGISTER_MTRR_CAP, MSR_MTRR_CAP, 1 },
	{ HV_REGISTER_MTRR_DEF_TYPE, HV_REGISTER_MTRR_DEF_TYPE,
	  MSR_MTRR_DEF_TYPE, 1 },
	{ HV_REGISTER_MTRR_PHYS_BASE0, HV_REGISTER_MTRR_PHYS_BASEF,
	  MSR_MTRR_PHYS_FIRST, 2 },
	{ HV_REGISTER_MTRR_PHYS_MASK0, HV_REGISTER_MTRR_PHYS_MASKF,
	  MSR_MTRR_PHYS_FIRST + 1, 2 },
	{ HV_REGISTER_MTRR_FIX_64K_00000, HV_REGISTER_MTRR_FIX_64K_00000,
	  MSR_MTRR_FIX64K, 1 },
	{ HV_REGISTER_MTRR_FIX_64K_00000 + 1,
	  HV_REGISTER_MTRR_FIX_64K_00000 + 2, MSR_MTRR_FIX16K, 1 },
	{ HV_REGISTER_MTRR_FIX_64K_00000 + 3, HV_REGISTER_MTRR_FIX_4K_F8000,
	  MSR_MTRR_FIX4K, 1 },
};

/* The number of the MSR that @name is, or 0. */
static uint32_t
register_msr(uint32_t name)
{
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		if (name - msrs[i].first <= msrs[i].last - msrs[i].first)
			return msrs[i].msr +
			    (name - msrs[i].first) * msrs[i].step;
	}
	return 0;
}

/* Names that are a plain field of the VP, or one after the other. */
struct field {
	uint32_t first;
	uint32_t last;
	size_t offset;
	size_t size;
	bool read_only;		/* here: register_write_special() may know it */
	uint64_t max;		/* of a flag: its bit, others are ignored */
};

#define FIELDS(from, to, member, read_only, max) \
	{ HV_REGISTER_##from, HV_REGISTER_##to, offsetof(struct vp, member), \
	  sizeof(((struct vp *)NULL)->member), read_only, max }
#define FIELD(name, member)	FIELDS(name, name, member, false, UINT64_MAX)
#define FLAG(name, member)	FIELDS(name, name, member, false, HV_SUSPENDED)
#define SHOWN(name, member)	FIELDS(name, name, member, true, 0)

static const struct field fields[] = {
	FIELDS(RAX, R15, regs.gpr[0], false, UINT64_MAX),
	FIELD(RIP, regs.rip),
	SHOWN(RFLAGS, regs.rflags),
	FIELDS(DR0, DR3, dr[0], false, UINT64_MAX),
	FLAG(EXPLICIT_SUSPEND, explicit_suspend),
	FLAG(INTERCEPT_SUSPEND, intercept_suspend),
	FLAG(DISPATCH_SUSPEND, dispatch_suspend),
	FIELD(EMULATION_HINTS, emulation_hints),
	FIELD(PENDING_EVENT1, pending_event1),
	FIELD(INTERMEDIATE_CR0, intermediate[0]),
	FIELD(INTERMEDIATE_CR3, intermediate[1]),
	FIELD(INTERMEDIATE_CR4, intermediate[2]),
	FIELD(INTERMEDIATE_CR8, intermediate[3]),
	FIELD(TSC_ADJUST, msr.tsc_adjust),
	FIELD(SPEC_CTRL, msr.spec_ctrl),
	/* Loading it into the processor must not fault. */
	FIELDS(TSC_AUX, TSC_AUX, msr.tsc_aux, false, UINT32_MAX),
	SHOWN(XFEM, xcr0),
	SHOWN(APIC_BASE, apic.base),
	SHOWN(INITIAL_APIC_ID, apic.id),
	SHOWN(APIC_ID, apic.id),
	SHOWN(VP_ROOT_SIGNAL_COUNT, signal_count),
};

/* Where @vp has @name, and what is to be known of it; NULL: in no field. */
static void *
field_find(struct vp *vp, uint32_t name, const struct field **found)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		*found = f;
		if (name - f->first <= f->last - f->first)
			return (char *)vp + f->offset +
			    (name - f->first) * f->size;
	}
	return NULL;
}

static enum hv_status
field_write(const struct field *f, void *place, uint64_t value)
{
	if (f->max == HV_SUSPENDED)
		value &= HV_SUSPENDED;
	else if (value > f->max)
		return HV_INVALID_REGISTER_VALUE;
	memcpy(place, &value, f->size);
	return HV_SUCCESS;
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
		vp_interrupt(vp, vector, VAPIC_EXTERNAL);
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
	case HV_REGISTER_CR8:
		*to = vapic_tpr(&vp->apic) >> 4;
		break;
	case HV_REGISTER_TSC:
		*to = rdtsc() + vp->tsc_offset;
		break;
	case HV_REGISTER_APIC_VERSION:
		*to = VAPIC_VERSION_VALUE;
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
	case HV_REGISTER_TSC:
		vp->tsc_offset = value - rdtsc();
		break;
	case HV_REGISTER_APIC_BASE:
		if (vapic_set_base(&vp->apic, value) == VAPIC_FAULT)
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
call_get_vp_registers(struct vp *vp, uint32_t name,
    union hv_register_value *value)
{
	const struct field *f;
	const void *place = field_find(vp, name, &f);
	uint32_t msr;

	*value = (union hv_register_value){ 0 };
	if (place != NULL) {
		memcpy(&value->reg64, place, f->size);
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
	if (msr == 0)
		return register_read_special(vp, name, &value->reg64);
	return msr_status(msr >= HV_MSR_FIRST ?
	    msr_synthetic_read(vp, msr, &value->reg64) :
	    msr_mtrr_read(vp, msr, &value->reg64));
}

enum hv_status
register_write(struct vp *vp, uint32_t name,
    const union hv_register_value *value)
{
	const struct field *f;
	void *place = field_find(vp, name, &f);
	uint32_t msr;

	if (place != NULL && !f->read_only)
		return field_write(f, place, value->reg64);
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
	if (msr == 0)
		return register_write_special(vp, name, value->reg64);
	return msr_status(msr >= HV_MSR_FIRST ?
	    msr_synthetic_write(vp, msr, value->reg64) :
	    msr_mtrr_write(vp, msr, value->reg64));
}
