/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds packets to the reader of control requests. */
#include <assert.h>

#include "network/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .code = 0 };
	struct request_asked r;

	if (request_parse(data, size, &r, &e) < 0)
		assert(e.code != 0 && e.text[0] != '\0');
	else
		assert(r.op < REQUEST_OPS && r.port < CONFIG_NETWORKS_MAX);
	return 0;
}
