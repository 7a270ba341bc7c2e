/* SPDX-License-Identifier: Apache-2.0 */
/* Where in physical memory the hypervisor and its parent will live. */
#ifndef HV_BOOT_PLAN_H
#define HV_BOOT_PLAN_H

#include "boot/bzimage.h"
#include "boot/memory_map.h"

struct plan_area {
	uint64_t start;
	uint64_t size;
};

/* At most so many areas are in use before: image, modules, boot information. */
#define PLAN_TAKEN_MAX	4

struct plan_input {
	const struct memory_map *memory;	/* the firmware's */
	struct plan_area image;			/* the hypervisor's own */
	struct plan_area taken[PLAN_TAKEN_MAX];
	uint32_t processors;
	bool huge_pages;			/* of 1 GiB */
	const struct bzimage *kernel;
	uint64_t handover_size;
};

struct plan {
	struct plan_area private;	/* ours alone, 2 MiB-aligned */
	struct plan_area shared;	/* ours, and the parent may see it */
	uint64_t trampoline;		/* one page below 1 MiB */
	uint64_t kernel;		/* load address of the parent kernel */
	uint64_t handover;		/* page tables, boot_params and so on */
	struct memory_map parent_memory;
};

/* NULL if there was a place for everything; else what there is none for. */
const char *plan_make(const struct plan_input *in, struct plan *out);

#endif /* HV_BOOT_PLAN_H */
