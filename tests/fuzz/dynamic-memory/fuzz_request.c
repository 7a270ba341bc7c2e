/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds requests of clients to the provider of dynamic memory. */
#include <assert.h>

#include "manager/config.h"
#include "memory/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request r;
	struct err e = { .code = 0 };

	if (request_parse(data, size, &r, &e) < 0)
		assert(e.code != 0 && e.text[0] != '\0');
	else if (r.op == REQUEST_SET)
		assert(r.bytes >= CONFIG_MEMORY_MIN &&
		    r.bytes <= CONFIG_MEMORY_MAX);
	return 0;
}
