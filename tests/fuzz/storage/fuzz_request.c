/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the reader of requests of the control socket. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request_asked r;
	struct err e = { .code = 0 };

	if (request_parse(data, size, &r, &e) < 0) {
		assert(e.code != 0 && e.text[0] != '\0');
		return 0;
	}
	assert(r.op < REQUEST_OPS && r.lun <= REQUEST_LUN_ANY);
	assert(r.op != REQUEST_ATTACH || r.disk.path[0] == '/');
	assert(r.op == REQUEST_ATTACH || r.op == REQUEST_LIST ||
	    r.lun < CONTROLLER_LUNS);
	return 0;
}
