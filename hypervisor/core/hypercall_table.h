/* SPDX-License-Identifier: Apache-2.0 */
/* The table of hypercalls, which the build makes of hypercalls.txt. */
#ifndef HV_CORE_HYPERCALL_TABLE_H
#define HV_CORE_HYPERCALL_TABLE_H

#include "core/hypercall.h"

/* Codes from here on are none of ours. */
#define HYPERCALL_TABLE_SIZE	0x132u

/* By the code of the call; NULL: there is none. */
extern const struct hypercall_entry *const
    hypercall_table[HYPERCALL_TABLE_SIZE];

#endif /* HV_CORE_HYPERCALL_TABLE_H */
