/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the parent of something that its child did. */
#ifndef HV_CORE_INTERCEPT_H
#define HV_CORE_INTERCEPT_H

#include "core/types.h"
#include <tlfs/intercept_message.h>

struct cpuid_result;
struct io_exit;
struct vp;

/*
 * Each writes the message to the intercept page of @vp, which must be loaded
 * on this processor, and latches it: the VP stops until its parent has it
 * dispatched again with the latch cleared.
 */
void intercept_memory(struct vp *vp, gpa_t addr, bool known,
    enum hv_intercept_access access);
void intercept_io(struct vp *vp, const struct io_exit *io);
void intercept_msr(struct vp *vp, bool write);
void intercept_cpuid(struct vp *vp, const struct cpuid_result *result);
void intercept_exception(struct vp *vp, uint8_t vector, bool has_error,
    uint32_t error, uint64_t parameter);
void intercept_hypercall(struct vp *vp);
void intercept_unrecoverable(struct vp *vp);
void intercept_eoi(struct vp *vp, uint8_t vector);
void intercept_deliverable(struct vp *vp, uint16_t sints);

#endif
