/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile guest says. */
#ifndef HOSTILE_LIES_H
#define HOSTILE_LIES_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"

#define CLASS_SCSI 0xba6163d9u
#define LIES_PACKET_MAX 2048u

void lies_seed(uint64_t seed);

/* A number below @limit, and true in @percent of all cases. */
uint32_t lies_below(uint32_t limit);
bool lies_chance(uint32_t percent);

/* A number that programs are known to stumble over. */
uint32_t lies_number(void);

/* Replace up to @most numbers in @bytes. */
void lies_spoil(void *bytes, uint32_t len, uint32_t most);

/* One control message with some of its fields wrong. */
void lies_message(void);

/* What the driver of the channel's class says first. */
void lies_greet(struct bus_channel *c);

/*
 * A packet as the class has it, spoilt or not; returns its length. Only if @rude
 * also in what no packet may have wrong: that ends a channel.
 */
uint32_t lies_packet(struct bus_channel *c, uint8_t *packet, bool rude);

/* Something wrong in the headers of the rings. */
void lies_ring(struct bus_channel *c);

#endif
