/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a running guest: what it has, what it needs, changing it. */
#ifndef MULLION_MANAGER_DYNAMIC_MEMORY_H
#define MULLION_MANAGER_DYNAMIC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "manager/site.h"

#define MEMORY_DRIVER_MAX 16

/* All in bytes. */
struct memory_state {
	char driver[MEMORY_DRIVER_MAX]; /* "ready" if it can be changed */
	bool has_assigned;
	uint64_t assigned;		/* that the guest has */
	uint64_t given_up;		/* that it gave back */
	bool has_demanded;		/* it tells, some time after its boot */
	uint64_t demanded;		/* that it needs by its own account */
	uint64_t available;		/* that it could do without */
	uint64_t resident;		/* that the parent has behind it */
	uint64_t min, max;		/* what can be asked for */
};

/* Read the reply to {"op":"status"}; EPROTO when it is not one. */
int dynamic_memory_parse(const uint8_t *json, size_t len,
    struct memory_state *out, struct err *e);

/* ENOTCONN when the partition's memory cannot change while it runs. */
int dynamic_memory_status(const struct site *site, const char *name,
    struct memory_state *out, struct err *e);

/*
 * Have the guest have @bytes, and wait for it. As above; else what it, or the
 * provider, says against it.
 */
int dynamic_memory_set(const struct site *site, const char *name,
    uint64_t bytes, struct err *e);

#endif
