/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked over the control socket. */
#ifndef MULLION_WORKER_REQUEST_H
#define MULLION_WORKER_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define REQUEST_SIZE_MAX 4096

enum request_op {
	REQUEST_STATUS,
	REQUEST_STATS,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_POWER_BUTTON,
	REQUEST_RESET,
	REQUEST_QUIT,
	REQUEST_CHANNELS,
	REQUESTS,
};

struct request {
	enum request_op op;
	uint32_t from;		/* of REQUEST_CHANNELS: the first relid */
};

/*
 * Read one packet, {"op":"..."}. EPROTO, with what is wrong, when it is
 * anything else; further keys are passed over.
 */
int request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e);

#endif
