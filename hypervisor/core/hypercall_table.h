/* SPDX-License-Identifier: Apache-2.0 */
/* The table of hypercalls, which the build makes of hypercalls.txt. */
#ifndef HV_CORE_HYPERCALL_TABLE_H
#define HV_CORE_HYPERCALL_TABLE_H

#include "core/hypercall.h"

/* Codes from here on are none of ours. */
#define HYPERCALL_INDEX_SIZE	0x132u

/* The place of each code in hypercall_entries; 0: there is no such call. */
extern const uint8_t hypercall_index[HYPERCALL_INDEX_SIZE];
extern const struct hypercall_entry hypercall_entries[];

#endif /* HV_CORE_HYPERCALL_TABLE_H */
