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
