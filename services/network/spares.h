/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the receive buffer at hand for the next frame, as memory. */
#ifndef MULLION_NETWORK_SPARES_H
#define MULLION_NETWORK_SPARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "network/pool.h"
#include "vmbus/gpadl.h"
#include "vmbus/memory.h"

/* Enough for the longest frame. */
#define SPARES_MAX		8u
#define SPARE_PIECES_MAX	5u	/* pages that a part may touch */
#define SPARES_LEFT		4u	/* stay in the pool, for control */

struct spare {
	uint32_t index;			/* in the pool, where it is taken */
	unsigned count;
	struct iovec pieces[SPARE_PIECES_MAX];
};

struct spares {
	unsigned first;			/* in the circle below */
	unsigned count;
	struct spare entries[SPARES_MAX];
};

/*
 * Take parts of @pool, which divides @buffer, until there are @want. False:
 * there are not as many, for now.
 */
bool spares_fill(struct spares *s, unsigned want, struct pool *pool,
    const struct gpadl *buffer, const struct memory *memory);

/* The memory of part @index. False: it is not the child's. */
bool spare_find(struct spare *spare, uint32_t index, const struct pool *pool,
    const struct gpadl *buffer, const struct memory *memory);

/* The one @n places behind the first. */
const struct spare *spares_at(const struct spares *s, unsigned n);

/* The first @n were used up. */
void spares_use(struct spares *s, unsigned n);

/* The @len bytes from @offset on of a spare, as pieces; how many they are. */
unsigned spare_slice(const struct spare *spare, size_t offset, size_t len,
    struct iovec *to);

/* Copy @len bytes from @offset of a spare, or to it. */
void spare_read(const struct spare *spare, size_t offset, void *to,
    size_t len);
void spare_write(const struct spare *spare, size_t offset, const void *from,
    size_t len);

#endif
