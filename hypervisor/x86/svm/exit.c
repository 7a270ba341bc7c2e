/* SPDX-License-Identifier: Apache-2.0 */
/* Entering a VP under SVM and telling its exits apart. */
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/print.h"
#include "core/vp.h"
#include "x86/acpi.h"
#include "x86/cpu.h"
#include "x86/exits.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

#define VECTOR_PF	14

/*
 * The processor keeps translations by address space id, and knows no other
 * way to forget a VP's: so a VP that moves here or must flush gets a new id,
 * and when they run out all are flushed at once.
 */
static void
svm_asid_assign(struct lp *lp, struct vp *vp, struct vmcb_control *c)
{
	if (lp->asid_next >= svm_features.asids) {
		lp->asid_next = 1;
		lp->asid_generation++;
		lp->flush_owed = true;
	}
	vp->asid = lp->asid_next++;
	vp->asid_generation = lp->asid_generation << 8 | lp->index;
	c->asid = (uint32_t)vp->asid;
}

static void
svm_tlb_prepare(struct lp *lp, struct vp *vp, struct vmcb_control *c)
{
	if (vp->asid_generation != (lp->asid_generation << 8 | lp->index))
		svm_asid_assign(lp, vp, c);
	else if (vp->tlb_flush && svm_features.flush_by_asid)
		c->tlb_control = SVM_TLB_FLUSH_ASID;
	else if (vp->tlb_flush)
		svm_asid_assign(lp, vp, c);
	vp->tlb_flush = false;
	/* Owed until somebody enters: this VP may be stopped before it does. */
	if (lp->flush_owed)
		c->tlb_control = SVM_TLB_FLUSH_ALL;
}

static void
svm_event_prepare(struct vp *vp, struct vmcb_control *c)
{
	const struct vp_event *e = &vp->event;

	c->event_inj = SVM_EVENT_VALID | e->vector |
	    (uint32_t)e->type << SVM_EVENT_TYPE_SHIFT |
	    (e->has_error ? SVM_EVENT_HAS_ERROR : 0) |
	    (uint64_t)e->error << 32;
	if (e->type == SVM_EVENT_NMI) {
		vp->nmi_masked = true;
		c->intercept3 |= SVM_I3_IRET;
	}
}

/*
 * Interrupts go in by V_IRQ, never by event injection: the processor then
 * waits for IF by itself, and a later, higher one replaces what was offered.
 * There is room for one. Others are offered at its EOI, and where none will
 * come, as its handler returns.
 */
static uint32_t
svm_int_ctl(const struct vp *vp, struct vmcb_control *c)
{
	uint32_t ctl = SVM_V_INTR_MASKING | vapic_tpr(&vp->apic) >> 4;
	uint8_t vector = (uint8_t)vp->irq_offered;

	if (vp->irq_offered < 0)
		return ctl;
	if (vapic_is_auto_eoi(&vp->apic, vector) && vapic_waiting(&vp->apic))
		c->intercept3 |= SVM_I3_VINTR;
	c->int_vector = vector;
	return ctl | SVM_V_IRQ | (uint32_t)vector >> 4 << SVM_V_PRIO_SHIFT;
}

/* Whether it was the interrupt that was offered. */
static bool
svm_interrupted_event(struct vp *vp, uint64_t info)
{
	uint8_t vector = (uint8_t)info;
	uint8_t type = info >> SVM_EVENT_TYPE_SHIFT & SVM_EVENT_TYPE_MASK;

	/* The emulator reports an interrupt as an exception. */
	if (vector >= 32 && type == SVM_EVENT_EXCEPTION)
		type = SVM_EVENT_INTR;
	exit_event_interrupted(vp, type, vector,
	    (info & SVM_EVENT_HAS_ERROR) != 0, (uint32_t)(info >> 32));
	return type == SVM_EVENT_INTR;
}

