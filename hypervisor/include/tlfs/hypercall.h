/* SPDX-License-Identifier: Apache-2.0 */
/* The control word, the result word and the call codes of hypercalls. */
#ifndef TLFS_HYPERCALL_H
#define TLFS_HYPERCALL_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

/* Control word, in RCX. */
#define HV_HYPERCALL_CODE_MASK		UINT64_C(0x000000000000ffff)
#define HV_HYPERCALL_FAST		UINT64_C(0x0000000000010000)
#define HV_HYPERCALL_VARHEAD_SHIFT	17	/* in qwords */
#define HV_HYPERCALL_VARHEAD_MASK	UINT64_C(0x0000000007fe0000)
#define HV_HYPERCALL_NESTED		UINT64_C(0x0000000080000000)
#define HV_HYPERCALL_REP_COUNT_SHIFT	32
#define HV_HYPERCALL_REP_COUNT_MASK	UINT64_C(0x00000fff00000000)
#define HV_HYPERCALL_REP_START_SHIFT	48
#define HV_HYPERCALL_REP_START_MASK	UINT64_C(0x0fff000000000000)

/* Result word, in RAX. */
#define HV_HYPERCALL_STATUS_MASK	UINT64_C(0x000000000000ffff)
#define HV_HYPERCALL_REPS_DONE_SHIFT	32

#define HV_HYPERCALL_ALIGNMENT		8

/* The caller's own partition, where an id is asked for. */
#define HV_PARTITION_ID_SELF		UINT64_MAX
#define HV_ANY_VP			UINT32_C(0xffffffff)

#endif /* TLFS_HYPERCALL_H */
