/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of the control socket can ask for. */
#ifndef MULLION_MEMORY_REQUEST_H
#define MULLION_MEMORY_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

enum request_op {
	REQUEST_STATUS,
	REQUEST_SET,
	REQUEST_OPS,
};

struct request {
	enum request_op op;
	uint64_t bytes;		/* REQUEST_SET: that the guest is to have */
};

/*
 * Read one JSON object. EPROTO, with what is wrong, when it is none of the
 * operations, or something it needs is missing or cannot be.
 */
int request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e);

#endif
