/* SPDX-License-Identifier: Apache-2.0 */
/* A child's memory: one sealed memory file, mapped once, and its ledger. */
#ifndef MULLION_WORKER_GUEST_MEMORY_H
#define MULLION_WORKER_GUEST_MEMORY_H

#include <stdint.h>

#include "manager/err.h"
#include "worker/balloon.h"
#include "worker/memmap.h"

struct guest_memory {
	int fd;
	uint8_t *base;		/* aligned to 2 MiB; offset in file and here */
	uint64_t size;		/* of all of @room */
	struct memmap map;	/* what there is from the start */
	struct memmap room;	/* that, and what may be added */
	struct balloon balloon;
};

/*
 * Make @bytes of zeros, a multiple of 2 MiB, that can become @most, or stay as
 * they are when that is less. The file can neither grow nor shrink from then
 * on. ENOMEM when the machine does not have that much.
 */
int guest_memory_create(struct guest_memory *g, uint64_t bytes, uint64_t most,
    struct err *e);

void guest_memory_destroy(struct guest_memory *g);

/* Give the @len bytes at @offset of the file back; they read as zeros. */
int guest_memory_discard(const struct guest_memory *g, uint64_t offset,
    uint64_t len, struct err *e);

/* The bytes that the parent has behind it at the moment. */
uint64_t guest_memory_resident(const struct guest_memory *g);

/*
 * The @len bytes at guest address @gpa, or NULL if they are not all RAM, or
 * could not be.
 */
uint8_t *guest_memory_at(const struct guest_memory *g, uint64_t gpa,
    uint64_t len);

#endif
