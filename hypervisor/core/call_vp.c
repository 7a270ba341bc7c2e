/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on virtual processors: life, registers, pages, CPUID, addresses. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/registers.h"
#include "core/root.h"
#include "core/stats.h"
#include "core/vp.h"
#include "core/vp_page.h"
#include "x86/cpuid.h"
#include "x86/walk.h"
#include <tlfs/memory.h>
#include <tlfs/vp.h>

/* A VP of a child that a call names, with a reference on its partition. */
struct vp_target {
	struct partition *part;
	struct vp *vp;
};

static enum hv_status
target_get(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp_target *t)
{
	t->part = hypercall_partition(hc, id);
	if (t->part == NULL)
		return HV_INVALID_PARTITION_ID;
	t->vp = t->part->is_root ? NULL : partition_vp(t->part, index);
	if (t->vp != NULL)
		return HV_SUCCESS;
	partition_put(t->part);
	return HV_INVALID_VP_INDEX;
}

/* The same, and the sole access to its state. */
static enum hv_status
target_claim(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp_target *t)
{
	enum hv_status st = target_get(hc, id, index, t);

	if (st != HV_SUCCESS || vp_claim(t->vp))
		return st;
	partition_put(t->part);
	return HV_INVALID_VP_STATE;
}

static void
target_release(struct vp_target *t)
{
	vp_release(t->vp);
	partition_put(t->part);
}

static enum hv_status
child_vp_create(struct partition *part, uint32_t index)
{
	struct vp *vp = NULL;
	enum hv_status st = HV_SUCCESS;

	if (index >= PARTITION_MAX_VPS)
		return HV_INVALID_VP_INDEX;
	spin_lock(&part->lock);
	if (part->state != PARTITION_ACTIVE)
		st = HV_INVALID_PARTITION_STATE;
	else if (part->vps[index] != NULL)
		st = HV_INVALID_PARAMETER;
	else
		st = vp_create(part, index, &vp);
	if (st == HV_SUCCESS) {
		atomic_store(&part->vps[index], vp);
		if (part->vp_count <= index)
			part->vp_count = index + 1;
	}
	spin_unlock(&part->lock);
	stats_partition_update(part);
	return st;
}

enum hv_status
call_create_vp(struct hypercall *hc)
{
	const struct hv_input_create_vp *in =
	    HYPERCALL_INPUT(hc, struct hv_input_create_vp);
	struct partition *part = hypercall_partition(hc, in->partition_id);
	enum hv_status st;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (part->is_root)
		st = root_vp_create(in->vp_index, (uint32_t)in->flags);
	else
		st = child_vp_create(part, in->vp_index);
	partition_put(part);
	return st;
}

