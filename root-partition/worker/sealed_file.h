/* SPDX-License-Identifier: Apache-2.0 */
/* Memory as a file that others may map, of a size that stays. */
#ifndef MULLION_WORKER_SEALED_FILE_H
#define MULLION_WORKER_SEALED_FILE_H

#include <stdint.h>

#include "manager/err.h"

/* A descriptor of @bytes of zeros, or -1. */
int sealed_file_create(const char *name, uint64_t bytes, struct err *e);

#endif
