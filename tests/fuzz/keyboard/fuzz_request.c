/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of clients: names of keys above all. */
#include <assert.h>

#include "keyboard/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request r;
	char out[REQUEST_REPLY_MAX];
	struct err e;

	if (request_parse(data, size, &r, &e) < 0)
		assert(reply_refused(&e, out) < sizeof(out));
	else
		assert(r.count > 0 && r.count <= KEYS_EVENTS_MAX);
	return 0;
}
