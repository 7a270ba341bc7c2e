/* SPDX-License-Identifier: Apache-2.0 */
/* The bits of a nested table's entry, for one maker's processors. */
#ifndef HV_CORE_NESTED_FORMAT_H
#define HV_CORE_NESTED_FORMAT_H

#include "core/types.h"

/*
 * Masks of an entry. An entry of which none of @present is set does not
 * translate; all its other bits are then software's. Every maker so far has
 * four levels of 512 entries and the frame in bits 51:12.
 */
struct nested_format {
	uint64_t present;
	uint64_t readable;	/* set on every mapping */
	uint64_t writable;
	uint64_t executable;	/* set if it is allowed */
	uint64_t no_execute;	/* set if it is not */
	uint64_t accessed;
	uint64_t dirty;
	uint64_t large;		/* a leaf above the lowest level */
	uint64_t table;		/* all bits of a pointer to a table */
	uint64_t cached;	/* memory type write-back */
	uint64_t uncached;
	uint64_t no_access;	/* software: known to the parent, not present */
	uint64_t overlay;	/* software: a page of ours shadows this one */
	bool (*has_1g)(void);	/* the processor knows leaves of 1 GiB */
};

#define NESTED_FRAME_MASK	UINT64_C(0x000ffffffffff000)

#endif /* HV_CORE_NESTED_FORMAT_H */
