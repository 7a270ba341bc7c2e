/* SPDX-License-Identifier: Apache-2.0 */
/* A table of doorbells: which writes of a child signal which port. */
#ifndef HV_CORE_DOORBELL_H
#define HV_CORE_DOORBELL_H

#include "core/types.h"
#include <tlfs/status.h>

/* A connection; @connection 0 means that the place is free. */
struct doorbell {
	uint64_t gpa;
	uint64_t value;
	uint64_t flags;		/* HV_DOORBELL_* */
	uint32_t connection;
	uint32_t port;
};

#define DOORBELLS_A_PAGE	127u

struct doorbell_page {
	struct doorbell_page *next;
	uint64_t reserved[3];
	struct doorbell entry[DOORBELLS_A_PAGE];
};
_Static_assert(sizeof(struct doorbell_page) == PAGE_SIZE, "one page");

/* A write of @size bytes (1, 2, 4, 8), with @value in the low ones. */
struct doorbell_write {
	uint64_t gpa;
	uint64_t value;
	uint8_t size;
};

/* Whether @flags are ones that a doorbell can have. */
bool doorbell_flags_valid(uint64_t flags);

/* The first doorbell that @write rings, or NULL. */
const struct doorbell *doorbell_match(const struct doorbell_page *table,
    const struct doorbell_write *write);

/* The doorbell of @connection, or with 0 a free place; NULL if none. */
struct doorbell *doorbell_find(struct doorbell_page *table,
    uint32_t connection);

#endif /* HV_CORE_DOORBELL_H */
