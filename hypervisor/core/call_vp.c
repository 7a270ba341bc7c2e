/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on virtual processors: life, registers, pages, CPUID, addresses. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/hypercall_target.h"
#include "core/registers.h"
#include "core/root.h"
#include "core/stats.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpuid.h"
#include "x86/walk.h"
#include <tlfs/vp.h>

static enum hv_status
child_vp_create(struct partition *part, uint32_t index)
{
	enum hv_status st;

	if (index >= PARTITION_MAX_VPS)
		return HV_INVALID_VP_INDEX;
	spin_lock(&part->lock);
	if (part->state != PARTITION_ACTIVE)
		st = HV_INVALID_PARTITION_STATE;
	else if (part->vps[index] != NULL)
		st = HV_INVALID_PARAMETER;
	else
		st = vp_create(part, index);
	spin_unlock(&part->lock);
	stats_partition_update(part);
	return st;
}

enum hv_status
call_create_vp(const struct hv_input_create_vp *in, struct partition *part)
{
	return part->is_root ?
	    root_vp_create(in->vp_index, (uint32_t)in->flags) :
	    child_vp_create(part, in->vp_index);
}

/*
 * Others may have found it before: it stays claimed, so that nothing runs it,
 * and its memory stays with it until all of them stop.
 */
enum hv_status
call_delete_vp(const struct hv_input_delete_vp *in, struct vp *vp)
{
	struct partition *part = vp->part;
	struct vp *there = vp;
	bool found;

	if (!vp_claim(vp))
		return HV_INVALID_VP_STATE;
	spin_lock(&part->lock);
	/* FINALIZE takes VPs out without the lock, and each for itself. */
	found = atomic_cas(&part->vps[in->vp_index], &there, NULL);
	if (found) {
		vp->deleted_next = part->deleted;
		part->deleted = vp;
	}
	spin_unlock(&part->lock);
	if (found)
		return HV_SUCCESS;
	vp_release(vp);
	return HV_INVALID_VP_INDEX;
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

enum hv_status
call_set_vp_registers(struct vp *vp, const struct hv_register_assoc *assoc)
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
call_translate_virtual_address(
    const struct hv_input_translate_virtual_address *in, struct vp *vp,
    struct hv_output_translate_virtual_address *out)
{
	gpa_t to;

	out->result_code = walk_translate(vp, in->gva_page << PAGE_SHIFT,
	    in->control_flags, &to);
	if (out->result_code == HV_TRANSLATE_SUCCESS) {
		out->gpa_page = to.v >> PAGE_SHIFT;
		if (gpamap_query(&vp->part->map, out->gpa_page).state ==
		    GPAMAP_UNMAPPED)
			out->result_code = HV_TRANSLATE_GPA_UNMAPPED;
	}
	return HV_SUCCESS;
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
call_map_vp_state_page(const struct hv_input_map_vp_state_page *in,
    struct vp *vp, uint64_t *out)
{
	void **page = state_page(vp, in->type);

	if (page == NULL || (in->flags & HV_STATE_PAGE_LOCATION_PROVIDED) != 0)
		return HV_INVALID_PARAMETER;
	if (*page == NULL)
		*page = pool_alloc(&vp->part->pool);
	if (*page == NULL)
		return HV_INSUFFICIENT_MEMORY;
	*out = ptr_to_spa(*page).v >> PAGE_SHIFT;
	return HV_SUCCESS;
}

enum hv_status
call_unmap_vp_state_page(const struct hv_input_unmap_vp_state_page *in,
    struct vp *vp)
{
	void **page = state_page(vp, in->type);

	if (page == NULL)
		return HV_INVALID_PARAMETER;
	pool_free(&vp->part->pool, *page);
	*page = NULL;
	return HV_SUCCESS;
}

enum hv_status
call_get_vp_cpuid_values(struct vp *vp, const struct hv_cpuid_leaf_info *leaf,
    struct hv_output_get_vp_cpuid_values *out)
{
	struct cpuid_result r;

	cpuid_read(vp, leaf->eax, leaf->ecx, &r);
	memcpy(out, &r, sizeof(*out));
	return HV_SUCCESS;
}
