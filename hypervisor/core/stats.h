/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages, which the parent maps and reads when it likes. */
#ifndef HV_CORE_STATS_H
#define HV_CORE_STATS_H

#include "core/types.h"
#include <tlfs/stats.h>
#include <tlfs/status.h>

struct lp;
struct partition;
struct vp;

/* An array of counters, in a page of the parent's pool. */
struct stats_page {
	struct hv_stats_page counters;
};

/*
 * The page that counts for the object that @in names, made if there is none.
 * @part and @vp are that object where it is a partition or a VP. Errors:
 * HV_INVALID_PARAMETER (unknown kind or area), HV_INVALID_LP_INDEX,
 * HV_INSUFFICIENT_MEMORY (of the parent's pool).
 */
enum hv_status stats_map(const struct hv_input_stats_page *in,
    struct partition *part, struct vp *vp, spa_t *page);

/* Give it back. HV_NOT_FOUND: it was not mapped; else as above. */
enum hv_status stats_unmap(const struct hv_input_stats_page *in,
    struct partition *part, struct vp *vp);

/*
 * Bring a page up to date, if it is mapped. Any processor, no lock held; may
 * leave it to the next time when another processor is at it.
 */
void stats_vp_update(struct vp *vp);
void stats_lp_update(struct lp *lp);
void stats_partition_update(struct partition *part);
void stats_hypervisor_update(void);

/* The object ends, and its page with it. */
void stats_vp_gone(struct vp *vp);
void stats_partition_gone(struct partition *part);

#endif /* HV_CORE_STATS_H */
