/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a program, whole and in pieces: both are to mean the same. */
#include <assert.h>

#include "sockets/greeting.h"
#include "sockets/port.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct greeting whole = { .len = 0 }, pieces = { .len = 0 };
	enum greeting_result first, second = GREETING_MORE;
	uint32_t port = 0, again = 0;
	size_t used, sum = 0;
	struct guid g;

	first = greeting_feed(&whole, (const char *)data, size, &used, &port);
	assert(used <= size);
	while (second == GREETING_MORE && sum < size) {
		size_t step = 1 + data[sum] % 3, took;

		if (step > size - sum)
			step = size - sum;
		second = greeting_feed(&pieces, (const char *)data + sum,
		    step, &took, &again);
		sum += took;
	}
	assert(first == second);
	if (first == GREETING_MORE)
		return 0;
	assert(sum == used && port == again);
	if (first == GREETING_DONE) {
		g = port_guid(port);
		assert(port_of_guid(&g, &again) && port == again);
	}
	return 0;
}