enum hv_status
call_delete_vp(struct hypercall *hc)
{
	const struct hv_input_delete_vp *in =
	    HYPERCALL_INPUT(hc, struct hv_input_delete_vp);
	struct vp_target t;
	struct vp *there;
	enum hv_status st;

	st = target_claim(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	there = t.vp;
	spin_lock(&t.part->lock);
	/* FINALIZE takes VPs out without the lock, and each for itself. */
	if (!atomic_cas(&t.part->vps[in->vp_index], &there, NULL)) {
		st = HV_INVALID_VP_INDEX;
	} else {
		t.vp->deleted_next = t.part->deleted;
		t.part->deleted = t.vp;
	}
	spin_unlock(&t.part->lock);
	/*
	 * Others may have found it before: it stays claimed, so that nothing
	 * runs it, and its memory stays with it until all of them stop.
	 */
	if (st != HV_SUCCESS)
		vp_release(t.vp);
	partition_put(t.part);
	return st;
}

enum hv_status
call_get_vp_registers(struct hypercall *hc)
{
	const struct hv_input_get_vp_registers *in =
	    HYPERCALL_INPUT(hc, struct hv_input_get_vp_registers);
	struct vp_target t;
	enum hv_status st;

	st = target_claim(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	for (; hc->reps_done < hc->rep_count; hc->reps_done++) {
		union hv_register_value value;
		uint32_t name;

		st = hypercall_read_rep(hc, &name);
		if (st == HV_SUCCESS)
			st = register_read(t.vp, name, &value);
		if (st == HV_SUCCESS)
			st = hypercall_write_rep(hc, &value);
		if (st != HV_SUCCESS)
			break;
	}
	target_release(&t);
	return st;
}

/* Tell the parent of these slots when they are free. */
static void
notifications_write(struct vp *vp, uint64_t value)
{
	atomic_store(&vp->notify_sints,
	    (uint16_t)(value >> HV_DELIVERABILITY_SINT_SHIFT));
	/* One may be free by now, and the VP be halted. */
	vp_request(vp, VP_REQ_MESSAGE | VP_REQ_STOP);
}

/* Registers that a parent writes while the VP may be running. */
static bool
shared_write(struct vp *vp, const struct hv_register_assoc *assoc)
{
	bool set = (assoc->value.reg64 & HV_SUSPENDED) != 0;

	switch (assoc->name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		WRITE_ONCE(vp->explicit_suspend, set);
		break;
	case HV_REGISTER_DISPATCH_SUSPEND:
		WRITE_ONCE(vp->dispatch_suspend, set);
		break;
	case HV_REGISTER_DELIVERABILITY_NOTIFICATIONS:
		notifications_write(vp, assoc->value.reg64);
		return true;
	default:
		return false;
	}
	/* Who dispatches it claims it first and looks then. */
	atomic_fence();
	if (READ_ONCE(vp->claimed) != 0)
		vp_request(vp, VP_REQ_STOP);
	return true;
}

static enum hv_status
assoc_write(struct vp *vp, const struct hv_register_assoc *assoc)
{
	enum hv_status st;

	if (shared_write(vp, assoc))
		return HV_SUCCESS;
	if (!vp_claim(vp))
		return HV_INVALID_VP_STATE;
	st = register_write(vp, assoc->name, &assoc->value);
	vp_release(vp);
	return st;
}

enum hv_status
call_set_vp_registers(struct hypercall *hc)
{
	const struct hv_input_set_vp_registers *in =
	    HYPERCALL_INPUT(hc, struct hv_input_set_vp_registers);
	struct vp_target t;
	enum hv_status st;

	st = target_get(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	for (; hc->reps_done < hc->rep_count; hc->reps_done++) {
		struct hv_register_assoc assoc;

		st = hypercall_read_rep(hc, &assoc);
		if (st == HV_SUCCESS)
			st = assoc_write(t.vp, &assoc);
		if (st != HV_SUCCESS)
			break;
	}
	partition_put(t.part);
	return st;
}

enum hv_status
call_translate_virtual_address(struct hypercall *hc)
{
	const struct hv_input_translate_virtual_address *in =
	    HYPERCALL_INPUT(hc, struct hv_input_translate_virtual_address);
	struct hv_output_translate_virtual_address out = { 0 };
	struct vp_target t;
	enum hv_status st;
	gpa_t to;

	st = target_claim(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	out.result_code = walk_translate(t.vp, in->gva_page << PAGE_SHIFT,
	    in->control_flags, &to);
	if (out.result_code == HV_TRANSLATE_SUCCESS) {
		struct gpamap_entry e = gpamap_query(&t.part->map,
		    to.v >> PAGE_SHIFT);

		if (e.state == GPAMAP_UNMAPPED)
			out.result_code = HV_TRANSLATE_GPA_UNMAPPED;
		out.gpa_page = to.v >> PAGE_SHIFT;
	}
	target_release(&t);
	return hypercall_output(hc, &out, sizeof(out));
}

static void **
state_page(struct vp *vp, uint32_t type)
{
	switch (type) {
	case HV_VP_STATE_PAGE_REGISTERS:
		return (void **)&vp->register_page;
	case HV_VP_STATE_PAGE_INTERCEPT_MESSAGE:
		return (void **)&vp->intercept_page;
	default:
		return NULL;
	}
}

enum hv_status
call_map_vp_state_page(struct hypercall *hc)
{
	const struct hv_input_map_vp_state_page *in =
	    HYPERCALL_INPUT(hc, struct hv_input_map_vp_state_page);
	struct hv_output_map_vp_state_page out = { 0 };
	struct vp_target t;
	enum hv_status st;
	void **page;

	st = target_claim(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	page = state_page(t.vp, in->type);
	if (page == NULL || (in->flags & HV_STATE_PAGE_LOCATION_PROVIDED) != 0)
		st = HV_INVALID_PARAMETER;
	else if (*page == NULL && (*page = pool_alloc(&t.part->pool)) == NULL)
		st = HV_INSUFFICIENT_MEMORY;
	else
		out.map_location = ptr_to_spa(*page).v >> PAGE_SHIFT;
	target_release(&t);
	if (st != HV_SUCCESS)
		return st;
	return hypercall_output(hc, &out, sizeof(out));
}

enum hv_status
call_unmap_vp_state_page(struct hypercall *hc)
{
	const struct hv_input_unmap_vp_state_page *in =
	    HYPERCALL_INPUT(hc, struct hv_input_unmap_vp_state_page);
	struct vp_target t;
	enum hv_status st;
	void **page;

	st = target_claim(hc, in->partition_id, in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	page = state_page(t.vp, in->type);
	if (page == NULL) {
		st = HV_INVALID_PARAMETER;
	} else {
		pool_free(&t.part->pool, *page);
		*page = NULL;
	}
	target_release(&t);
	return st;
}

enum hv_status
call_get_vp_cpuid_values(struct hypercall *hc)
{
	const struct hv_input_get_vp_cpuid_values *in =
	    HYPERCALL_INPUT(hc, struct hv_input_get_vp_cpuid_values);
	struct vp_target t;
	enum hv_status st;

	st = target_get(hc, in->partition_id,
	    in->vp_index == HV_ANY_VP ? 0 : in->vp_index, &t);
	if (st != HV_SUCCESS)
		return st;
	for (; hc->reps_done < hc->rep_count; hc->reps_done++) {
		struct hv_cpuid_leaf_info leaf;
		struct cpuid_result r;

		st = hypercall_read_rep(hc, &leaf);
		if (st != HV_SUCCESS)
			break;
		cpuid_read(t.vp, leaf.eax, leaf.ecx, &r);
		st = hypercall_write_rep(hc, &r);
		if (st != HV_SUCCESS)
			break;
	}
	partition_put(t.part);
	return st;
}
