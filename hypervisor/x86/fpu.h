/* SPDX-License-Identifier: Apache-2.0 */
/* State that neither vendor's block holds: FPU, XCR0, DR0..3, TSC_AUX. */
#ifndef HV_X86_FPU_H
#define HV_X86_FPU_H

#include "core/types.h"
#include <tlfs/register_value.h>

struct vp;

/* Note what the processor has; once, before the first VP exists. */
void fpu_init(void);

/* Turn it on, on this processor. */
void fpu_enable(void);

/* Bring an XSAVE area, one page, to the state after power-on. */
void fpu_reset(void *area);

/* Between the processor and @vp, whose XCR0 is in force after a load. */
void fpu_load(struct vp *vp);
void fpu_save(struct vp *vp);

/* XMM registers 0 to 5 of the loaded VP; and in the area of one that is not. */
void fpu_xmm_live(struct hv_u128 xmm[6]);
void fpu_xmm_set(void *area, uint32_t index, const struct hv_u128 *value);

/*
 * XMM, x87 and control registers in the area of a VP that is not loaded, by
 * their names.  False: no such register here.
 */
bool fpu_register_get(const void *area, uint32_t name,
    union hv_register_value *value);
bool fpu_register_set(void *area, uint32_t name,
    const union hv_register_value *value);

/* Take over a whole area, one page; false if a processor would refuse it. */
bool fpu_restore(void *area, const void *from);

/* A processor would take @value as XCR0, and we can save what it enables. */
bool fpu_xcr0_valid(uint64_t value);

/* XCR0 that a VP may use, and the size of its area in bytes. */
uint64_t fpu_components(void);
uint32_t fpu_area_size(void);

#endif
