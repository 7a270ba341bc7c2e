/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a running child, from the worker and from the hypervisor. */
#ifndef MULLION_WORKER_FIGURES_H
#define MULLION_WORKER_FIGURES_H

#include "manager/status.h"
#include "worker/machine.h"

/* Take the figures as they are now. */
void figures_collect(struct machine *m, struct partition_stats *out);

/*
 * Add to @out what the hypervisor's text of a VP's, or the partition's,
 * counters says. What is not in it stays as it was.
 */
void figures_add_vp_text(const char *text, size_t len, struct vp_stats *out);
void figures_add_partition_text(const char *text, size_t len,
    struct partition_stats *out);

#endif
