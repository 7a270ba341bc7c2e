/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a VP, and how others get its attention. */
#include "core/assert.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/scheduler.h"
#include "core/stats.h"
#include "core/string.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "x86/apic_access.h"
#include "x86/cpu.h"
#include "x86/fpu.h"
#include "x86/tsc.h"
#include "x86/vendor.h"

#define RESET_RIP	0xfff0u
#define MTRR_DEF_ON_WB	UINT64_C(0xc06)

void
vp_reset(struct vp *vp, bool init)
{
	memset(&vp->regs, 0, sizeof(vp->regs));
	vp->regs.rip = RESET_RIP;
	vp->regs.rflags = RFLAGS_FIXED;
	memset(vp->dr, 0, sizeof(vp->dr));
	vp->event.valid = false;
	vp->nmi_masked = false;
	vp->nmi_pending = false;
	vp->irq_offered = -1;
	vp->no_eoi = false;
	vp->tlb_flush = true;
	vapic_init(&vp->apic);
	if (!init) {
		fpu_reset(vp->fpu);
		vp->xcr0 = 1;
		vp->tsc_offset = 0;
		memset(&vp->msr, 0, sizeof(vp->msr));
		vp->msr.mtrr_def_type = MTRR_DEF_ON_WB;
	}
	synic_pages_reset(vp);
	stimers_reset(&vp->timers);
	vendor->vp_reset(vp, init);
	vp->activity = vp->index == 0 ? VP_ACTIVE : VP_WAIT_SIPI;
}

/* The pages that a VP has from the start, so that no MSR write can fail. */
static bool
vp_alloc(struct vp *vp, struct pool *pool)
{
	static const enum synic_page pages[] = {
		SYNIC_PAGE_MESSAGES, SYNIC_PAGE_EVENTS, SYNIC_PAGE_ASSIST,
	};

	vp->arch = pool_alloc(pool);
	vp->fpu = pool_alloc(pool);
	if (vp->arch == NULL || vp->fpu == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		vp->page[pages[i]] = pool_alloc(pool);
		if (vp->page[pages[i]] == NULL)
			return false;
	}
	return true;
}

static void
vp_free(struct vp *vp, struct pool *pool)
{
	for (size_t i = 0; i < ARRAY_SIZE(vp->page); i++)
		pool_free(pool, vp->page[i]);
	pool_free(pool, vp->fpu);
	pool_free(pool, vp->arch);
	pool_free(pool, vp);
}

void
vp_setup(struct vp *vp, struct partition *part, uint32_t index, uint32_t apic)
{
	vp->part = part;
	vp->index = index;
	vp->timer_lp = VP_NO_LP;
	spinlock_init(&vp->synic_lock, LOCK_RANK_SYNIC);
	vapic_setup(&vp->apic, apic, vp->index == 0,
	    vapic_clock_shift(tsc_hz()));
	vendor->vp_create(vp);
	vp_reset(vp, false);
	atomic_store(&part->vps[index], vp);
	if (part->vp_count <= index)
		part->vp_count = index + 1;
}

enum hv_status
vp_create(struct partition *part, uint32_t index)
{
	struct vp *vp = pool_alloc(&part->pool);

	if (vp == NULL)
		return HV_INSUFFICIENT_MEMORY;
	if (!vp_alloc(vp, &part->pool)) {
		vp_free(vp, &part->pool);
		return HV_INSUFFICIENT_MEMORY;
	}
	vp_setup(vp, part, index, index);
	return HV_SUCCESS;
}

static void
vp_timer_remove(struct vp *vp)
{
	/* Read once: as its timer expires there, that LP clears it. */
	uint32_t index = atomic_load(&vp->timer_lp);
	struct lp *lp;

	if (index == VP_NO_LP)
		return;
	lp = lp_get(index);
	spin_lock(&lp->timer_lock);
	timerq_remove(&lp->timers, &vp->timer);
	spin_unlock(&lp->timer_lock);
	vp->timer_lp = VP_NO_LP;
}

void
vp_destroy(struct vp *vp)
{
	struct gpamap_change change = { 0 };
	struct pool *pool = &vp->part->pool;

	ASSERT(vp->claimed == 0);
	vp_timer_remove(vp);
	scheduler_forget(vp);
	for (size_t i = 0; i < ARRAY_SIZE(vp->page); i++) {
		if (vp->page[i] != NULL)
			gpamap_overlay_clear(&vp->part->map, &change,
			    ptr_to_spa(vp->page[i]));
	}
	partition_commit(vp->part, &change);
	stats_vp_gone(vp);
	pool_free(pool, vp->intercept_page);
	pool_free(pool, vp->register_page);
	vp_free(vp, pool);
}

bool
vp_claim(struct vp *vp)
{
	uint32_t free = 0;

	return atomic_cas(&vp->claimed, &free, 1);
}

void
vp_release(struct vp *vp)
{
	atomic_store(&vp->claimed, 0);
}

void
vp_request(struct vp *vp, uint32_t bits)
{
	uint32_t old = atomic_fetch_or(&vp->requests, bits);
	struct lp *lp;

	/* Whoever asked first also kicks. */
	if ((old & bits) == bits)
		return;
	if (READ_ONCE(vp->claimed) != 0) {
		lp = lp_get(READ_ONCE(vp->lp_index));
		if ((READ_ONCE(lp->guest_epoch) & 1) != 0)
			lp_kick(lp);
	}
	if ((bits & VP_REQ_WAKES) != 0 && READ_ONCE(vp->blocked) != 0 &&
	    atomic_swap(&vp->blocked, 0) != 0) {
		vp->woken_from_afar = vp->lp_index != lp_self()->index;
		scheduler_signal(vp);
	}
}

