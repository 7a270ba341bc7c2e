/* SPDX-License-Identifier: Apache-2.0 */
/* A channel over rings into which a fuzzer's guest writes. */
#ifndef TESTS_FUZZ_VMBUS_RINGS_H
#define TESTS_FUZZ_VMBUS_RINGS_H

#include <stddef.h>
#include <stdint.h>

#include "vmbus/channel.h"

#define RINGS_BYTES	(2 * RING_PAGE)
#define RINGS_GUEST	(4u * MEMORY_PAGE)

/* The guest's memory, beside the rings. */
extern uint8_t rings_guest[RINGS_GUEST];

/*
 * A new channel, over empty rings of RINGS_BYTES each, over @memory, which is
 * filled in. Packets that are copied have up to @packet_max bytes.
 */
struct channel *rings_channel(struct memory *memory, size_t packet_max);

/* The header of the ring to the host (0), or from it (1). */
struct ring_header *rings_header(unsigned ring);

/*
 * What the first ring holds is told by the input: how many units of 8 bytes,
 * and then these. Returns how much of it that was.
 */
size_t rings_fill(const uint8_t *data, size_t size);

/* One step of the guest, of 6 bytes: four somewhere, headers more often. */
void rings_write(uint8_t op, const uint8_t *argument);

#endif
