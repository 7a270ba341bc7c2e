/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way is a step from one block of code to the next, known by a hash of both
 * addresses; these count from an address of our own, and so are the same in
 * each run. Both tables are small and lossy: this is called for each block.
 */
#include "coverage.h"

#define WAYS_MAX	(1u << 18)
#define CONSTANTS_MAX	1024u

static bool taken[WAYS_MAX];
static bool grew;
static uint64_t last;

static struct constant constants[CONSTANTS_MAX];

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_switch(uint64_t value, const uint64_t *cases);

static uint64_t
hash(uint64_t value)
{
	return (value * 0x9e3779b97f4a7c15u) >> 32;
}

void
__sanitizer_cov_trace_pc(void)
{
	uint64_t here = hash((uintptr_t)__builtin_return_address(0) -
	    (uintptr_t)coverage_grew);
	uint64_t way = (here ^ last) % WAYS_MAX;

	last = here >> 1;
	if (!taken[way]) {
		taken[way] = true;
		grew = true;
	}
}

bool
coverage_grew(void)
{
	bool was = grew;

	grew = false;
	last = 0;
	return was;
}

static void
constant_add(uint64_t value, size_t width)
{
	constants[hash(value + width) % CONSTANTS_MAX] =
	    (struct constant){ .value = value, .width = width };
}

bool
coverage_constant(struct constant *out, uint64_t number)
{
	*out = constants[number % CONSTANTS_MAX];
	return out->width > 0;
}

/* Only what was not met: what was equal is in the input already. */
#define TRACE_CONSTANT(bytes, type)					\
void __sanitizer_cov_trace_const_cmp##bytes(type constant, type value);	\
void									\
__sanitizer_cov_trace_const_cmp##bytes(type constant, type value)	\
{									\
	if (constant != value)						\
		constant_add(constant, bytes);				\
}

TRACE_CONSTANT(1, uint8_t)
TRACE_CONSTANT(2, uint16_t)
TRACE_CONSTANT(4, uint32_t)
TRACE_CONSTANT(8, uint64_t)

/* @cases: their count, the bits of each, and then they themselves. */
void
__sanitizer_cov_trace_switch(uint64_t value, const uint64_t *cases)
{
	for (uint64_t i = 0; i < cases[0]; i++) {
		if (cases[2 + i] != value)
			constant_add(cases[2 + i], cases[1] / 8);
	}
}
