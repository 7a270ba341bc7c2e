/* SPDX-License-Identifier: Apache-2.0 */
/* Making every processor forget translations of a partition, for sure. */
#include "core/partition.h"
#include "core/vp.h"
#include "core/vpset.h"

/*
 * All are asked before the first is waited for.  A VP that does not run has
 * its request served before it next does.
 */
void
partition_flush_vps(struct partition *part, const struct vpset *set)
{
	unsigned int i;

	vpset_for_each(i, set) {
		struct vp *vp = partition_vp(part, i);

		if (vp != NULL)
			vp_request(vp, VP_REQ_TLB);
	}
	vpset_for_each(i, set) {
		const struct vp *vp = partition_vp(part, i);

		if (vp != NULL)
			vp_wait_out(vp);
	}
}

void
partition_flush(struct partition *part)
{
	struct vpset all;

	vpset_first(&all, READ_ONCE(part->vp_count));
	partition_flush_vps(part, &all);
}
