/* SPDX-License-Identifier: Apache-2.0 */
/* How often each status came, for the line at the end of a run. */
#ifndef FUZZ_HYPERCALL_TALLY_H
#define FUZZ_HYPERCALL_TALLY_H

#include <stdint.h>

#define FUZZ_STATUSES 0x100u

struct fuzz_tally {
	uint64_t calls;
	uint64_t by_status[FUZZ_STATUSES];
};

static inline void
fuzz_count(struct fuzz_tally *t, uint64_t result)
{
	t->calls++;
	t->by_status[result & (FUZZ_STATUSES - 1)]++;
}

/* Print it with the payload library's say() or with printf(). */
#define FUZZ_TALLY_SAY(t, print) \
	do { \
		print("%lu calls, by status:", (unsigned long)(t)->calls); \
		for (unsigned tally_i = 0; tally_i < FUZZ_STATUSES; \
		    tally_i++) { \
			if ((t)->by_status[tally_i] != 0) \
				print(" 0x%x %lu", tally_i, (unsigned long) \
				    (t)->by_status[tally_i]); \
		} \
		print("\n"); \
	} while (0)

#endif
