/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a logical processor: pick a VP, enter it, handle its exit. */
#include "core/lp.h"
#include "core/scheduler.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/fpu.h"
#include "x86/lapic.h"
#include "x86/vendor.h"

static struct lp *lps[LP_MAX];

struct lp *
lp_get(uint32_t index)
{
	return index < LP_MAX ? atomic_load(&lps[index]) : NULL;
}

struct lp *
lp_by_apic_id(uint32_t apic_id)
{
	for (uint32_t i = 0; i < LP_MAX; i++) {
		struct lp *lp = lp_get(i);

		if (lp != NULL && lp->apic_id == apic_id)
			return lp;
	}
	return NULL;
}

uint32_t
lp_count(void)
{
	uint32_t n = 0;

	while (n < LP_MAX && atomic_load(&lps[n]) != NULL)
		n++;
	return n;
}

void
lp_register(struct lp *lp)
{
	spinlock_init(&lp->signal_lock, LOCK_RANK_SIGNAL);
	spinlock_init(&lp->timer_lock, LOCK_RANK_TIMER);
	lp->armed = LAPIC_NO_DEADLINE;
	lp->started = rdtsc();
	atomic_store(&lps[lp->index], lp);
}

void
lp_kick(struct lp *lp)
{
	lapic_send(lp->apic_id, LP_VECTOR_KICK);
}

/* The state of a VP that the processor itself does not switch. */
static void
lp_load(struct lp *lp, struct vp *vp)
{
	uint64_t now = rdtsc();

	if (lp->loaded != NULL) {
		lp->loaded->run_tsc += now - lp->loaded_at;
		fpu_save(lp->loaded);
		vendor->vp_save(lp->loaded);
	}
	lp->loaded = vp;
	lp->loaded_at = now;
	fpu_load(vp);
	vendor->vp_load(vp);
}

void
lp_unload(struct lp *lp, struct vp *vp)
{
	if (lp->loaded != vp)
		return;
	vp->run_tsc += rdtsc() - lp->loaded_at;
	fpu_save(vp);
	vendor->vp_save(vp);
	lp->loaded = NULL;
}

/*
 * Nothing runs until an interrupt comes or somebody kicks: who pins a VP of
 * the parent to a processor that was added does.
 */
static void
lp_idle(struct lp *lp)
{
	const struct vp *root = atomic_load(&lp->root_vp);
	const struct vp *child = lp->dispatched;
	uint64_t start = rdtsc();

	atomic_fetch_add(&lp->guest_epoch, 1);
	if ((root == NULL || READ_ONCE(root->requests) == 0) &&
	    (child == NULL || READ_ONCE(child->requests) == 0))
		vendor->lp_window(true);
	atomic_store(&lp->guest_epoch, lp->guest_epoch + 1);
	lp->idle_tsc += rdtsc() - start;
}

_Noreturn void
lp_main(struct lp *lp)
{
	fpu_enable();
	vendor->lp_start(lp);
	while (atomic_load(&lp->root_vp) == NULL)
		lp_idle(lp);
	for (;;) {
		struct vp *vp = scheduler_next(lp);

		if (vp == NULL) {
			lp_idle(lp);
			continue;
		}
		if (lp->loaded != vp)
			lp_load(lp, vp);
		vendor->vp_run(lp, vp);
	}
}

void
lp_timer_update(struct lp *lp)
{
	uint64_t deadline;

	spin_lock(&lp->timer_lock);
	deadline = timerq_deadline(&lp->timers);
	spin_unlock(&lp->timer_lock);
	/* One that is past would interrupt again as long as nobody looks. */
	if (lp->hold_until != 0 && lp->hold_until > rdtsc())
		deadline = MIN(deadline, lp->hold_until);
	if (deadline == lp->armed)
		return;
	lp->armed = deadline;
	lapic_timer_arm(deadline);
}

/* Hand every VP whose time has come its request. */
static void
lp_timer_expired(struct lp *lp)
{
	uint64_t now = rdtsc();
	struct timerq_node *node;

	lp->armed = LAPIC_NO_DEADLINE;
	for (;;) {
		struct vp *vp;

		spin_lock(&lp->timer_lock);
		node = timerq_first(&lp->timers);
		if (node == NULL || node->deadline > now) {
			spin_unlock(&lp->timer_lock);
			break;
		}
		timerq_remove(&lp->timers, node);
		/* Until it is in no queue, nobody can destroy it. */
		vp = container_of(node, struct vp, timer);
		vp_request(vp, VP_REQ_TIMER);
		atomic_store(&vp->timer_lp, VP_NO_LP);
		spin_unlock(&lp->timer_lock);
	}
	lp_timer_update(lp);
}

/*
 * A level interrupt stays in service in the physical APIC until the parent
 * has dealt with its device; everything else ends here.
 */
void
lp_interrupt(uint32_t vector)
{
	struct lp *lp = lp_self();
	bool level;

	switch (vector) {
	case LP_VECTOR_TIMER:
		lapic_eoi();
		lp_timer_expired(lp);
		break;
	case LP_VECTOR_KICK:
		lapic_eoi();
		break;
	default:
		level = lapic_is_level((uint8_t)vector);
		if (!level)
			lapic_eoi();
		vp_interrupt(lp->root_vp, (uint8_t)vector,
		    level ? VAPIC_LEVEL : VAPIC_EDGE);
		break;
	}
}

void
lp_nmi(void)
{
	vp_request(lp_self()->root_vp, VP_REQ_NMI);
}
