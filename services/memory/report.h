/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to clients, as JSON; manager/dynamic_memory.c reads them. */
#ifndef MULLION_MEMORY_REPORT_H
#define MULLION_MEMORY_REPORT_H

#include <stddef.h>

#include "memory/dm.h"

#define REPORT_MAX 1024

/*
 * Each writes one JSON object, NUL-terminated, and returns its length without
 * the NUL. @resident is in bytes.
 */
size_t report_status(const struct dm *d, uint64_t resident,
    char out[REPORT_MAX]);
size_t report_done(const struct dm *d, char out[REPORT_MAX]);
size_t report_refused(const struct err *e, char out[REPORT_MAX]);

#endif
