/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as a partition sees it. */
#ifndef HV_X86_CPUID_H
#define HV_X86_CPUID_H

#include "x86/cpu.h"

struct vp;

/* What @vp would read, without what its parent registered for the leaf. */
struct cpuid_result cpuid_default(const struct vp *vp, uint32_t leaf,
    uint32_t subleaf);

/* With it; false when the parent wants to be told instead. */
bool cpuid_read(const struct vp *vp, uint32_t leaf, uint32_t subleaf,
    struct cpuid_result *r);

/* EBX:EAX of HV_CPUID_FEATURES for the parent or for a child. */
uint64_t cpuid_privileges(bool root);

#endif
