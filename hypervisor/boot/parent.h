/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the parent kernel to where the plan has it. */
#ifndef HV_BOOT_PARENT_H
#define HV_BOOT_PARENT_H

#include "boot/boot.h"
#include "boot/boot_params.h"
#include "boot/plan.h"

/* Bytes that the plan sets aside for what the parent is entered with. */
size_t parent_handover_size(void);

/* NULL if the text fits the kernel's limit; else what is wrong. */
const char *parent_check(const struct boot_info *info,
	const struct bzimage *kernel);

/* Copy the kernel, build its parameters, tables and @entry. */
void parent_load(const struct boot_info *info, const struct bzimage *kernel,
	const struct plan *plan, struct parent_entry *entry);

#endif /* HV_BOOT_PARENT_H */
