/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own MSRs, for the parent and for children. */
#include "core/clock.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/print.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "x86/acpi.h"
#include "x86/apic_access.h"
#include "x86/cpu.h"
#include "x86/msr.h"
#include "x86/tsc.h"
#include "x86/vendor.h"
#include <tlfs/msr.h>

static uint64_t
runtime_read(const struct vp *vp)
{
	uint64_t ticks = vp->run_tsc;
	const struct lp *lp = lp_self();

	if (lp->loaded == vp)
		ticks += rdtsc() - lp->loaded_at;
	return clock_span(ticks);
}

/*
 * A page of the partition that MSR @value of its guest places.  The parent's
 * is where we put it; a child's is shown where it asks.
 */
static enum msr_result
page_place(struct partition *part, spa_t *page, uint64_t *msr, uint64_t value)
{
	struct gpamap_change change = { 0 };
	enum hv_status st = HV_SUCCESS;
	void *fresh;

	if (part->is_root) {
		*msr = page->v | (value & ~HV_PAGE_MSR_PFN_MASK);
		return MSR_DONE;
	}
	spin_lock(&part->lock);
	if (page->v == 0) {
		fresh = pool_alloc(&part->pool);
		if (fresh != NULL)
			*page = ptr_to_spa(fresh);
	}
	if (page->v == 0) {
		st = HV_INSUFFICIENT_MEMORY;
	} else {
		gpamap_overlay_clear(&part->map, &change, *page);
		if ((value & HV_PAGE_MSR_ENABLE) != 0)
			st = gpamap_overlay_set(&part->map, &change,
			    value >> PAGE_SHIFT, *page, GPAMAP_READ |
			    GPAMAP_EXECUTE);
	}
	if (st == HV_SUCCESS)
		*msr = value;
	spin_unlock(&part->lock);
	partition_commit(part, &change);
	return st == HV_SUCCESS ? MSR_DONE : MSR_FAULT;
}

static enum msr_result
hypercall_write(struct partition *part, uint64_t value)
{
	enum msr_result r;

	if ((part->hypercall_msr & HV_HYPERCALL_MSR_LOCKED) != 0)
		return MSR_DONE;
	if ((value & HV_PAGE_MSR_ENABLE) != 0 && part->guest_os_id == 0)
		value &= ~HV_PAGE_MSR_ENABLE;
	r = page_place(part, &part->hypercall_page, &part->hypercall_msr,
	    value);
	if (r == MSR_DONE && part->hypercall_page.v != 0)
		hypercall_page_fill(spa_to_ptr(part->hypercall_page));
	return r;
}

static enum msr_result
reference_tsc_write(struct partition *part, uint64_t value)
{
	enum msr_result r;

	r = page_place(part, &part->tsc_page, &part->reference_tsc_msr,
	    value);
	if (r == MSR_DONE)
		clock_page_fill(part);
	return r;
}

static enum msr_result
guest_os_id_write(struct vp *vp, uint64_t value)
{
	struct partition *part = vp->part;

	part->guest_os_id = value;
	if (value != 0)
		return MSR_DONE;
	part->hypercall_msr &= ~HV_HYPERCALL_MSR_LOCKED;
	return hypercall_write(part,
	    part->hypercall_msr & ~HV_PAGE_MSR_ENABLE);
}

/*
 * A panic that the guest reports, in five numbers of its own choice; told
 * once, because a line takes long and holds up whoever else prints.
 */
static void
crash_write(struct vp *vp, uint64_t value)
{
	const uint64_t *p = vp->part->crash;
	uint64_t told;

	told = atomic_fetch_or(&vp->part->crash[HV_CRASH_PARAMETER_COUNT],
	    value);
	if ((value & ~told & HV_CRASH_CTL_NOTIFY) != 0)
		hv_printf("partition %lu: VP %u reports a crash: "
		    "%#lx %#lx %#lx %#lx %#lx", vp->part->id, vp->index,
		    p[0], p[1], p[2], p[3], p[4]);
}

