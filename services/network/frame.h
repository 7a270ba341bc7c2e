/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of an Ethernet frame, and the checksums in them. */
#ifndef MULLION_NETWORK_FRAME_H
#define MULLION_NETWORK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAC		6u
#define FRAME_HEADER		14u
#define FRAME_TAG		4u
/* Ethernet, tag, IPv4 or IPv6 and TCP, each with all options, fit. */
#define FRAME_HEAD_MAX		256u

#define FRAME_TCP		6u
#define FRAME_UDP		17u

enum frame_network {
	FRAME_OTHER,
	FRAME_IPV4,
	FRAME_IPV6,
};

struct frame {
	bool tagged;
	uint16_t tci;			/* of the tag */
	enum frame_network network;
	uint8_t protocol;		/* above IP; 0 if not to be found */
	bool fragment;			/* of an IP packet: ports are unknown */
	size_t network_at;		/* where IP's header starts */
	size_t transport_at;		/* where the next one does, or 0 */
};

/* Look at the first @len bytes of a frame. What is not there is left 0. */
void frame_parse(const uint8_t *head, size_t len, struct frame *f);

/* Numbers in frames are big endian. */
static inline uint16_t
frame_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void
frame_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Add @len bytes, an even number, to a ones' complement @sum. */
uint32_t frame_sum(const uint8_t *bytes, size_t len, uint32_t sum);

/* The 16 bits of a sum; a checksum field holds their complement. */
uint16_t frame_fold(uint32_t sum);

#endif