/* What the exit tells of interrupts: TPR and whether ours was taken. */
static void
svm_interrupts_sync(struct vp *vp, const struct vmcb_control *c)
{
	uint8_t tpr = (uint8_t)((c->int_ctl & SVM_V_TPR_MASK) << 4);
	uint64_t info = c->exit_int_info;
	bool open = (info & SVM_EVENT_VALID) != 0 &&
	    svm_interrupted_event(vp, info);

	if (!open && vp->irq_offered >= 0 && (c->int_ctl & SVM_V_IRQ) == 0) {
		vapic_accept(&vp->apic, (uint8_t)vp->irq_offered);
		vp->irq_offered = -1;
		vp->attention = vapic_waiting(&vp->apic);
	}
	if (tpr != (vapic_tpr(&vp->apic) & 0xf0)) {
		vapic_set_tpr(&vp->apic, tpr);
		vp->attention = true;
	}
}

static void
svm_exit_io(struct vp *vp, const struct vmcb_control *c)
{
	uint32_t info = (uint32_t)c->exit_info1;
	struct io_exit io = {
		.port = SVM_IO_PORT(info),
		.size = (uint8_t)SVM_IO_SIZE(info),
		.length = (uint8_t)((c->exit_info2 - vp->regs.rip) & 0xf),
		.in = (info & SVM_IO_IN) != 0,
		.string = (info & SVM_IO_STRING) != 0,
		.rep = (info & SVM_IO_REP) != 0,
	};

	exit_io(vp, &io);
}

static void
svm_exit_memory(struct vp *vp, const struct vmcb_control *c)
{
	enum hv_intercept_access access = HV_INTERCEPT_ACCESS_READ;

	if ((c->exit_info1 & SVM_NPF_EXEC) != 0)
		access = HV_INTERCEPT_ACCESS_EXECUTE;
	else if ((c->exit_info1 & SVM_NPF_WRITE) != 0)
		access = HV_INTERCEPT_ACCESS_WRITE;
	exit_memory(vp, gpa(c->exit_info2), access);
}

static void
svm_exit_rare(struct vp *vp, struct vmcb *vmcb)
{
	struct vmcb_control *c = &vmcb->control;
	uint32_t code = (uint32_t)c->exit_code;

	switch (code) {
	case SVM_EXIT_EXCEPTION ... SVM_EXIT_EXCEPTION + 31:
		/* An intercepted #PF tells its address here only. */
		if (code == SVM_EXIT_EXCEPTION + VECTOR_PF)
			vmcb->save.cr2 = c->exit_info2;
		exit_exception(vp, (uint8_t)(code - SVM_EXIT_EXCEPTION),
		    (uint32_t)c->exit_info1);
		break;
	case SVM_EXIT_VINTR:
		/* It is taken with the next entry. */
		c->intercept3 &= ~SVM_I3_VINTR;
		c->intercept3 |= SVM_I3_IRET;
		break;
	case SVM_EXIT_INIT:
		hv_printf("a processor was asked to start anew; resetting");
		machine_reset();
	case SVM_EXIT_IRET:
		c->intercept3 &= ~SVM_I3_IRET;
		exit_iret(vp);
		break;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
		/* No device of a child bypasses the caches. */
		vp_skip(vp, 2);
		break;
	case SVM_EXIT_RDPMC:
		VP_INJECT_GP(vp);
		break;
	case SVM_EXIT_SHUTDOWN:
		exit_unrecoverable(vp, "triple fault");
		break;
	case SVM_EXIT_XSETBV:
		exit_xsetbv(vp, vmcb->save.cpl == 0);
		break;
	case UINT32_MAX:
		exit_unrecoverable(vp, "invalid processor state");
		break;
	default:
		/* SVM's own instructions, RSM, MONITOR, MWAIT and RDPRU. */
		VP_INJECT_UD(vp);
		break;
	}
}

static void
svm_exit(struct vp *vp, struct vmcb *vmcb)
{
	struct vmcb_control *c = &vmcb->control;
	uint32_t code = (uint32_t)c->exit_code;

	switch (code) {
	case SVM_EXIT_MSR:
		if ((c->exit_info1 & 1) != 0)
			exit_wrmsr(vp);
		else
			exit_rdmsr(vp);
		break;
	case SVM_EXIT_CPUID:
		exit_cpuid(vp);
		break;
	case SVM_EXIT_VMMCALL:
		exit_hypercall(vp, vmcb->save.cpl == 0 &&
		    (vmcb->save.cr0 & CR0_PE) != 0);
		break;
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
		vp->exits[VP_EXIT_INTERRUPT]++;
		vendor_svm.lp_window(false);
		break;
	case SVM_EXIT_HLT:
		exit_hlt(vp);
		break;
	case SVM_EXIT_IOIO:
		svm_exit_io(vp, c);
		break;
	case SVM_EXIT_NPF:
		svm_exit_memory(vp, c);
		break;
	default:
		vp->exits[VP_EXIT_OTHER]++;
		svm_exit_rare(vp, vmcb);
		break;
	}
}

