/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, page lists and rings of a guest, without an interrupt. */
#include "bus.h"

#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define SINT 2
#define VECTOR 0x53u
#define CONNECTION_OLD 1u
#define CONNECTION_NEW 4u
#define VERSION_5_3 0x50003u
#define STATUS_BUSY 0x13u
#define BUSY_MS 10000u
#define ANSWER_MS 20000u
#define CLOSE_MS 1000u
#define PENDING_FEATURE 1u
/* Where things are in messages. */
#define OFFER_CLASS 8u
#define OFFER_RELID 184u
#define OFFER_CONNECTION 192u

struct bus_channel bus_channels[BUS_CHANNELS];
uint32_t bus_answers[BUS_MESSAGE_TYPES];
uint32_t bus_status;

static struct hv_message slots[16] __attribute__((aligned(4096)));
static uint64_t events[512] __attribute__((aligned(4096)));
static struct bus_ring rings[BUS_CHANNELS][2] __attribute__((aligned(4096)));

void
put16(void *at, uint32_t offset, uint32_t value)
{
	uint8_t *p = (uint8_t *)at + offset;

	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

void
put32(void *at, uint32_t offset, uint32_t value)
{
	put16(at, offset, value);
	put16(at, offset + 2, value >> 16);
}

void
put64(void *at, uint32_t offset, uint64_t value)
{
	put32(at, offset, (uint32_t)value);
	put32(at, offset + 4, (uint32_t)(value >> 32));
}

uint32_t
get32(const void *at, uint32_t offset)
{
	const uint8_t *p = (const uint8_t *)at + offset;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

void
bus_start(void)
{
	hyperv_need_features(HV_EAX_SYNIC, 0);
	hyperv_enable();
	apic_enable();
	msr_write(HV_MSR_SIMP, (uintptr_t)slots | 1);
	msr_write(HV_MSR_SIEFP, (uintptr_t)events | 1);
	msr_write(HV_MSR_SINT(SINT), VECTOR | HV_SINT_AUTO_EOI);
	msr_write(HV_MSR_SCONTROL, 1);
	for (uint32_t i = 0; i < BUS_CHANNELS; i++) {
		bus_channels[i].out = &rings[i][0];
		bus_channels[i].in = &rings[i][1];
	}
}

static struct bus_channel *
channel_find(uint32_t relid)
{
	for (uint32_t i = 0; i < BUS_CHANNELS; i++)
		if (bus_channels[i].relid == relid)
			return &bus_channels[i];
	return NULL;
}

static void
on_offer(const uint8_t *m)
{
	struct bus_channel *c = channel_find(0);

	if (c == NULL)
		return;
	c->relid = get32(m, OFFER_RELID);
	c->connection = get32(m, OFFER_CONNECTION);
	c->class_first = get32(m, OFFER_CLASS);
	c->open = false;
	c->gpadl = 0;
}

static void
on_rescind(uint32_t relid)
{
	struct bus_channel *c = channel_find(relid);
	uint8_t m[12] = { BUS_RELID_RELEASED };

	if (relid == 0 || c == NULL)
		return;
	c->relid = 0;
	c->open = false;
	put32(m, 8, relid);
	bus_post(CONNECTION_NEW, m, sizeof(m));
}

static void
message_take(const uint8_t *m)
{
	uint32_t type = get32(m, 0);

	if (type < BUS_MESSAGE_TYPES)
		bus_answers[type]++;
	switch (type) {
	case BUS_OFFER:
		on_offer(m);
		break;
	case BUS_RESCIND:
		on_rescind(get32(m, 8));
		break;
	case BUS_OPEN_RESULT:
	case BUS_GPADL_CREATED:
		bus_status = get32(m, 16);
		break;
	case BUS_VERSION:
		bus_status = m[8] == 1 ? 0 : 1;
		break;
	default:
		break;
	}
}

void
bus_poll(void)
{
	static bool inside;
	struct hv_message copy;

	/* To post an answer is to poll while the host is busy. */
	while (!inside && slots[SINT].type != 0) {
		memory_copy(&copy, &slots[SINT], sizeof(copy));
		slots[SINT].type = 0;
		__sync_synchronize();
		if ((slots[SINT].flags & HV_MESSAGE_PENDING) != 0)
			msr_write(HV_MSR_EOM, 0);
		inside = true;
		message_take((const uint8_t *)copy.payload);
		inside = false;
	}
}

uint32_t
bus_post(uint32_t connection, const void *message, uint32_t len)
{
	uint64_t end = tsc_read() + BUSY_MS * ticks_per_ms();
	uint8_t *input = (uint8_t *)hyperv_input;
	uint32_t status;

	do {
		memory_set(input, 0, 16 + BUS_MESSAGE_MAX);
		put32(input, 0, connection);
		put32(input, 8, 1);
		put32(input, 12, len);
		memory_copy(input + 16, message, len < BUS_MESSAGE_MAX ? len :
		    BUS_MESSAGE_MAX);
		status = HV_STATUS(hyperv_call_memory(HV_CALL_POST_MESSAGE,
		    hyperv_input, NULL));
		if (status == STATUS_BUSY)
			bus_poll();
	} while (status == STATUS_BUSY && tsc_read() < end);
	return status;
}

/* Wait until one more message of @type has come than @before. */
static bool
answer_await(enum bus_message type, uint32_t before)
{
	uint64_t end = tsc_read() + ANSWER_MS * ticks_per_ms();

	while (bus_answers[type] == before && tsc_read() < end) {
		bus_poll();
		cpu_pause();
	}
	return bus_answers[type] != before;
}

bool
bus_connect(void)
{
	uint32_t before = bus_answers[BUS_VERSION];
	uint8_t m[40] = { BUS_CONTACT };

	for (uint32_t i = 0; i < BUS_CHANNELS; i++)
		bus_channels[i].relid = 0;
	put32(m, 8, VERSION_5_3);
	m[16] = SINT;
	if (bus_post(CONNECTION_NEW, m, sizeof(m)) != HV_OK ||
	    !answer_await(BUS_VERSION, before) || bus_status != 0)
		return false;
	before = bus_answers[BUS_ALL_OFFERS];
	memory_set(m, 0, sizeof(m));
	m[0] = BUS_REQUEST_OFFERS;
	return bus_post(CONNECTION_NEW, m, 8) == HV_OK &&
	    answer_await(BUS_ALL_OFFERS, before);
}

bool
bus_unload(void)
{
	uint32_t before = bus_answers[BUS_UNLOADED];
	const uint8_t m[8] = { BUS_UNLOAD };

	return bus_post(CONNECTION_NEW, m, sizeof(m)) == HV_OK &&
	    answer_await(BUS_UNLOADED, before);
}

uint32_t
bus_handle(void)
{
	static uint32_t last = 0xe1e00;

	return ++last;
}

bool
bus_gpadl(uint32_t relid, uint32_t handle, const void *first, uint32_t pages)
{
	uint32_t before = bus_answers[BUS_GPADL_CREATED];
	uint8_t m[BUS_MESSAGE_MAX] = { BUS_GPADL_HEADER };

	put32(m, 8, relid);
	put32(m, 12, handle);
	put16(m, 16, 8 + 8 * pages);
	put16(m, 18, 1);
	put32(m, 20, pages * PAGE);
	for (uint32_t i = 0; i < pages; i++)
		put64(m, 28 + 8 * i, (uintptr_t)first / PAGE + i);
	return bus_post(CONNECTION_NEW, m, 28 + 8 * pages) == HV_OK &&
	    answer_await(BUS_GPADL_CREATED, before) && bus_status == 0;
}

bool
bus_open(struct bus_channel *c)
{
	uint32_t before, relid = c->relid;
	uint8_t m[148] = { BUS_OPEN };

	memory_set(c->out, 0, sizeof(*c->out));
	memory_set(c->in, 0, sizeof(*c->in));
	c->out->features = c->in->features = PENDING_FEATURE;
	c->gpadl = bus_handle();
	if (!bus_gpadl(relid, c->gpadl, c->out, 2 * BUS_RING_PAGES))
		return false;
	put32(m, 8, relid);
	put32(m, 12, relid);
	put32(m, 16, c->gpadl);
	put32(m, 24, BUS_RING_PAGES);
	before = bus_answers[BUS_OPEN_RESULT];
	c->open = bus_post(CONNECTION_NEW, m, sizeof(m)) == HV_OK &&
	    WAIT_MS((bus_poll(), bus_answers[BUS_OPEN_RESULT] != before ||
	    c->relid != relid), ANSWER_MS) && bus_status == 0 &&
	    c->relid == relid;
	return c->open;
}

void
bus_close(struct bus_channel *c)
{
	uint32_t before = bus_answers[BUS_GPADL_TORNDOWN];
	uint8_t m[16] = { BUS_CLOSE };

	if (c->relid == 0)
		return;
	put32(m, 8, c->relid);
	bus_post(CONNECTION_NEW, m, 12);
	m[0] = BUS_GPADL_TEARDOWN;
	put32(m, 12, c->gpadl);
	bus_post(CONNECTION_NEW, m, 16);
	c->open = false;
	/* Lies may have torn it down before: then nobody answers. */
	WAIT_MS((bus_poll(), bus_answers[BUS_GPADL_TORNDOWN] != before ||
	    c->relid == 0), CLOSE_MS);
}

void
bus_signal(const struct bus_channel *c)
{
	hyperv_call(HV_CALL_SIGNAL_EVENT | HV_FAST, c->connection, 0);
}

static uint32_t
ring_used(const struct bus_ring *r)
{
	return (r->write % BUS_RING_DATA + BUS_RING_DATA -
	    r->read % BUS_RING_DATA) % BUS_RING_DATA;
}

static uint32_t
ring_copy_in(struct bus_ring *r, uint32_t at, const uint8_t *bytes,
    uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		r->data[(at + i) % BUS_RING_DATA] = bytes[i];
	return (at + len) % BUS_RING_DATA;
}

bool
bus_send(struct bus_channel *c, const void *packet, uint32_t len)
{
	uint32_t at = c->out->write % BUS_RING_DATA;
	uint8_t trailer[8] = { 0 };

	if (ring_used(c->out) + len + sizeof(trailer) >= BUS_RING_DATA) {
		bus_signal(c);
		return false;
	}
	put32(trailer, 4, at);
	at = ring_copy_in(c->out, at, packet, len);
	at = ring_copy_in(c->out, at, trailer, sizeof(trailer));
	__sync_synchronize();
	c->out->write = at;
	bus_signal(c);
	return true;
}

uint32_t
bus_receive(struct bus_channel *c, void *packet, uint32_t room)
{
	uint32_t used = ring_used(c->in), at = c->in->read % BUS_RING_DATA;
	uint32_t len;

	if (used < 24)
		return 0;
	len = 8u * (c->in->data[(at + 4) % BUS_RING_DATA] |
	    (uint32_t)c->in->data[(at + 5) % BUS_RING_DATA] << 8);
	/* The other processor may have written there. */
	if (len < 16 || len + 8 > used)
		len = used - 8;
	for (uint32_t i = 0; i < len && i < room; i++)
		((uint8_t *)packet)[i] =
		    c->in->data[(at + i) % BUS_RING_DATA];
	c->in->read = (at + len + 8) % BUS_RING_DATA;
	return len < room ? len : room;
}
