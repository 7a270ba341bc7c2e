/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a VP by their TLFS names. */
#ifndef HV_CORE_REGISTERS_H
#define HV_CORE_REGISTERS_H

#include "core/types.h"
#include <tlfs/registers.h>
#include <tlfs/status.h>

struct vp;

/*
 * The caller holds the claim of @vp, as that of call_get_vp_registers() does.
 * HV_INVALID_PARAMETER: no such register; HV_INVALID_REGISTER_VALUE: not with
 * that value.
 */
enum hv_status register_write(struct vp *vp, uint32_t name,
    const union hv_register_value *value);

/* RFLAGS as the processor would accept it. */
uint64_t rflags_sanitize(uint64_t rflags);

#endif
