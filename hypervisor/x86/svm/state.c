/* SPDX-License-Identifier: Apache-2.0 */
/* TLFS register names to and from the VMCB. */
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"

#define DR6_FIXED	UINT64_C(0xffff0ff0)
#define DR7_FIXED	UINT64_C(0x400)
#define DR_BITS		UINT64_C(0xffffffff)

static void
segment_get(const struct vmcb_segment *seg, struct hv_segment_register *out)
{
	uint32_t a = seg->attributes;

	*out = (struct hv_segment_register){
		.base = seg->base,
		.limit = seg->limit,
		.selector = seg->selector,
		.attributes = (uint16_t)((a & 0xff) | (a & 0xf00) << 4),
	};
}

static void
segment_set(struct vmcb_segment *seg, const struct hv_segment_register *in)
{
	uint32_t a = in->attributes;

	*seg = (struct vmcb_segment){
		.base = in->base,
		.limit = in->limit,
		.selector = in->selector,
		.attributes = (uint16_t)((a & 0xff) | (a >> 4 & 0xf00)),
	};
}

static struct vmcb_segment *
segment_find(struct vmcb *vmcb, uint32_t name)
{
	/* ES to TR in the order of their names. */
	static const uint8_t places[] = {
		VMCB_ES, VMCB_CS, VMCB_SS, VMCB_DS, VMCB_FS, VMCB_GS,
		VMCB_LDTR, VMCB_TR,
	};
	struct vmcb_segment *segment = vmcb->save.segment;

	if (name - HV_REGISTER_ES < ARRAY_SIZE(places))
		return &segment[places[name - HV_REGISTER_ES]];
	if (name == HV_REGISTER_IDTR)
		return &segment[VMCB_IDTR];
	return name == HV_REGISTER_GDTR ? &segment[VMCB_GDTR] : NULL;
}

/* The registers that are one plain 64-bit field. */
static uint64_t *
field_find(struct vmcb *vmcb, uint32_t name)
{
	struct vmcb_save *s = &vmcb->save;

	switch (name) {
	case HV_REGISTER_CR0:		return &s->cr0;
	case HV_REGISTER_CR2:		return &s->cr2;
	case HV_REGISTER_CR3:		return &s->cr3;
	case HV_REGISTER_CR4:		return &s->cr4;
	case HV_REGISTER_DR6:		return &s->dr6;
	case HV_REGISTER_DR7:		return &s->dr7;
	case HV_REGISTER_EFER:		return &s->efer;
	case HV_REGISTER_KERNEL_GS_BASE: return &s->kernel_gs_base;
	case HV_REGISTER_PAT:		return &s->pat;
	case HV_REGISTER_SYSENTER_CS:	return &s->sysenter_cs;
	case HV_REGISTER_SYSENTER_EIP:	return &s->sysenter_eip;
	case HV_REGISTER_SYSENTER_ESP:	return &s->sysenter_esp;
	case HV_REGISTER_STAR:		return &s->star;
	case HV_REGISTER_LSTAR:		return &s->lstar;
	case HV_REGISTER_CSTAR:		return &s->cstar;
	case HV_REGISTER_SFMASK:	return &s->sfmask;
	default:			return NULL;
	}
}

bool
svm_register_get(const struct vp *vp, uint32_t name,
    union hv_register_value *value)
{
	struct vmcb *vmcb = vp->arch;
	const struct vmcb_segment *seg;
	const uint64_t *field;

	field = field_find(vmcb, name);
	if (field != NULL) {
		value->reg64 = *field;
		if (name == HV_REGISTER_EFER)
			value->reg64 &= ~EFER_SVME;
		return true;
	}
	if (name == HV_REGISTER_INTERRUPT_STATE) {
		value->reg64 = vmcb->control.int_state & SVM_INT_SHADOW;
		return true;
	}
	seg = segment_find(vmcb, name);
	if (seg == NULL)
		return false;
	if (name == HV_REGISTER_IDTR || name == HV_REGISTER_GDTR) {
		value->table.base = seg->base;
		value->table.limit = (uint16_t)seg->limit;
	} else {
		segment_get(seg, &value->segment);
	}
	return true;
}

/* What VMRUN would refuse is not stored: a bad value must not end the VP. */
static uint64_t
field_sanitize(uint32_t name, uint64_t value)
{
	switch (name) {
	case HV_REGISTER_CR0:
		return value & DR_BITS;
	case HV_REGISTER_DR6:
		return (value & DR_BITS) | DR6_FIXED;
	case HV_REGISTER_DR7:
		return (value & DR_BITS) | DR7_FIXED;
	case HV_REGISTER_EFER:
		return value | EFER_SVME;
	default:
		return value;
	}
}

bool
svm_register_set(struct vp *vp, uint32_t name,
    const union hv_register_value *value)
{
	struct vmcb *vmcb = vp->arch;
	struct vmcb_segment *seg;
	uint64_t *field;

	field = field_find(vmcb, name);
	if (field != NULL) {
		*field = field_sanitize(name, value->reg64);
		return true;
	}
	if (name == HV_REGISTER_INTERRUPT_STATE) {
		vmcb->control.int_state = value->reg64 & SVM_INT_SHADOW;
		return true;
	}
	seg = segment_find(vmcb, name);
	if (seg == NULL)
		return false;
	if (name == HV_REGISTER_IDTR || name == HV_REGISTER_GDTR) {
		seg->base = value->table.base;
		seg->limit = value->table.limit;
		return true;
	}
	segment_set(seg, &value->segment);
	if (name == HV_REGISTER_SS)
		vmcb->save.cpl = seg->attributes >> HV_SEGMENT_DPL_SHIFT & 3;
	return true;
}
