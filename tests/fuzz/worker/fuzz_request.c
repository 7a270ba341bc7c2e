/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds packets to the reader of control requests. */
#include <assert.h>

#include "worker/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request r = { .op = REQUESTS };
	struct err e = { 0 };

	if (request_parse(data, size, &r, &e) < 0)
		assert(e.code != 0 && e.text[0] != '\0');
	else
		assert(r.op < REQUESTS);
	return 0;
}
