/* SPDX-License-Identifier: Apache-2.0 */
/* The parent partition: built at boot, one VP a processor, never destroyed. */
#ifndef HV_CORE_ROOT_H
#define HV_CORE_ROOT_H

#include "core/types.h"
#include <tlfs/status.h>

/*
 * Create VP @index of the parent, pinned to processor @lp, which waits for it.
 * Errors: HV_INVALID_VP_INDEX, HV_INVALID_LP_INDEX, HV_INVALID_PARAMETER if it
 * or that processor's VP exists.
 */
enum hv_status root_vp_create(uint32_t index, uint32_t lp);

#endif
