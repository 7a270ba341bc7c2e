/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages, which the parent maps and reads when it likes. */
#ifndef HV_CORE_STATS_H
#define HV_CORE_STATS_H

struct lp;
struct partition;
struct vp;

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
