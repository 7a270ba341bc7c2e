/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up what boot.h lets everybody take memory from. */
#ifndef HV_BOOT_PAGES_H
#define HV_BOOT_PAGES_H

#include "boot/plan.h"

/* The areas of @plan are free and mapped; @image is in use for good. */
void pages_init(const struct plan *plan, const struct plan_area *image,
	uint64_t ram_end);

#endif /* HV_BOOT_PAGES_H */
