/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that read and write a VP's state in one piece: APIC, FPU, SynIC. */
#include <mullion/hypercall_handlers.h>

#include "core/clock.h"
#include "core/hypercall.h"
#include "core/hypercall_target.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/fpu.h"
#include <tlfs/vp.h>

/* The pages of the parent that hold a state; more than any state needs. */
struct state_pages {
	size_t count;
	void *page[4];
};

static enum hv_status
state_pages_read(struct hypercall *hc, struct state_pages *p)
{
	uint64_t pfn[ARRAY_SIZE(p->page)];
	enum hv_status st;

	p->count = hc->varhead;
	if (p->count == 0 || p->count > ARRAY_SIZE(pfn))
		return HV_INVALID_PARAMETER;
	st = hypercall_read_varhead(hc, 0, p->count, pfn);
	if (st != HV_SUCCESS)
		return st;
	for (size_t i = 0; i < p->count; i++) {
		spa_t page = spa(pfn[i] << PAGE_SHIFT);

		if (pfn[i] >> (52 - PAGE_SHIFT) != 0 ||
		    !frames_lendable(page, 1) || !frames_open(page, PAGE_SIZE))
			return HV_INVALID_PARAMETER;
		p->page[i] = spa_to_ptr(page);
	}
	return HV_SUCCESS;
}

/* The page of @vp that a type names, or NULL. */
static void *
state_vp_page(struct vp *vp, uint32_t type)
{
	switch (type) {
	case HV_VP_STATE_SIMP:
		return vp->page[SYNIC_PAGE_MESSAGES];
	case HV_VP_STATE_SIEFP:
		return vp->page[SYNIC_PAGE_EVENTS];
	default:
		return NULL;
	}
}

static enum hv_status
state_get_pages(struct hypercall *hc, struct vp *vp, uint32_t type)
{
	struct state_pages p;
	enum hv_status st = state_pages_read(hc, &p);

	if (st != HV_SUCCESS)
		return st;
	switch (type) {
	case HV_VP_STATE_LAPIC:
		memset(p.page[0], 0, PAGE_SIZE);
		vapic_save(&vp->apic, rdtsc(), p.page[0]);
		return HV_SUCCESS;
	case HV_VP_STATE_XSAVE:
		memcpy(p.page[0], vp->fpu, PAGE_SIZE);
		return HV_SUCCESS;
	case HV_VP_STATE_SIMP:
	case HV_VP_STATE_SIEFP:
		memcpy(p.page[0], state_vp_page(vp, type), PAGE_SIZE);
		return HV_SUCCESS;
	default:
		return HV_INVALID_PARAMETER;
	}
}

static enum hv_status
state_set_pages(struct hypercall *hc, struct vp *vp, uint32_t type)
{
	struct hv_local_interrupt_controller_state lapic;
	struct state_pages p;
	enum hv_status st = state_pages_read(hc, &p);

	if (st != HV_SUCCESS)
		return st;
	switch (type) {
	case HV_VP_STATE_LAPIC:
		memcpy(&lapic, p.page[0], sizeof(lapic));
		vapic_restore(&vp->apic, rdtsc(), &lapic);
		vp_timer_update(vp);
		vp_request(vp, VP_REQ_IRQ);
		return HV_SUCCESS;
	case HV_VP_STATE_XSAVE:
		return fpu_restore(vp->fpu, p.page[0]) ? HV_SUCCESS :
		    HV_INVALID_REGISTER_VALUE;
	case HV_VP_STATE_SIMP:
	case HV_VP_STATE_SIEFP:
		memcpy(state_vp_page(vp, type), p.page[0], PAGE_SIZE);
		vp_request(vp, VP_REQ_MESSAGE);
		return HV_SUCCESS;
	default:
		return HV_INVALID_PARAMETER;
	}
}

static enum hv_status
state_set_timers(struct hypercall *hc, struct vp *vp)
{
	struct hv_synthetic_timers_state state;
	enum hv_status st;

	if (hc->varhead < sizeof(state) / sizeof(uint64_t))
		return HV_INVALID_PARAMETER;
	st = hypercall_read_varhead(hc, 0, sizeof(state) / sizeof(uint64_t),
	    (uint64_t *)(void *)&state);
	if (st != HV_SUCCESS)
		return st;
	stimers_restore(&vp->timers, clock_now(vp->part), &state);
	vp_request(vp, VP_REQ_TIMER);
	return HV_SUCCESS;
}

static enum hv_status
state_get_timers(struct hypercall *hc, struct vp *vp)
{
	struct hv_synthetic_timers_state state;

	stimers_save(&vp->timers, &state);
	return hypercall_output(hc, &state, sizeof(state));
}

enum hv_status
call_get_vp_state(struct hypercall *hc)
{
	const struct hv_input_vp_state *in = hypercall_input(hc);
	struct vp *vp;
	enum hv_status st = target_stopped_vp(hc, in->partition_id,
	    in->vp_index, &vp);

	if (st != HV_SUCCESS)
		return st;
	if (in->type == HV_VP_STATE_TIMERS)
		st = state_get_timers(hc, vp);
	else
		st = state_get_pages(hc, vp, in->type);
	target_stopped_vp_put(vp);
	return st;
}

enum hv_status
call_set_vp_state(struct hypercall *hc, const struct hv_input_vp_state *in,
    struct vp *vp)
{
	return in->type == HV_VP_STATE_TIMERS ? state_set_timers(hc, vp) :
	    state_set_pages(hc, vp, in->type);
}
