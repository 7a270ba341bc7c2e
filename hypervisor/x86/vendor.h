/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the makers' virtualisation extensions: one table. */
#ifndef HV_X86_VENDOR_H
#define HV_X86_VENDOR_H

#include "core/types.h"
#include <tlfs/registers.h>

struct lp;
struct nested_format;
struct partition;
struct vp;

/* Registers that live in the vendor's block; the names are the TLFS's. */
struct vendor {
	const char *name;
	const struct nested_format *nested;

	/* The instruction of a hypercall, and a return. */
	const uint8_t *hypercall_code;
	size_t hypercall_code_size;

	/* What the processor lacks, for a person, or NULL. */
	const char *(*missing)(void);
	/* One line of features for the banner. */
	void (*describe)(char *buf, size_t size);
	/* Turn the extension on, on this processor; needs two boot pages. */
	void (*lp_start)(struct lp *lp);

	/* Fill vp->arch, a zeroed page, for a partition's map. */
	void (*vp_create)(struct vp *vp);
	/* Architectural reset of what the block holds. */
	void (*vp_reset)(struct vp *vp, bool init);
	/* Make the state that no entry loads live on this processor. */
	void (*vp_load)(struct vp *vp);
	void (*vp_save)(struct vp *vp);
	/* Enter @vp, once, and handle the exit that follows. */
	void (*vp_run)(struct lp *lp, struct vp *vp);
	/* Take the physical interrupts that wait; sleep for one if @idle. */
	void (*lp_window)(bool idle);

	/* False: no such register here. */
	bool (*register_get)(const struct vp *vp, uint32_t name,
	    union hv_register_value *value);
	bool (*register_set)(struct vp *vp, uint32_t name,
	    const union hv_register_value *value);
	/* Instruction bytes the exit gave; returns how many, perhaps 0. */
	size_t (*insn_bytes)(const struct vp *vp, uint8_t *bytes, size_t size);
	/* Which exceptions exit follows the partition's intercepts. */
	void (*intercepts_update)(struct vp *vp);
};

/* The one that this machine has; set by vendor_missing(). */
extern const struct vendor *vendor;
extern const struct vendor vendor_svm;

/* Fill the page of code for hypercalls; guests copy it, it stands anywhere. */
void hypercall_page_fill(void *page);

/* A register of @vp that the vendor has, known to be there. */
static inline uint64_t
vendor_register(const struct vp *vp, uint32_t name)
{
	union hv_register_value v;

	vendor->register_get(vp, name, &v);
	return v.reg64;
}

static inline struct hv_segment_register
vendor_segment(const struct vp *vp, uint32_t name)
{
	union hv_register_value v;

	vendor->register_get(vp, name, &v);
	return v.segment;
}

static inline void
vendor_register_set(struct vp *vp, uint32_t name, uint64_t value)
{
	union hv_register_value v = { .reg64 = value };

	vendor->register_set(vp, name, &v);
}

/* Choose the vendor; what is missing to run here, or NULL if nothing is. */
const char *vendor_missing(void);

#endif
