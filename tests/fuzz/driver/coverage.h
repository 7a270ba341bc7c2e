/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler's tracing tells of a target as it runs: which ways through
 * the code were taken, and which constants the code compared with.
 *
 * Source: GCC manual, -fsanitize-coverage=trace-pc and trace-cmp.
 */
#ifndef FUZZ_DRIVER_COVERAGE_H
#define FUZZ_DRIVER_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct constant {
	uint64_t value;
	size_t width;		/* bytes: 1, 2, 4 or 8 */
};

/* Whether a way was taken since the last call that was not taken before. */
bool coverage_grew(void);

/* One of the constants compared with; any @number will do. false: none there,
 * another number may do better. */
bool coverage_constant(struct constant *out, uint64_t number);

#endif
