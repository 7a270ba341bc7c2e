/* SPDX-License-Identifier: Apache-2.0 */
/* Making images in QEMU's own format, by QEMU's own program. */
#ifndef MULLION_MANAGER_QCOW2_H
#define MULLION_MANAGER_QCOW2_H

#include <stdint.h>

#include "manager/err.h"

/*
 * Make @file an empty qcow2 image of a disk of @size bytes, whatever it was
 * before. ENOENT: there is no such program.
 */
int qcow2_create(const char *file, uint64_t size, struct err *e);

#endif
