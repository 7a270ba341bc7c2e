/* SPDX-License-Identifier: Apache-2.0 */
/* A VP's accesses to its local APIC, carried out. */
#ifndef HV_X86_APIC_ACCESS_H
#define HV_X86_APIC_ACCESS_H

#include "core/types.h"

struct vp;

/* Registers as vapic.h numbers them. False: the access takes #GP. */
bool apic_read(struct vp *vp, uint32_t reg, uint64_t *value);
bool apic_write(struct vp *vp, uint32_t reg, uint64_t value);
bool apic_base_write(struct vp *vp, uint64_t value);

/*
 * Lazy EOI: a bit in the VP assist page, "No EOI Required", lets the guest end
 * an interrupt by clearing it, without an exit. Decide on it whenever what is
 * offered or waits may have changed. Learn whether the guest did before what is
 * in service, or how that blocks others, is looked at.
 */
void apic_no_eoi_decide(struct vp *vp);
void apic_no_eoi_sync(struct vp *vp);

/*
 * Tell the parent which level interrupt its child has ended, once the
 * instruction that did is complete.
 */
void apic_eoi_report(struct vp *vp);

/*
 * @addr is in the page of the APIC in xAPIC mode: decode the instruction that
 * touched it and do what it says. False if the page is not there.
 */
bool apic_page_access(struct vp *vp, gpa_t addr);

#endif