/*
 * The epoch is odd before the requests are looked at, and a request is posted
 * before the epoch is: one of the two sides always sees the other.
 */
static bool
svm_guest_enter(struct lp *lp, const struct vp *vp)
{
	atomic_fetch_add(&lp->guest_epoch, 1);
	if ((READ_ONCE(vp->requests) |
	    READ_ONCE(lp->root_vp->requests)) == 0)
		return true;
	atomic_store(&lp->guest_epoch, lp->guest_epoch + 1);
	return false;
}

/* What an entry needs after anything may have changed. */
static void
svm_entry_prepare(struct lp *lp, struct vp *vp, struct vmcb *vmcb)
{
	struct vmcb_control *c = &vmcb->control;

	svm_tlb_prepare(lp, vp, c);
	if (vp->event.valid)
		svm_event_prepare(vp, c);
	c->int_ctl = svm_int_ctl(vp, c);
	c->tsc_offset = vp->tsc_offset;
	vmcb->save.rsp = vp->regs.gpr[GPR_RSP];
	vmcb->save.rflags = vp->regs.rflags;
}

static void
svm_exit_read(struct vp *vp, const struct vmcb *vmcb)
{
	const struct vmcb_save *s = &vmcb->save;

	vp->regs.gpr[GPR_RAX] = s->rax;
	vp->regs.gpr[GPR_RSP] = s->rsp;
	vp->regs.rip = s->rip;
	vp->regs.rflags = s->rflags;
	if (svm_features.next_rip)
		vp->insn_length = vmcb->control.next_rip == 0 ? 0 :
		    (uint8_t)(vmcb->control.next_rip - s->rip);
}

/*
 * An exit that changes nothing but RAX and RIP, as most do, is followed by
 * the next entry at once; all others set `attention` and end the run.
 */
void
svm_vp_run(struct lp *lp, struct vp *vp)
{
	struct vmcb *vmcb = vp->arch;
	struct vmcb_control *c = &vmcb->control;
	uint64_t vmcb_spa = ptr_to_spa(vmcb).v;

	svm_entry_prepare(lp, vp, vmcb);
	do {
		/* A flush stays due until an entry has done it. */
		if (!svm_guest_enter(lp, vp)) {
			/* An event may be taken back by then. */
			c->event_inj = 0;
			break;
		}
		if (vp->stepped)
			c->int_state &= ~(uint64_t)SVM_INT_SHADOW;
		vp->stepped = false;
		vmcb->save.rax = vp->regs.gpr[GPR_RAX];
		vmcb->save.rip = vp->regs.rip;
		svm_enter(vp->regs.gpr, vmcb_spa);
		atomic_store(&lp->guest_epoch, lp->guest_epoch + 1);
		vp->event.valid = false;
		c->event_inj = 0;
		c->tlb_control = 0;
		lp->flush_owed = false;
		svm_exit_read(vp, vmcb);
		svm_interrupts_sync(vp, c);
		svm_exit(vp, vmcb);
	} while (!vp->attention);
}

size_t
svm_insn_bytes(const struct vp *vp, uint8_t *bytes, size_t size)
{
	const struct vmcb *vmcb = vp->arch;
	size_t n;

	/* Only of these exits are they told; else they are an earlier one's. */
	if (!svm_features.decode_assists ||
	    (vmcb->control.exit_code != SVM_EXIT_NPF &&
	     vmcb->control.exit_code != SVM_EXIT_EXCEPTION + VECTOR_PF))
		return 0;
	n = MIN(size, MIN(vmcb->control.insn_count & 0xfu, 15u));
	for (size_t i = 0; i < n; i++)
		bytes[i] = vmcb->control.insn_bytes[i];
	return n;
}
