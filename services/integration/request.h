/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of the control socket can ask for. */
#ifndef MULLION_INTEGRATION_REQUEST_H
#define MULLION_INTEGRATION_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "integration/kvp.h"
#include "manager/err.h"

#define REQUEST_FREEZE_SECONDS 60
#define REQUEST_PATH_MAX 1024

enum request_op {
	REQUEST_STATUS,
	REQUEST_SHUTDOWN,
	REQUEST_RESTART,
	REQUEST_KVP_GET,
	REQUEST_KVP_SET,
	REQUEST_KVP_DELETE,
	REQUEST_ADDRESSES,
	REQUEST_COPY,
	REQUEST_FREEZE,
	REQUEST_THAW,
	REQUEST_SYNC_TIME,
	REQUEST_OPS,
};

/* What an operation has no use for is as it is when not given. */
struct request {
	enum request_op op;
	bool force;	     /* shutdown, restart */
	uint8_t pool;	     /* of pairs; KVP_POOL_EXTERNAL */
	unsigned seconds;    /* to be frozen; REQUEST_FREEZE_SECONDS */
	bool overwrite;	     /* copy */
	bool make_path;
	char key[KVP_KEY_MAX];
	char value[KVP_VALUE_MAX];
	char path[REQUEST_PATH_MAX];
	char mac[32];
};

/*
 * Read one JSON object. EPROTO, with what is wrong, when it is none of the
 * operations, or something it needs is missing or of the wrong kind.
 */
int request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e);

#endif
