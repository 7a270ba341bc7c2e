/* SPDX-License-Identifier: Apache-2.0 */
/* The memory functions that the compiler may call, and a few on text. */
#ifndef HV_CORE_STRING_H
#define HV_CORE_STRING_H

#include "core/types.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

#endif /* HV_CORE_STRING_H */
