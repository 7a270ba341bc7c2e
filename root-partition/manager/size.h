/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts of memory as people write them: 256M, 2G. */
#ifndef MULLION_MANAGER_SIZE_H
#define MULLION_MANAGER_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define SIZE_TEXT_MAX 24

/*
 * Read @text, a whole number and one of the units K, M, G, T (powers of 1024,
 * either case), into *@bytes. EINVAL when it is anything else or too large.
 */
int size_parse(const char *text, uint64_t *bytes, struct err *e);

/* Write @bytes with the largest unit that leaves a whole number. */
void size_format(uint64_t bytes, char out[SIZE_TEXT_MAX]);

#endif
