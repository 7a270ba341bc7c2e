/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers without a pattern, the same ones in every run. */
#ifndef FUZZ_DRIVER_RANDOM_H
#define FUZZ_DRIVER_RANDOM_H

#include <stddef.h>
#include <stdint.h>

uint64_t random_next(void);

/* One below @limit, which is not 0. */
size_t random_below(size_t limit);

#endif
