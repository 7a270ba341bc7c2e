/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the classes: storage, network, integration services. */
#include "lies.h"

#include "lib/payload.h"

#define CLASS_NETWORK 0xf8615163u

#define PACKET_IN_BAND 6u
#define PACKET_GPA_DIRECT 9u
#define PACKET_COMPLETION 11u
#define WANTS_COMPLETION 1u

#define DESCRIPTOR 16u
#define BUFFER_PAGES 16u

/* What ranges of packets name, and page lists of the network. */
static uint8_t buffer[BUFFER_PAGES * PAGE] __attribute__((aligned(4096)));
static uint32_t buffer_gpadl;

/* Lay a descriptor before @len bytes of payload that begin at @offset. */
static uint32_t
describe(uint8_t *packet, uint32_t type, uint32_t offset, uint32_t len)
{
	static uint64_t transaction;
	uint32_t all = (offset + len + 7) & ~7u;

	put16(packet, 0, type);
	put16(packet, 2, offset / 8);
	put16(packet, 4, all / 8);
	put16(packet, 6, WANTS_COMPLETION);
	put64(packet, 8, lies_chance(90) ? ++transaction : lies_number());
	return all;
}

static uint32_t
in_band(uint8_t *packet, uint32_t len)
{
	return describe(packet, PACKET_IN_BAND, DESCRIPTOR, len);
}

static bool rude;

/* One range before the payload of @len bytes; returns the payload's offset. */
static uint32_t
ranges_make(uint8_t *packet)
{
	uint32_t pages = 1 + lies_below(8);

	put32(packet, 16, 0);
	put32(packet, 20, 1);
	put32(packet, 24, !rude || lies_chance(80) ? pages * PAGE :
	    lies_number());
	put32(packet, 28, !rude || lies_chance(80) ? 0 : lies_number());
	for (uint32_t i = 0; i < pages; i++)
		put64(packet, 32 + 8 * i, !rude || lies_chance(95) ?
		    (uintptr_t)buffer / PAGE + lies_below(BUFFER_PAGES) :
		    (uint64_t)lies_number() << lies_below(33));
	return 32 + 8 * pages;
}

static uint32_t
srb_make(uint8_t *packet)
{
	static const uint8_t operations[] = {
		0x00, 0x03, 0x12, 0x12, 0x1a, 0x1b, 0x1e, 0x25, 0x28, 0x28,
		0x2a, 0x2a, 0x2f, 0x35, 0x41, 0x42, 0x43, 0x46, 0x4a, 0x51,
		0x5a, 0x88, 0x8a, 0x8f, 0x91, 0x93, 0x9e, 0xa0, 0xa3, 0xff,
	};
	uint32_t at = ranges_make(packet);
	uint8_t *srb = packet + at + 12;

	memory_set(packet + at, 0, 64);
	put32(packet, at, 3);
	put32(packet, at + 4, WANTS_COMPLETION);
	put16(srb, 0, 52);
	srb[7] = (uint8_t)(lies_chance(80) ? 0 : lies_number());
	srb[8] = 16;
	srb[9] = 20;
	srb[10] = (uint8_t)lies_below(3);
	put32(srb, 12, lies_chance(80) ? PAGE * lies_below(9) :
	    lies_number());
	srb[16] = operations[lies_below(sizeof(operations))];
	for (uint32_t i = 17; i < 32; i++)
		srb[i] = (uint8_t)(lies_chance(70) ? 0 : lies_number());
	return describe(packet, PACKET_GPA_DIRECT, at, 64);
}

static void
vstor_send(struct bus_channel *c, uint32_t operation)
{
	uint8_t packet[DESCRIPTOR + 64] = { 0 };

	put32(packet, DESCRIPTOR, operation);
	put32(packet, DESCRIPTOR + 4, WANTS_COMPLETION);
	if (operation == 9)
		put16(packet, DESCRIPTOR + 12, 0x0602);
	bus_send(c, packet, in_band(packet, 64));
}

static uint32_t
nvsp_make(uint8_t *packet, uint32_t type, uint32_t a, uint32_t b)
{
	memory_set(packet, 0, DESCRIPTOR + 40);
	put32(packet, DESCRIPTOR, type);
	put32(packet, DESCRIPTOR + 4, a);
	put32(packet, DESCRIPTOR + 8, b);
	return in_band(packet, 40);
}

