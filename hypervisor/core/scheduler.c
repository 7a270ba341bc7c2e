/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root scheduler (TLFS type 4): the parent decides by DISPATCH_VP which
 * child runs where; its own VPs are pinned, one a processor.
 */
#include <mullion/hypercall_handlers.h>

#include "core/assert.h"
#include "core/hypercall.h"
#include "core/lp.h"
#include "core/partition.h"
#include "core/scheduler.h"
#include "core/stats.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "core/vp_page.h"
#include "x86/cpu.h"
#include "x86/tsc.h"
#include <tlfs/dispatch.h>
#include <tlfs/message.h>

/*
 * How long a halted child may keep its processor: a wake-up within it costs
 * no message, no interrupt and no pass through the parent's scheduler.  The
 * parent may have other work there, so a VP that sleeps longer than that gets
 * half as long the next time, down to nothing.
 */
#define HOLD_MICROSECONDS	250u
#define HOLD_LEAST		8u	/* parts of it */

/* Write the answer of DISPATCH_VP and let the root VP go on after it. */
static void
dispatch_end(struct lp *lp, uint32_t state, uint32_t event)
{
	struct hv_output_dispatch_vp out = {
		.dispatch_state = state,
		.dispatch_event = event,
	};
	enum guest_access access;

	lp->dispatched = NULL;
	lp->hold_until = 0;
	access = guest_write(&root_partition, gpa(lp->dispatch_output), &out,
	    sizeof(out), NULL);
	/* The call was refused unless the parent can be written to there. */
	ASSERT(access == GUEST_OK);
	hypercall_complete(lp->root_vp, HV_SUCCESS);
}

/*
 * Bring the pages that the parent reads up to date: the VP's always, for it
 * may not run again, the others' some 100 times a second.
 */
static void
dispatch_account(struct lp *lp, struct vp *child)
{
	uint64_t now = rdtsc();

	stats_vp_update(child);
	if (now - child->stats_at < tsc_hz() >> 7)
		return;
	child->stats_at = now;
	stats_partition_update(child->part);
	stats_lp_update(lp);
}

/*
 * The claim goes last: whoever takes it next, on any processor, finds all of
 * the VP's state in memory, or destroys it.
 */
static void
dispatch_leave(struct lp *lp, struct vp *child)
{
	dispatch_account(lp, child);
	vp_irq_withdraw(child);
	lp_unload(lp, child);
	vp_release(child);
}

static void
dispatch_end_ready(struct lp *lp, struct vp *child, uint32_t event)
{
	dispatch_leave(lp, child);
	dispatch_end(lp, HV_DISPATCH_STATE_READY, event);
}

/*
 * `blocked` is set before the last look at the requests, and posted requests
 * are followed by a look at `blocked`: no wake-up is lost.
 */
static void
dispatch_end_blocked(struct lp *lp, struct vp *child, uint32_t event)
{
	child->blocked_at = rdtsc();
	atomic_swap(&child->blocked, 1);
	if ((READ_ONCE(child->requests) & VP_REQ_WAKES) != 0 &&
	    atomic_swap(&child->blocked, 0) != 0)
		scheduler_signal(child);
	dispatch_leave(lp, child);
	dispatch_end(lp, HV_DISPATCH_STATE_BLOCKED, event);
}

static uint64_t
hold_longest(void)
{
	return tsc_hz() / 1000000 * HOLD_MICROSECONDS;
}

/* Is @child halted so shortly that it may keep the processor? */
static bool
dispatch_holds(struct lp *lp, struct vp *child)
{
	uint64_t now = rdtsc();

	if (child->activity != VP_HALTED || child->hold_ticks == 0)
		return false;
	if (lp->hold_until == 0) {
		lp->hold_until = now + child->hold_ticks;
		lp_timer_update(lp);
	}
	if (now < lp->hold_until)
		return true;
	child->hold_ticks /= 2;
	if (child->hold_ticks < hold_longest() / HOLD_LEAST)
		child->hold_ticks = 0;
	return false;
}

/*
 * A wake-up so soon would have been worth the wait.  Not one that came from
 * this processor: while it waits, nothing here can wake it.
 */
static void
hold_adapt(struct vp *child)
{
	if (child->woken_from_afar &&
	    rdtsc() - child->blocked_at < hold_longest())
		child->hold_ticks = hold_longest();
}

static void
dispatch_hold_end(struct lp *lp, struct vp *child)
{
	if (lp->hold_until == 0)
		return;
	lp->hold_until = 0;
	child->hold_ticks = hold_longest();
}

struct vp *
scheduler_next(struct lp *lp)
{
	struct vp *child = lp->dispatched;

	if (child != NULL) {
		if (child->intercept_suspend)
			dispatch_end_ready(lp, child,
			    HV_DISPATCH_EVENT_INTERCEPT);
		else if (READ_ONCE(lp->root_vp->requests) != 0)
			dispatch_end_ready(lp, child, 0);
		else if (READ_ONCE(child->explicit_suspend))
			dispatch_end_blocked(lp, child,
			    HV_DISPATCH_EVENT_SUSPEND);
		else if (vp_ready(child) && !child->intercept_suspend) {
			dispatch_hold_end(lp, child);
			return child;
		} else if (child->intercept_suspend)
			/* What it was asked just now is news for the worker. */
			dispatch_end_ready(lp, child,
			    HV_DISPATCH_EVENT_INTERCEPT);
		else if (dispatch_holds(lp, child))
			return NULL;
		else
			dispatch_end_blocked(lp, child, 0);
	}
	return vp_ready(lp->root_vp) ? lp->root_vp : NULL;
}

