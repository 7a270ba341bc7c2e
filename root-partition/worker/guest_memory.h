/* SPDX-License-Identifier: Apache-2.0 */
/* A child's memory: one sealed memory file, mapped once. */
#ifndef MULLION_WORKER_GUEST_MEMORY_H
#define MULLION_WORKER_GUEST_MEMORY_H

#include <stdint.h>

#include "manager/err.h"
#include "worker/memmap.h"

struct guest_memory {
	int fd;
	uint8_t *base;		/* aligned to 2 MiB; offset in file and here */
	uint64_t size;
	struct memmap map;
};

/*
 * Make @bytes of zeros, a multiple of 2 MiB. The file can neither grow nor
 * shrink from then on. ENOMEM when the machine does not have that much.
 */
int guest_memory_create(struct guest_memory *g, uint64_t bytes,
    struct err *e);

void guest_memory_destroy(struct guest_memory *g);

/* The @len bytes at guest address @gpa, or NULL if they are not all RAM. */
uint8_t *guest_memory_at(const struct guest_memory *g, uint64_t gpa,
    uint64_t len);

#endif
