/* SPDX-License-Identifier: Apache-2.0 */
/* The register page: how a parent reads and writes registers without a call. */
#include "core/lp.h"
#include "core/registers.h"
#include "core/string.h"
#include "core/vp.h"
#include "core/vp_page.h"
#include "x86/fpu.h"
#include "x86/vendor.h"

static const uint32_t segment_names[HV_REGISTER_PAGE_SEGMENTS] = {
	HV_REGISTER_ES, HV_REGISTER_CS, HV_REGISTER_SS,
	HV_REGISTER_DS, HV_REGISTER_FS, HV_REGISTER_GS,
};

void
vp_page_store(struct vp *vp)
{
	struct hv_vp_register_page *p = vp->register_page;

	if (p == NULL)
		return;
	p->version = HV_REGISTER_PAGE_VERSION;
	p->dirty = 0;
	memcpy(p->gp_registers, vp->regs.gpr, sizeof(p->gp_registers));
	p->rip = vp->regs.rip;
	p->rflags = vp->regs.rflags;
	if (lp_self()->loaded == vp) {
		fpu_xmm_live(p->xmm);
		/* FS and GS are live: the block has older ones. */
		vendor->vp_save(vp);
	}
	for (uint32_t i = 0; i < HV_REGISTER_PAGE_SEGMENTS; i++)
		p->segments[i] = vendor_segment(vp, segment_names[i]);
	p->cr0 = vendor_register(vp, HV_REGISTER_CR0);
	p->cr3 = vendor_register(vp, HV_REGISTER_CR3);
	p->cr4 = vendor_register(vp, HV_REGISTER_CR4);
	p->cr8 = vapic_tpr(&vp->apic) >> 4;
	p->efer = vendor_register(vp, HV_REGISTER_EFER);
	p->dr7 = vendor_register(vp, HV_REGISTER_DR7);
	p->interrupt_state = vendor_register(vp, HV_REGISTER_INTERRUPT_STATE) |
	    (vp->nmi_masked ? HV_INTERRUPT_NMI_MASKED : 0);
	p->xfem = vp->xcr0;
	p->isvalid = 1;
}

static void
page_load_rare(struct vp *vp, const struct hv_vp_register_page *p,
    uint32_t dirty)
{
	if ((dirty & HV_REGISTER_PAGE_DIRTY_XMM) != 0) {
		for (uint32_t i = 0; i < ARRAY_SIZE(p->xmm); i++) {
			struct hv_u128 value = p->xmm[i];

			fpu_xmm_set(vp->fpu, i, &value);
		}
	}
	if ((dirty & HV_REGISTER_PAGE_DIRTY_SEGMENT) != 0) {
		for (uint32_t i = 0; i < HV_REGISTER_PAGE_SEGMENTS; i++) {
			union hv_register_value v = {
				.segment = p->segments[i],
			};

			vendor->register_set(vp, segment_names[i], &v);
		}
	}
	if ((dirty & HV_REGISTER_PAGE_DIRTY_FLAGS) != 0)
		vp->regs.rflags = rflags_sanitize(READ_ONCE(p->rflags));
}

void
vp_page_load(struct vp *vp)
{
	struct hv_vp_register_page *p = vp->register_page;
	uint32_t dirty;

	if (p == NULL)
		return;
	dirty = READ_ONCE(p->dirty);
	if (dirty == 0)
		return;
	if ((dirty & HV_REGISTER_PAGE_DIRTY_GENERAL) != 0)
		memcpy(vp->regs.gpr, p->gp_registers, sizeof(vp->regs.gpr));
	if ((dirty & HV_REGISTER_PAGE_DIRTY_IP) != 0) {
		vp->regs.rip = READ_ONCE(p->rip);
		vp->stepped = true;
	}
	if ((dirty & ~(HV_REGISTER_PAGE_DIRTY_GENERAL |
	    HV_REGISTER_PAGE_DIRTY_IP)) != 0)
		page_load_rare(vp, p, dirty);
	p->dirty = 0;
}
