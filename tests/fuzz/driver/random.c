/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

/* xorshift64* */
uint64_t
random_next(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

size_t
random_below(size_t limit)
{
	return (size_t)(random_next() % limit);
}
