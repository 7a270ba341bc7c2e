/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and events into the pages of a VP, and its SynIC's MSRs. */
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/scheduler.h"
#include "core/string.h"
#include "core/synic_access.h"
#include "core/vp.h"

static void
synic_raise(struct vp *vp, const struct synic_interrupt *irq)
{
	if (irq->raise)
		vp_interrupt(vp, irq->vector,
		    irq->auto_eoi ? VAPIC_AUTO_EOI : VAPIC_EDGE);
}

enum synic_delivery
synic_post(struct vp *vp, unsigned int sint, const struct hv_message *msg)
{
	struct synic_interrupt irq = { 0 };
	enum synic_delivery d = SYNIC_CLOSED;

	spin_lock(&vp->synic_lock);
	if (vp->page[SYNIC_PAGE_MESSAGES] != NULL)
		d = synic_post_message(&vp->synic,
		    vp->page[SYNIC_PAGE_MESSAGES], sint, msg, &irq);
	spin_unlock(&vp->synic_lock);
	if (d == SYNIC_DELIVERED)
		synic_raise(vp, &irq);
	return d;
}

enum synic_delivery
synic_signal(struct vp *vp, unsigned int sint, unsigned int flag, bool *newly)
{
	struct synic_interrupt irq = { 0 };
	enum synic_delivery d = SYNIC_CLOSED;

	*newly = false;
	spin_lock(&vp->synic_lock);
	if (vp->page[SYNIC_PAGE_EVENTS] != NULL)
		d = synic_signal_event(&vp->synic,
		    vp->page[SYNIC_PAGE_EVENTS], sint, flag, newly, &irq);
	spin_unlock(&vp->synic_lock);
	if (d == SYNIC_DELIVERED)
		synic_raise(vp, &irq);
	return d;
}

enum synic_delivery
synic_ring(struct vp *vp, unsigned int sint, uint32_t port)
{
	enum synic_delivery d = SYNIC_CLOSED;
	bool notify = false;

	spin_lock(&vp->synic_lock);
	if (vp->page[SYNIC_PAGE_RINGS] != NULL)
		d = synic_push_event(&vp->synic, vp->page[SYNIC_PAGE_RINGS],
		    sint, port, &notify);
	spin_unlock(&vp->synic_lock);
	if (d == SYNIC_DELIVERED && notify) {
		atomic_fetch_or(&vp->ring_notify, 1u << sint);
		synic_notify_rings(vp);
	}
	return d;
}

/* Say which rings have entries; what finds its slot full stays owed. */
void
synic_notify_rings(struct vp *vp)
{
	uint32_t owed = READ_ONCE(vp->ring_notify);
	struct hv_message msg;

	for (unsigned int sint = 0; owed != 0; sint++, owed >>= 1) {
		if ((owed & 1) == 0)
			continue;
		memset(&msg, 0, sizeof(msg));
		synic_notification(&msg, sint);
		atomic_fetch_and(&vp->ring_notify, ~(1u << sint));
		if (synic_post(vp, HV_SINT_INTERCEPTION, &msg) ==
		    SYNIC_BUSY)
			atomic_fetch_or(&vp->ring_notify, 1u << sint);
	}
}

/* Show our page where the guest has asked for it, or take it away. */
static bool
synic_page_move(struct vp *vp, enum synic_page page)
{
	struct gpamap_change change = { 0 };
	struct partition *part = vp->part;
	enum hv_status st = HV_SUCCESS;
	spa_t ours;

	if (part->is_root || vp->page[page] == NULL)
		return true;
	ours = ptr_to_spa(vp->page[page]);
	gpamap_overlay_clear(&part->map, &change, ours);
	if (synic_page_enabled(&vp->synic, page))
		st = gpamap_overlay_set(&part->map, &change,
		    synic_page_pfn(&vp->synic, page), ours,
		    GPAMAP_READ | GPAMAP_WRITE);
	partition_commit(part, &change);
	return st == HV_SUCCESS;
}

bool
synic_msr_write(struct vp *vp, uint32_t msr, uint64_t value)
{
	enum synic_page page = SYNIC_PAGE_MESSAGES;
	enum synic_effect effect;

	spin_lock(&vp->synic_lock);
	effect = synic_write(&vp->synic, msr, value, &page);
	spin_unlock(&vp->synic_lock);
	switch (effect) {
	case SYNIC_FAULT:
		return false;
	case SYNIC_RETRY:
		if (vp->part->is_root) {
			scheduler_signals_flush(lp_get(vp->lp_index));
			synic_notify_rings(vp);
		} else {
			vp_request(vp, VP_REQ_MESSAGE);
		}
		return true;
	case SYNIC_PAGE_CHANGED:
		return synic_page_move(vp, page);
	default:
		return true;
	}
}

void
synic_pages_reset(struct vp *vp)
{
	struct gpamap_change change = { 0 };
	uint64_t pfn[SYNIC_PAGES] = { 0 };
	bool root = vp->part->is_root;

	/* Others may be posting to it. */
	spin_lock(&vp->synic_lock);
	for (size_t i = 0; i < SYNIC_PAGES; i++) {
		if (vp->page[i] == NULL)
			continue;
		pfn[i] = ptr_to_spa(vp->page[i]).v >> PAGE_SHIFT;
		memset(vp->page[i], 0, PAGE_SIZE);
	}
	synic_reset(&vp->synic, root ? pfn : NULL);
	spin_unlock(&vp->synic_lock);
	if (root)
		return;
	for (size_t i = 0; i < SYNIC_PAGES; i++) {
		if (vp->page[i] != NULL)
			gpamap_overlay_clear(&vp->part->map, &change,
			    ptr_to_spa(vp->page[i]));
	}
	partition_commit(vp->part, &change);
}

uint16_t
synic_free_slots(struct vp *vp)
{
	uint16_t slots;

	spin_lock(&vp->synic_lock);
	slots = synic_deliverable(&vp->synic, vp->page[SYNIC_PAGE_MESSAGES]);
	spin_unlock(&vp->synic_lock);
	return slots;
}
