/* SPDX-License-Identifier: Apache-2.0 */
/* From system physical addresses to pointers and back. */
#ifndef HV_CORE_MEMORY_ACCESS_H
#define HV_CORE_MEMORY_ACCESS_H

#if __STDC_HOSTED__
/* On the build machine, a unit test says where its memory is. */
void *spa_to_ptr(spa_t addr);
spa_t ptr_to_spa(const void *ptr);
#else
#include "x86/directmap.h"
#endif

#endif /* HV_CORE_MEMORY_ACCESS_H */
