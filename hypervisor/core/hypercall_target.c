/* SPDX-License-Identifier: Apache-2.0 */
/* What an input names, looked up before the handler of a call runs. */
#include "core/hypercall_target.h"

#include "core/hypercall.h"
#include "core/vp.h"
#include "core/vpset.h"

enum hv_status
target_parent(const struct hypercall *hc, uint64_t id)
{
	return id == HV_PARTITION_ID_SELF || id == hc->part->id ? HV_SUCCESS :
	    HV_INVALID_PARTITION_ID;
}

enum hv_status
target_partition(const struct hypercall *hc, uint64_t id,
    struct partition **part)
{
	*part = partition_get(hc->part, id);
	return *part != NULL ? HV_SUCCESS : HV_INVALID_PARTITION_ID;
}

enum hv_status
target_child(const struct hypercall *hc, uint64_t id, struct partition **part)
{
	enum hv_status st = target_partition(hc, id, part);

	if (st != HV_SUCCESS || !(*part)->is_root)
		return st;
	partition_put(*part);
	return HV_ACCESS_DENIED;
}

enum hv_status
target_vp(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp **vp)
{
	struct partition *part;
	enum hv_status st = target_partition(hc, id, &part);

	if (st != HV_SUCCESS)
		return st;
	*vp = part->is_root ? NULL : partition_vp(part, index);
	if (*vp != NULL)
		return HV_SUCCESS;
	partition_put(part);
	return HV_INVALID_VP_INDEX;
}

enum hv_status
target_any_vp(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp **vp)
{
	return target_vp(hc, id, index == HV_ANY_VP ? 0 : index, vp);
}

enum hv_status
target_stopped_vp(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp **vp)
{
	enum hv_status st = target_vp(hc, id, index, vp);

	if (st != HV_SUCCESS || vp_claim(*vp))
		return st;
	target_vp_put(*vp);
	return HV_INVALID_VP_STATE;
}

void
target_vp_put(struct vp *vp)
{
	partition_put(vp->part);
}

void
target_stopped_vp_put(struct vp *vp)
{
	struct partition *part = vp->part;

	vp_release(vp);
	partition_put(part);
}

enum hv_status
target_vps(struct hypercall *hc, size_t first, uint64_t format,
    uint64_t valid_mask, struct vpset *set)
{
	size_t count = hc->varhead > first ? hc->varhead - first : 0;
	uint64_t banks[VPSET_BANKS];
	enum hv_status st;

	if (count > VPSET_BANKS)
		return HV_INVALID_PARAMETER;
	st = hypercall_read_varhead(hc, first, count, banks);
	return st != HV_SUCCESS ? st : vpset_from_banks(set, format,
	    valid_mask, banks, count, hc->part->vp_count);
}