enum msr_result
msr_synthetic_read(struct vp *vp, uint32_t msr, uint64_t *value)
{
	struct partition *part = vp->part;

	if (synic_has_msr(msr)) {
		*value = synic_read(&vp->synic, msr);
		return MSR_DONE;
	}
	if (msr - HV_MSR_STIMER0_CONFIG <=
	    HV_MSR_STIMER3_COUNT - HV_MSR_STIMER0_CONFIG) {
		*value = stimers_read(&vp->timers,
		    msr - HV_MSR_STIMER0_CONFIG);
		return MSR_DONE;
	}
	if (!part->is_root && msr - HV_MSR_CRASH_P0 <=
	    HV_MSR_CRASH_CTL - HV_MSR_CRASH_P0) {
		*value = msr == HV_MSR_CRASH_CTL ? HV_CRASH_CTL_NOTIFY :
		    part->crash[msr - HV_MSR_CRASH_P0];
		return MSR_DONE;
	}
	switch (msr) {
	case HV_MSR_GUEST_OS_ID:
		*value = part->guest_os_id;
		break;
	case HV_MSR_HYPERCALL:
		*value = part->hypercall_msr;
		break;
	case HV_MSR_VP_INDEX:
		*value = vp->index;
		break;
	case HV_MSR_RESET:
		*value = 0;
		break;
	case HV_MSR_VP_RUNTIME:
		*value = runtime_read(vp);
		break;
	case HV_MSR_TIME_REF_COUNT:
		*value = clock_now(part);
		break;
	case HV_MSR_REFERENCE_TSC:
		*value = part->reference_tsc_msr;
		break;
	case HV_MSR_TSC_FREQUENCY:
		*value = tsc_hz();
		break;
	case HV_MSR_APIC_FREQUENCY:
		*value = tsc_hz() >> vp->apic.clock_shift;
		break;
	case HV_MSR_TPR:
		*value = vapic_tpr(&vp->apic);
		break;
	case HV_MSR_ICR:
		return apic_read(vp, VAPIC_ICR, value) ? MSR_DONE : MSR_FAULT;
	default:
		return MSR_UNKNOWN;
	}
	return MSR_DONE;
}

/* EOI, ICR and TPR: the APIC's by another way, in either of its modes. */
static enum msr_result
apic_msr_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	bool ok;

	switch (msr) {
	case HV_MSR_EOI:
		ok = apic_write(vp, VAPIC_EOI, 0);
		break;
	case HV_MSR_TPR:
		ok = apic_write(vp, VAPIC_TPR, value & 0xff);
		break;
	default:
		if (vapic_is_x2apic(&vp->apic)) {
			ok = apic_write(vp, VAPIC_ICR, value);
			break;
		}
		ok = apic_write(vp, VAPIC_ICR_HIGH, value >> 32) &&
		    apic_write(vp, VAPIC_ICR, (uint32_t)value);
		break;
	}
	return ok ? MSR_DONE : MSR_FAULT;
}

static enum msr_result
stimer_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	uint64_t now = clock_now(vp->part);

	stimers_write(&vp->timers, msr - HV_MSR_STIMER0_CONFIG, value, now);
	if (stimers_deadline(&vp->timers) <= now)
		vp_request(vp, VP_REQ_TIMER);
	else
		vp_timer_update(vp);
	return MSR_DONE;
}

enum msr_result
msr_synthetic_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct partition *part = vp->part;

	if (msr - HV_MSR_STIMER0_CONFIG <=
	    HV_MSR_STIMER3_COUNT - HV_MSR_STIMER0_CONFIG)
		return stimer_write(vp, msr, value);
	if (synic_has_msr(msr))
		return synic_msr_write(vp, msr, value) ? MSR_DONE : MSR_FAULT;
	if (!part->is_root && msr - HV_MSR_CRASH_P0 <
	    HV_CRASH_PARAMETER_COUNT) {
		part->crash[msr - HV_MSR_CRASH_P0] = value;
		return MSR_DONE;
	}
	switch (msr) {
	case HV_MSR_GUEST_OS_ID:
		return guest_os_id_write(vp, value);
	case HV_MSR_HYPERCALL:
		return hypercall_write(part, value);
	case HV_MSR_REFERENCE_TSC:
		return reference_tsc_write(part, value);
	case HV_MSR_EOI:
	case HV_MSR_ICR:
	case HV_MSR_TPR:
		return apic_msr_write(vp, msr, value);
	case HV_MSR_RESET:
		if (part->is_root && (value & HV_RESET_NOW) != 0)
			machine_reset();
		return part->is_root ? MSR_DONE : MSR_UNKNOWN;
	case HV_MSR_CRASH_CTL:
		if (part->is_root)
			return MSR_UNKNOWN;
		crash_write(vp, value);
		return MSR_DONE;
	case HV_MSR_VP_INDEX:
	case HV_MSR_VP_RUNTIME:
	case HV_MSR_TIME_REF_COUNT:
	case HV_MSR_TSC_FREQUENCY:
	case HV_MSR_APIC_FREQUENCY:
		return MSR_FAULT;
	default:
		return MSR_UNKNOWN;
	}
}