/* Some message of RNDIS, in the buffer that the packet's range names. */
static uint32_t
rndis_make(uint8_t *packet)
{
	static const uint32_t types[] = { 1, 1, 1, 2, 3, 4, 4, 5, 5, 6, 8 };
	static const uint32_t objects[] = {
		0x00010106, 0x01010101, 0xfc01020d, 0xfc01020c, 0x00010114,
		0x00010203, 0x00010204, 0x0001010e, 0x0001021b, 0x01010102,
	};
	uint32_t at, type = types[lies_below(11)];

	memory_set(buffer, 0, 256);
	put32(buffer, 0, type);
	put32(buffer, 4, type == 1 ? 44 + 60 : 28 + lies_below(200));
	put32(buffer, 8, type == 1 ? 36 : 1);
	put32(buffer, 12, type == 1 ? 60 :
	    objects[lies_below(sizeof(objects) / sizeof(objects[0]))]);
	put32(buffer, 16, type == 1 ? 0 : lies_below(200));
	put32(buffer, 20, type == 1 ? 0 : 20);
	lies_spoil(buffer, 64, 3);
	put32(packet, 16, 0);
	put32(packet, 20, 1);
	put32(packet, 24, rude && lies_chance(20) ? lies_number() :
	    1 + lies_below(PAGE));
	put32(packet, 28, 0);
	put64(packet, 32, (uintptr_t)buffer / PAGE);
	at = 40;
	memory_set(packet + at, 0, 40);
	put32(packet, at, 107);
	put32(packet, at + 4, type == 1 ? 0 : 1);
	put32(packet, at + 8, lies_chance(70) ? UINT32_MAX : lies_number());
	put32(packet, at + 12, lies_chance(70) ? 0 : lies_number());
	return describe(packet, PACKET_GPA_DIRECT, at, 40);
}

static uint32_t
network_make(uint8_t *packet)
{
	static const uint32_t types[] = { 1, 100, 101, 103, 104, 106, 107,
		108, 125, 129, 133, 255 };

	if (lies_chance(70))
		return rndis_make(packet);
	return nvsp_make(packet, types[lies_below(12)], lies_chance(50) ?
	    buffer_gpadl : lies_number(), lies_number());
}

static void
network_greet(struct bus_channel *c)
{
	uint8_t packet[DESCRIPTOR + 40];
	uint32_t version = lies_chance(50) ? 0x50000 : 0x60001;

	buffer_gpadl = bus_handle();
	bus_gpadl(c->relid, buffer_gpadl, buffer, BUFFER_PAGES);
	bus_send(c, packet, nvsp_make(packet, 1, version, version));
	bus_send(c, packet, nvsp_make(packet, 125, 1514, 0));
	bus_send(c, packet, nvsp_make(packet, 100, 6, 0x1e));
	bus_send(c, packet, nvsp_make(packet, 101, buffer_gpadl, 0xcafe));
	bus_send(c, packet, nvsp_make(packet, 104, buffer_gpadl, 0));
}

/* What the host asked, sent back as an answer that is not quite right. */
static uint32_t
answer_make(struct bus_channel *c, uint8_t *packet)
{
	uint32_t len = bus_receive(c, packet, LIES_PACKET_MAX - 8);

	if (len < DESCRIPTOR + 28) {
		len = DESCRIPTOR + 28 + 8 * lies_below(64);
		memory_set(packet, 0, len);
		put32(packet, DESCRIPTOR, 1);
		put32(packet, DESCRIPTOR + 12, lies_below(8));
		packet[DESCRIPTOR + 26] = 1;
	}
	if (lies_chance(80) && len > DESCRIPTOR + 28)
		packet[DESCRIPTOR + 26] |= 5;	/* a transaction's response */
	lies_spoil(packet + DESCRIPTOR, len - DESCRIPTOR > 64 ? 64 :
	    len - DESCRIPTOR, 3);
	return in_band(packet, len - DESCRIPTOR);
}

void
lies_greet(struct bus_channel *c)
{
	static const uint32_t operations[] = { 7, 9, 10, 8 };

	if (c->class_first == CLASS_NETWORK)
		network_greet(c);
	for (uint32_t i = 0; c->class_first == CLASS_SCSI && i < 4; i++)
		vstor_send(c, operations[i]);
}

uint32_t
lies_packet(struct bus_channel *c, uint8_t *packet, bool is_rude)
{
	uint32_t len, payload;

	rude = is_rude;
	if (c->class_first == CLASS_SCSI)
		len = srb_make(packet);
	else if (c->class_first == CLASS_NETWORK)
		len = network_make(packet);
	else
		len = answer_make(c, packet);
	payload = 8 * (get32(packet, 2) & 0xffff);
	if (rude && lies_chance(5))
		put16(packet, 0, PACKET_COMPLETION);
	if (rude && lies_chance(10))
		lies_spoil(packet, payload, 1);
	if (lies_chance(30))
		lies_spoil(packet + payload, len - payload, 2);
	return len;
}
