/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of disk images, which keep their holes. */
#ifndef MULLION_MANAGER_IMAGE_COPY_H
#define MULLION_MANAGER_IMAGE_COPY_H

#include <stdint.h>

#include "manager/err.h"

/*
 * Copy the file or block device @from into the new file @to, and make that
 * @size bytes long if it is shorter. ERR_EXISTS when there is a @to; when the
 * copy fails, @to is gone again.
 */
int image_copy(const char *from, const char *to, uint64_t size,
    struct err *e);

#endif
