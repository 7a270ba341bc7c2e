/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of bytes that overwrites its oldest. */
#include "worker/ring.h"

const uint8_t *
ring_peek(const struct ring *r, uint64_t *position, size_t *len)
{
	uint64_t oldest = ring_oldest(r);
	size_t at, piece;

	if (*position < oldest)
		*position = oldest;
	at = *position & (r->size - 1);
	piece = (size_t)(r->written - *position);
	if (piece > r->size - at)
		piece = r->size - at;
	*len = piece;
	return r->bytes + at;
}
