/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCB of a VP: what exits, and the state after a reset. */
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"
#include <tlfs/partition.h>

#define SEG_CODE	0x9bu
#define SEG_DATA	0x93u
#define SEG_LDT		0x82u
#define SEG_TSS		0x8bu

#define VECTOR_DB	1
#define VECTOR_AC	17
#define VECTOR_MC	18

#define PAT_RESET	UINT64_C(0x0007040600070406)
#define DR6_RESET	UINT64_C(0xffff0ff0)
#define DR7_RESET	UINT64_C(0x400)

static const uint32_t intercept3_all = SVM_I3_INTR | SVM_I3_NMI |
    SVM_I3_INIT | SVM_I3_CPUID | SVM_I3_HLT | SVM_I3_INVLPGA | SVM_I3_MSR |
    SVM_I3_SHUTDOWN;
static const uint32_t intercept4_all = SVM_I4_VMRUN | SVM_I4_VMMCALL |
    SVM_I4_VMLOAD | SVM_I4_VMSAVE | SVM_I4_STGI | SVM_I4_CLGI |
    SVM_I4_SKINIT | SVM_I4_XSETBV;

void
svm_vp_create(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch;
	struct vmcb_control *c = &vmcb->control;

	c->intercept3 = intercept3_all;
	c->intercept4 = intercept4_all;
	if (!vp->part->is_root) {
		/* The performance counters are the parent's. */
		c->intercept3 |= SVM_I3_IOIO | SVM_I3_INVD | SVM_I3_RSM |
		    SVM_I3_RDPMC;
		c->intercept4 |= SVM_I4_WBINVD | SVM_I4_MONITOR |
		    SVM_I4_MWAIT | SVM_I4_RDPRU;
	}
	c->int_ctl = SVM_V_INTR_MASKING;
	c->np_control = SVM_NP_ENABLE;
	c->nested_cr3 = gpamap_root(&vp->part->map).v;
	svm_maps_use(vp, vmcb);
	svm_intercepts_update(vp);
	svm_vp_reset(vp, false);
}

/*
 * A child's #AC and #DB always exit: delivered by the processor they can
 * repeat for ever without an instruction boundary (CVE-2015-5307, -8104). A
 * machine check is never a child's.
 */
void
svm_intercepts_update(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch;

	if (!vp->part->is_root)
		vmcb->control.intercept_exception =
		    vp->part->exception_intercepts | 1u << VECTOR_DB |
		    1u << VECTOR_AC | 1u << VECTOR_MC;
}

/* The state that INIT and power-on share, APM volume 2 table 14-1. */
void
svm_vp_reset(struct vp *vp, bool init)
{
	/* ES, CS, SS, DS, FS, GS, GDTR, LDTR, IDTR, TR. */
	static const uint16_t attributes[VMCB_SEGMENTS] = {
		SEG_DATA, SEG_CODE, SEG_DATA, SEG_DATA, SEG_DATA, SEG_DATA,
		0, SEG_LDT, 0, SEG_TSS,
	};
	struct vmcb *vmcb = vp->arch;
	struct vmcb_save *s = &vmcb->save;
	uint64_t cache = init ? s->cr0 & (CR0_CD | CR0_NW) : CR0_CD | CR0_NW;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		s->segment[i] = (struct vmcb_segment){
			.attributes = attributes[i],
			.limit = 0xffff,
		};
	s->segment[VMCB_CS].selector = 0xf000;
	s->segment[VMCB_CS].base = 0xffff0000;
	s->cpl = 0;
	s->efer = EFER_SVME;
	s->cr0 = cache | CR0_ET;
	s->cr2 = 0;
	s->cr3 = 0;
	s->cr4 = 0;
	s->dr6 = DR6_RESET;
	s->dr7 = DR7_RESET;
	if (!init) {
		s->pat = PAT_RESET;
		s->star = s->lstar = s->cstar = s->sfmask = 0;
		s->kernel_gs_base = 0;
		s->sysenter_cs = s->sysenter_esp = s->sysenter_eip = 0;
	}
	vmcb->control.int_state = 0;
	vmcb->control.event_inj = 0;
	vmcb->control.int_ctl = SVM_V_INTR_MASKING;
	vmcb->control.intercept3 &= ~SVM_I3_IRET;
}
