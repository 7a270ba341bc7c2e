/* SPDX-License-Identifier: Apache-2.0 */
/* A VP's accesses to its local APIC, carried out. */
#include "core/guest.h"
#include "core/intercept.h"
#include "core/ipi.h"
#include "core/vp.h"
#include <tlfs/msr.h>
#include "x86/apic_access.h"
#include "x86/cpu.h"
#include "x86/walk.h"
#include "x86/lapic.h"

/* The parent's level interrupts are still in service in the real APIC. */
static void
apic_level_eoi(struct vp *vp, uint8_t vector)
{
	vp->attention = true;
	if (vp->part->is_root)
		lapic_eoi();
	else
		vp->eoi_vector = vector;
}

static bool
apic_apply(struct vp *vp, uint32_t reg, enum vapic_effect effect,
    const struct vapic_outcome *out)
{
	switch (effect) {
	case VAPIC_DONE:
		return true;
	case VAPIC_FAULT:
		return false;
	case VAPIC_RECHECK:
		/* After an EOI nothing has changed unless something waits. */
		if (reg != VAPIC_EOI || vapic_waiting(&vp->apic))
			vp->attention = true;
		return true;
	case VAPIC_LEVEL_EOI:
		apic_level_eoi(vp, out->vector);
		return true;
	case VAPIC_SEND:
		ipi_send(vp->part, vp, &out->ipi, false);
		return true;
	case VAPIC_REARM:
		vapic_timer_program(&vp->apic, rdtsc());
		vp_timer_update(vp);
		return true;
	case VAPIC_MODE:
		vp->attention = true;
		vp_timer_update(vp);
		return true;
	}
	return false;
}

static void
no_eoi_set(struct vp *vp, bool set)
{
	uint32_t *assist = vp->page[SYNIC_PAGE_ASSIST];

	vp->no_eoi = set;
	WRITE_ONCE(*assist, set ? HV_VP_ASSIST_NO_EOI_REQUIRED : 0);
}

bool
apic_write(struct vp *vp, uint32_t reg, uint64_t value)
{
	struct vapic_outcome out;

	/* Ended in this way after all. */
	if (reg == VAPIC_EOI && vp->no_eoi)
		no_eoi_set(vp, false);
	return apic_apply(vp, reg, vapic_write(&vp->apic, reg, value, &out),
	    &out);
}

/*
 * The bit does not say for which interrupt it stands, so there must be one
 * only; and none may wait, which would have to be offered at the EOI.
 */
void
apic_no_eoi_decide(struct vp *vp)
{
	const struct vapic *v = &vp->apic;
	uint8_t vector = (uint8_t)vp->irq_offered;
	bool decided;

	if (vp->irq_offered >= 0)
		decided = v->in_service == 0 && vapic_is_edge(v, vector) &&
		    !vapic_is_auto_eoi(v, vector);
	else
		decided = vp->no_eoi && v->in_service == 1;
	decided = decided && !vapic_waiting(v) &&
	    synic_page_enabled(&vp->synic, SYNIC_PAGE_ASSIST);
	if (decided != vp->no_eoi)
		no_eoi_set(vp, decided);
}

void
apic_no_eoi_sync(struct vp *vp)
{
	const uint32_t *assist = vp->page[SYNIC_PAGE_ASSIST];

	if (!vp->no_eoi ||
	    (READ_ONCE(*assist) & HV_VP_ASSIST_NO_EOI_REQUIRED) != 0)
		return;
	vp->no_eoi = false;
	/* A guest that clears it before the interrupt came ended nothing. */
	if (vp->irq_offered < 0)
		apic_write(vp, VAPIC_EOI, 0);
}

/* What is offered and was not taken is still requested, for its reader. */
static uint32_t
apic_offered(const struct vp *vp, uint32_t reg)
{
	uint32_t vector = (uint32_t)vp->irq_offered;

	if (vp->irq_offered < 0 || vector / 32 != reg - VAPIC_IRR)
		return 0;
	return 1u << vector % 32;
}

bool
apic_read(struct vp *vp, uint32_t reg, uint64_t *value)
{
	apic_no_eoi_sync(vp);
	if (!vapic_read(&vp->apic, reg, rdtsc(), value))
		return false;
	*value |= apic_offered(vp, reg);
	return true;
}

bool
apic_base_write(struct vp *vp, uint64_t value)
{
	return apic_apply(vp, VAPIC_ID, vapic_set_base(&vp->apic, value),
	    NULL);
}

/* Do what @in says to register @reg of the APIC. */
static bool
apic_page_execute(struct vp *vp, const struct insn *in, uint32_t reg)
{
	uint64_t *gpr = &vp->regs.gpr[in->reg];
	uint64_t value = *gpr;
	uint64_t mem = 0;

	if (insn_reads(in) && !apic_read(vp, reg, &mem))
		return false;
	insn_execute(in, &mem, &value, &vp->regs.rflags);
	if (insn_writes(in) && !apic_write(vp, reg, mem))
		return false;
	*gpr = value;
	return true;
}

bool
apic_page_access(struct vp *vp, gpa_t addr)
{
	uint64_t base = vp->apic.base;
	struct insn in;

	if ((base & VAPIC_BASE_ENABLE) == 0 || vapic_is_x2apic(&vp->apic) ||
	    (addr.v & PAGE_MASK) != (base & VAPIC_BASE_ADDRESS))
		return false;
	vp->exits[VP_EXIT_APIC]++;
	/* RFLAGS may change, which only a full entry takes over. */
	vp->attention = true;
	if (!insn_fetch(vp, &in) || in.is_string ||
	    !apic_page_execute(vp, &in, (uint32_t)(addr.v & ~PAGE_MASK) >> 4))
		VP_INJECT_GP(vp);
	else
		vp_skip(vp, in.length);
	if (vp->eoi_vector != 0)
		apic_eoi_report(vp);
	return true;
}

void
apic_eoi_report(struct vp *vp)
{
	intercept_eoi(vp, vp->eoi_vector);
	vp->eoi_vector = 0;
}
