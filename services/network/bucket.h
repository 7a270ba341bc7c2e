/* SPDX-License-Identifier: Apache-2.0 */
/* A token bucket: how much may pass in a time. */
#ifndef MULLION_NETWORK_BUCKET_H
#define MULLION_NETWORK_BUCKET_H

#include <stdint.h>

/* Times are in nanoseconds of a clock that never goes back. */
struct bucket {
	uint64_t rate;		/* bytes a second; 0: no limit */
	uint64_t depth;		/* what may pass at once after a pause */
	int64_t tokens;		/* bytes; a debt when negative */
	uint64_t parts;		/* of a byte, in units of 1 / 1e9 */
	uint64_t filled;	/* when tokens were added last */
};

/* A full bucket; what may pass at once is a tenth of a second's worth. */
void bucket_init(struct bucket *b, uint64_t rate, uint64_t now);

/*
 * How long nothing may pass; 0 when something may. Whatever then passes is
 * taken by bucket_take(), and leaves a debt if there was not as much.
 */
uint64_t bucket_wait(struct bucket *b, uint64_t now);
void bucket_take(struct bucket *b, uint64_t bytes);

#endif
