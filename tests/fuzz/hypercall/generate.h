/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes hypercalls up from the generated grammar: mostly sensible ones, some at
 * the limits, some that are nonsense. Pure: the same seed gives the same calls.
 */
#ifndef FUZZ_HYPERCALL_GENERATE_H
#define FUZZ_HYPERCALL_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_PAGE 4096u
#define FUZZ_IDS 8u
#define FUZZ_NO_CODE 0xffffu	/* no call has this one */

struct grammar_call;

/* What the values of a call are chosen from. The owner keeps it up to date. */
struct fuzz_world {
	uint64_t random;			/* never 0 */
	uint64_t partitions[FUZZ_IDS];		/* ids that may exist */
	size_t partition_count;
	uint32_t vps;				/* VP indexes below exist */
	uint64_t first_pfn;			/* pages that may be lost */
	uint64_t pfn_count;
	bool child;				/* only what a child may call */
};

/* A call that was made up. Its block is in @input. */
struct fuzz_call {
	const struct grammar_call *call;	/* NULL: code of nothing */
	uint64_t control;
	bool fast;
	uint64_t input[FUZZ_PAGE / 8];
};

uint64_t fuzz_random(struct fuzz_world *w);
uint64_t fuzz_below(struct fuzz_world *w, uint64_t limit);
bool fuzz_chance(struct fuzz_world *w, unsigned percent);

/* Remember a partition that was made; the oldest is forgotten. */
void fuzz_add_partition(struct fuzz_world *w, uint64_t id);

/* Fill @c with the next call. */
void fuzz_next(struct fuzz_world *w, struct fuzz_call *c);

/* The same for this code, or with any code for FUZZ_NO_CODE. */
void fuzz_next_of(struct fuzz_world *w, struct fuzz_call *c, uint16_t code);

/*
 * Does it send IPIs to the caller? Vectors of exceptions would be taken for
 * faults of the test's own, so they are raised to FUZZ_VECTOR_SAFE or above.
 * The input of such a call must not be placed anywhere else.
 */
#define FUZZ_VECTOR_SAFE 0x40u
bool fuzz_is_ipi(const struct fuzz_call *c);
void fuzz_make_ipi_safe(struct fuzz_call *c);

/* Its name, or "?". */
const char *fuzz_name(const struct fuzz_call *c);

/*
 * Is @result one that this call may have: no reserved bits, a known status,
 * not more repetitions than there were? Says what is wrong, or NULL.
 */
const char *fuzz_judge(const struct fuzz_call *c, uint64_t result);

#endif
