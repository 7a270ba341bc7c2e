/* SPDX-License-Identifier: Apache-2.0 */
/* The registers with which a child's first processor starts. */
#ifndef MULLION_WORKER_START_STATE_H
#define MULLION_WORKER_START_STATE_H

#include <stddef.h>
#include <stdint.h>

#include <tlfs/registers.h>
#include <tlfs/vp.h>

#define START_STATE_MAX 24

enum start_protocol {
	START_LINUX_64,		/* long mode, zero page in RSI */
	START_PVH,		/* 32-bit protected mode, info in EBX */
};

struct start {
	enum start_protocol protocol;
	uint64_t entry;
};

/* Fill @out with what differs from the state at reset. Returns how many. */
size_t start_state(const struct start *s,
    struct hv_register_assoc out[START_STATE_MAX]);

#endif
