/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on statistics pages. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/partition.h"
#include "core/stats.h"

/* The objects that a call may be about; the partition with a reference. */
struct stats_target {
	struct partition *part;
	struct vp *vp;
};

static enum hv_status
target_get(const struct hypercall *hc, const struct hv_input_stats_page *in,
    struct stats_target *t)
{
	*t = (struct stats_target){ 0 };
	if (in->type != HV_STATS_OBJECT_PARTITION &&
	    in->type != HV_STATS_OBJECT_VP)
		return HV_SUCCESS;
	t->part = hypercall_partition(hc, in->identity.partition.partition_id);
	if (t->part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (in->type == HV_STATS_OBJECT_PARTITION)
		return HV_SUCCESS;
	t->vp = partition_vp(t->part, in->identity.vp.vp_index);
	if (t->vp != NULL)
		return HV_SUCCESS;
	partition_put(t->part);
	return HV_INVALID_VP_INDEX;
}

static void
target_put(struct stats_target *t)
{
	if (t->part != NULL)
		partition_put(t->part);
}

enum hv_status
call_map_stats_page(struct hypercall *hc)
{
	const struct hv_input_stats_page *in =
	    HYPERCALL_INPUT(hc, struct hv_input_stats_page);
	struct hv_output_map_stats_page out;
	struct stats_target t;
	enum hv_status status;
	spa_t page;

	status = target_get(hc, in, &t);
	if (status != HV_SUCCESS)
		return status;
	status = stats_map(in, t.part, t.vp, &page);
	target_put(&t);
	if (status != HV_SUCCESS)
		return status;
	out.map_location = page.v >> PAGE_SHIFT;
	return hypercall_output(hc, &out, sizeof(out));
}

enum hv_status
call_unmap_stats_page(struct hypercall *hc)
{
	const struct hv_input_stats_page *in =
	    HYPERCALL_INPUT(hc, struct hv_input_stats_page);
	struct stats_target t;
	enum hv_status status;

	status = target_get(hc, in, &t);
	if (status != HV_SUCCESS)
		return status;
	status = stats_unmap(in, t.part, t.vp);
	target_put(&t);
	return status;
}