void
vp_wait_out(const struct vp *vp)
{
	const struct lp *lp;
	uint64_t epoch;

	if (READ_ONCE(vp->claimed) == 0)
		return;
	lp = lp_get(READ_ONCE(vp->lp_index));
	epoch = atomic_load(&lp->guest_epoch);
	while ((epoch & 1) != 0 && atomic_load(&lp->guest_epoch) == epoch &&
	    (READ_ONCE(vp->requests) & VP_REQ_TLB) != 0)
		cpu_relax();
}

void
vp_interrupt(struct vp *vp, uint8_t vector, enum vapic_kind kind)
{
	if (vapic_post(&vp->apic, vector, kind))
		vp_request(vp, VP_REQ_IRQ);
}

/* INIT and SIPI, in that order when both came. */
static void
vp_serve_startup(struct vp *vp, uint32_t asked)
{
	if ((asked & VP_REQ_INIT) != 0) {
		lp_unload(lp_self(), vp);
		vp_reset(vp, true);
	}
	if ((asked & VP_REQ_SIPI) != 0 && vp->activity == VP_WAIT_SIPI) {
		union hv_register_value cs;

		vendor->register_get(vp, HV_REGISTER_CS, &cs);
		cs.segment.selector = (uint16_t)(vp->sipi_vector << 8);
		cs.segment.base = (uint64_t)vp->sipi_vector << 12;
		vendor->register_set(vp, HV_REGISTER_CS, &cs);
		vp->regs.rip = 0;
		vp->activity = VP_ACTIVE;
	}
}

/* Would the processor take the interrupt that is offered, now? */
static bool
vp_irq_wakes(const struct vp *vp)
{
	return vp->irq_offered >= 0 && (vp->activity == VP_IDLE ||
	    (vp->regs.rflags & RFLAGS_IF) != 0);
}

void
vp_irq_withdraw(struct vp *vp)
{
	apic_no_eoi_sync(vp);
	if (vp->irq_offered < 0)
		return;
	vapic_withdraw(&vp->apic, (uint8_t)vp->irq_offered);
	vp->irq_offered = -1;
	vp->attention = true;
}

static void
vp_serve(struct vp *vp)
{
	uint32_t asked = 0;

	if (READ_ONCE(vp->requests) != 0)
		asked = atomic_swap(&vp->requests, 0);
	if ((asked & (VP_REQ_INIT | VP_REQ_SIPI)) != 0)
		vp_serve_startup(vp, asked);
	if ((asked & VP_REQ_TLB) != 0)
		vp->tlb_flush = true;
	if ((asked & (VP_REQ_TIMER | VP_REQ_MESSAGE)) != 0)
		vp_timers_expire(vp);
	if ((asked & VP_REQ_NMI) != 0)
		vp->nmi_pending = true;
	vp_irq_withdraw(vp);
	vp->attention = false;
	vp->irq_offered = (int16_t)vapic_pending(&vp->apic);
	if (vp->irq_offered >= 0)
		vapic_offer(&vp->apic, (uint8_t)vp->irq_offered);
	if (vp->no_eoi || synic_page_enabled(&vp->synic, SYNIC_PAGE_ASSIST))
		apic_no_eoi_decide(vp);
	if (vp->nmi_pending && !vp->nmi_masked && !vp->event.valid &&
	    vp->activity != VP_WAIT_SIPI) {
		vp->nmi_pending = false;
		vp->event = (struct vp_event){
			.valid = true,
			.type = HV_INTERRUPTION_NMI,
			.vector = 2,
		};
	}
	if (vp->activity == VP_HALTED || vp->activity == VP_IDLE) {
		if (vp->event.valid || vp_irq_wakes(vp))
			vp->activity = VP_ACTIVE;
	}
}

bool
vp_ready(struct vp *vp)
{
	if (READ_ONCE(vp->requests) != 0 || vp->attention)
		vp_serve(vp);
	return vp->activity == VP_ACTIVE;
}

void
vp_inject_exception(struct vp *vp, uint8_t vector, bool has_error,
    uint32_t error)
{
	vp->event = (struct vp_event){
		.valid = true,
		.has_error = has_error,
		.type = HV_INTERRUPTION_HARDWARE_EXCEPTION,
		.vector = vector,
		.error = error,
	};
	vp->attention = true;
}

void
vp_timer_update(struct vp *vp)
{
	struct lp *lp = lp_self();
	uint64_t deadline = vp_deadline(vp);

	if (vp->timer_lp != VP_NO_LP && vp->timer_lp != lp->index)
		vp_timer_remove(vp);
	if (vp->timer_lp == VP_NO_LP && deadline == UINT64_MAX)
		return;
	spin_lock(&lp->timer_lock);
	if (vp->timer_lp != VP_NO_LP)
		timerq_remove(&lp->timers, &vp->timer);
	vp->timer_lp = VP_NO_LP;
	if (deadline != UINT64_MAX) {
		timerq_insert(&lp->timers, &vp->timer, deadline);
		vp->timer_lp = lp->index;
	}
	spin_unlock(&lp->timer_lock);
	lp_timer_update(lp);
}
