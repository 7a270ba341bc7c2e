/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's end of VMBus that does as it is told, right or wrong. Numbers stand
 * here once more: a wrong one of the host must not agree with itself.
 */
#ifndef HOSTILE_BUS_H
#define HOSTILE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE 4096u
#define BUS_CHANNELS 24u
#define BUS_RING_PAGES 8u		/* with the header, each way */
#define BUS_RING_DATA ((BUS_RING_PAGES - 1) * PAGE)
#define BUS_MESSAGE_MAX 240u
#define BUS_MESSAGE_TYPES 32u

enum bus_message {
	BUS_OFFER = 1,
	BUS_RESCIND = 2,
	BUS_REQUEST_OFFERS = 3,
	BUS_ALL_OFFERS = 4,
	BUS_OPEN = 5,
	BUS_OPEN_RESULT = 6,
	BUS_CLOSE = 7,
	BUS_GPADL_HEADER = 8,
	BUS_GPADL_BODY = 9,
	BUS_GPADL_CREATED = 10,
	BUS_GPADL_TEARDOWN = 11,
	BUS_GPADL_TORNDOWN = 12,
	BUS_RELID_RELEASED = 13,
	BUS_CONTACT = 14,
	BUS_VERSION = 15,
	BUS_UNLOAD = 16,
	BUS_UNLOADED = 17,
};

struct bus_ring {
	volatile uint32_t write, read, mask, pending;
	uint32_t reserved[12];
	volatile uint32_t features;
	uint8_t rest[PAGE - 68];
	volatile uint8_t data[BUS_RING_DATA];
};
_Static_assert(sizeof(struct bus_ring) == BUS_RING_PAGES * PAGE, "layout");

struct bus_channel {
	uint32_t relid;			/* 0: none */
	uint32_t connection;
	uint32_t class_first;		/* the first group of its class */
	bool open;
	uint32_t gpadl;
	struct bus_ring *out, *in;
};

extern struct bus_channel bus_channels[BUS_CHANNELS];

/* How many messages of each type the host has sent, and the last status. */
extern uint32_t bus_answers[BUS_MESSAGE_TYPES];
extern uint32_t bus_status;

/* Switch on what it takes; the payload ends if there is no such thing. */
void bus_start(void);

/* Take what the host has to say. */
void bus_poll(void);

/*
 * Post @len bytes; waits while the host is busy. Returns the call's status. It
 * is no error if the host does not like it.
 */
uint32_t bus_post(uint32_t connection, const void *message, uint32_t len);

/* Connect with 5.3 and ask for offers. False: no answer. */
bool bus_connect(void);
bool bus_unload(void);

/* A list of @pages pages from @first on, for @relid; false: refused. */
bool bus_gpadl(uint32_t relid, uint32_t handle, const void *first,
    uint32_t pages);

/* A handle that was not used before. */
uint32_t bus_handle(void);

/* Open and close as one should. */
bool bus_open(struct bus_channel *c);
void bus_close(struct bus_channel *c);

void bus_signal(const struct bus_channel *c);

/* Append @len bytes, a packet, and tell the host. False: there is no room. */
bool bus_send(struct bus_channel *c, const void *packet, uint32_t len);

/* The next packet of the host, at most @room bytes; 0: none. */
uint32_t bus_receive(struct bus_channel *c, void *packet, uint32_t room);

/* Numbers in messages and packets. */
void put16(void *at, uint32_t offset, uint32_t value);
void put32(void *at, uint32_t offset, uint32_t value);
void put64(void *at, uint32_t offset, uint64_t value);
uint32_t get32(const void *at, uint32_t offset);

#endif
