/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers of a VP that exit. */
#ifndef HV_X86_MSR_H
#define HV_X86_MSR_H

#include "core/types.h"

struct vp;

enum msr_result {
	MSR_DONE,
	MSR_FAULT,		/* there is one, but not so: #GP */
	MSR_UNKNOWN,		/* up to the partition's policy */
};

/* The hypervisor's own, from 0x40000000 on. */
enum msr_result msr_synthetic_read(struct vp *vp, uint32_t msr,
    uint64_t *value);
enum msr_result msr_synthetic_write(struct vp *vp, uint32_t msr,
    uint64_t value);

/* All types in @value exist; not every VMRUN looks at that. */
bool msr_pat_valid(uint64_t value);

/* MTRRs of a child: kept, and without effect. */
enum msr_result msr_mtrr_read(const struct vp *vp, uint32_t msr,
    uint64_t *value);
enum msr_result msr_mtrr_write(struct vp *vp, uint32_t msr, uint64_t value);

#endif