/* Without a page for messages a VP could not tell why it stops. */
static enum hv_status
dispatch_possible(struct vp *child)
{
	if (child->intercept_page != NULL)
		return HV_SUCCESS;
	vp_release(child);
	return HV_INVALID_VP_STATE;
}

/* HVCALL_DISPATCH_VP: the loop does the rest. */
enum hv_status
call_dispatch_vp(struct hypercall *hc)
{
	const struct hv_input_dispatch_vp *in = hypercall_input(hc);
	struct lp *lp = lp_self();
	struct partition *part;
	struct vp *child;
	enum hv_status st = HV_INVALID_VP_STATE;

	if (guest_probe_write(hc->part, hc->output_gpa, &hc->fault) != GUEST_OK)
		return HV_INVALID_PARAMETER;
	part = partition_get(hc->part, in->partition_id);
	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	child = part->is_root ? NULL : partition_vp(part, in->vp_index);
	if (child == NULL)
		st = HV_INVALID_VP_INDEX;
	else if (!child->dispatch_suspend && vp_claim(child))
		st = dispatch_possible(child);
	if (st == HV_SUCCESS) {
		child->lp_index = lp->index;
		atomic_store(&child->blocked, 0);
		if (child->activity == VP_HALTED)
			hold_adapt(child);
		if ((in->flags & HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND) != 0)
			child->intercept_suspend = false;
		vp_page_load(child);
		lp->dispatch_output = hc->output_gpa.v;
		lp->dispatched = child;
		hc->outcome = HYPERCALL_SWITCH;
		hc->vp->attention = true;
		/* One that waits for IF goes first, like one that comes now. */
		if (hc->vp->irq_offered >= 0)
			vp_request(hc->vp, VP_REQ_IRQ);
	}
	/* The claim keeps the VP, and with it the partition, in being. */
	partition_put(part);
	return st;
}

static void
signal_append(struct lp *lp, struct vp *vp)
{
	vp->signal_lp = lp->index;
	vp->signal_count++;
	vp->signal_next = NULL;
	if (lp->signal_first == NULL)
		lp->signal_first = vp;
	else
		lp->signal_last->signal_next = vp;
	lp->signal_last = vp;
}

/* False when it is in a queue already. */
static bool
signal_enqueue(struct lp *lp, struct vp *vp)
{
	bool queued = false;

	spin_lock(&lp->signal_lock);
	if (!vp->dispatch_suspend) {
		queued = atomic_swap(&vp->signal_queued, true);
		if (!queued)
			signal_append(lp, vp);
	}
	spin_unlock(&lp->signal_lock);
	return !queued;
}

/*
 * It may be in the queue of where it ran before, and the parent may know by
 * now: then it needs another signal.
 */
static bool
signal_waits(struct vp *vp)
{
	struct lp *lp = lp_get(READ_ONCE(vp->signal_lp));
	bool waits;

	spin_lock(&lp->signal_lock);
	waits = vp->signal_queued;
	spin_unlock(&lp->signal_lock);
	return waits;
}

void
scheduler_signal(struct vp *vp)
{
	struct lp *lp = lp_get(vp->lp_index);

	while (!signal_enqueue(lp, vp) && !signal_waits(vp))
		;
	scheduler_signals_flush(lp);
}

/* Write as many as fit into @msg, and leave them queued. */
static uint32_t
signals_describe(const struct lp *lp, struct hv_message *msg)
{
	struct hv_vp_signal_pair_scheduler_message *pair =
	    (void *)msg->payload;
	uint32_t n = 0;

	msg->header = (struct hv_message_header){
		.message_type = HVMSG_SCHEDULER_VP_SIGNAL_PAIR,
		.payload_size = sizeof(*pair),
	};
	for (const struct vp *vp = lp->signal_first;
	    vp != NULL && n < HV_SIGNAL_PAIR_MAX; vp = vp->signal_next) {
		pair->partition_ids[n] = vp->part->id;
		pair->vp_indexes[n] = vp->index;
		n++;
	}
	pair->overflow_count = 0;
	pair->vp_count = (uint8_t)n;
	return n;
}

void
scheduler_signals_flush(struct lp *lp)
{
	struct hv_message msg;
	uint32_t n;

	if (READ_ONCE(lp->signal_first) == NULL)
		return;
	spin_lock(&lp->signal_lock);
	n = signals_describe(lp, &msg);
	if (n == 0 || synic_post(lp->root_vp, HV_SINT_INTERCEPTION, &msg) !=
	    SYNIC_DELIVERED)
		n = 0;
	while (n-- > 0) {
		struct vp *vp = lp->signal_first;

		lp->signal_first = vp->signal_next;
		/* Last: from now on it may be queued anew, or destroyed. */
		atomic_store(&vp->signal_queued, false);
	}
	spin_unlock(&lp->signal_lock);
}

void
scheduler_forget(struct vp *vp)
{
	struct lp *lp;
	struct vp **link;

	if (!atomic_load(&vp->signal_queued))
		return;
	lp = lp_get(vp->signal_lp);
	spin_lock(&lp->signal_lock);
	for (link = &lp->signal_first; *link != NULL;
	    link = &(*link)->signal_next) {
		if (*link != vp)
			continue;
		*link = vp->signal_next;
		vp->signal_queued = false;
		break;
	}
	lp->signal_last = lp->signal_first;
	while (lp->signal_last != NULL && lp->signal_last->signal_next != NULL)
		lp->signal_last = lp->signal_last->signal_next;
	spin_unlock(&lp->signal_lock);
}
