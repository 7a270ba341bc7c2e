/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind, and a worker that answers, to dynamic memory. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "memory/dm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PRESENT UINT64_C(65536)

struct step {
	uint8_t move;
	uint8_t choice;
	uint16_t length; /* of the bytes that follow */
};

static struct dm d;
static uint64_t now, given_up, present;

/* Every page that is given up was asked for; ranges are what was listed. */
static void
worker_answers(uint8_t choice)
{
	static struct {
		struct provider_memory_answer a;
		struct provider_memory_range ranges[1];
	} m;
	const struct provider_memory_request *r = dm_request(&d);
	uint64_t pages = 0;

	if (r == NULL)
		return;
	assert(r->range_count <= PROVIDER_MEMORY_RANGES_MAX);
	memset(&m, 0, sizeof(m));
	m.a.op = r->op;
	for (uint32_t i = 0; i < r->range_count; i++) {
		assert(r->ranges[i].pages > 0 &&
		    r->ranges[i].pages <= DM_WIRE_RANGE_PAGES_MAX);
		pages += r->ranges[i].pages;
	}
	if (choice % 8 == 0) {
		m.a.status = 1;
	} else if (r->op == PROVIDER_MEMORY_GIVEN_UP &&
	    pages <= present - given_up) {
		given_up += pages;
	} else if (r->op == PROVIDER_MEMORY_TAKE) {
		assert(r->pages > 0 && r->pages <= given_up);
		m.a.range_count = 1;
		m.ranges[0].pages = r->pages;
		given_up -= r->pages;
	} else if (r->op == PROVIDER_MEMORY_ADD) {
		assert(r->pages > 0 && r->align > 0);
		m.a.range_count = 1;
		m.ranges[0].pages = r->pages;
		present += r->pages;
	} else if (r->op == PROVIDER_MEMORY_DROP) {
		assert(r->pages <= present - given_up);
		present -= r->pages;
	} else if (r->op == PROVIDER_MEMORY_GIVEN_UP) {
		m.a.status = 1;
	}
	m.a.present = present;
	m.a.given_up = given_up;
	dm_answer(&d, &m.a, now);
}

static void
guest_sends(const uint8_t *data, size_t size)
{
	struct err e = { .code = 0 };

	if (dm_takes(&d) && dm_receive(&d, data, size, now, &e) < 0)
		assert(e.text[0] != '\0' && d.state == DM_BROKEN);
}

/* The last bytes of what nearly makes sense are the fuzzer's. */
static void
guest_answers(const uint8_t *data, size_t size, uint8_t type)
{
	_Alignas(8) uint8_t message[256] = { 0 };
	struct dm_wire_head head = { .type = type % 12 };

	if (size > sizeof(message) - sizeof(head))
		size = sizeof(message) - sizeof(head);
	memcpy(message + sizeof(head), data, size);
	head.size = (uint16_t)(sizeof(head) + size);
	memcpy(message, &head, sizeof(head));
	guest_sends(message, head.size);
}

static void
packet_take(void)
{
	struct dm_wire_head head;
	const uint8_t *packet;
	size_t size;

	packet = dm_unsent(&d, &size);
	if (packet == NULL)
		return;
	assert(size >= sizeof(head) && size <= DM_WIRE_MAX);
	memcpy(&head, packet, sizeof(head));
	assert(head.size == size);
	dm_sent(&d, now);
}

static void
play(const struct step *s, const uint8_t *data)
{
	struct err e = { .code = 0 };

	switch (s->move % 8) {
	case 0:
		guest_sends(data, s->length);
		break;
	case 1:
		now += s->choice * DM_SECOND;
		dm_tick(&d, now);
		break;
	case 2:
		packet_take();
		break;
	case 3:
		if (d.state == DM_CLOSED)
			dm_open(&d);
		else if (s->choice % 4 == 0)
			dm_close(&d);
		break;
	case 4:
		if (dm_set(&d, s->choice * (PRESENT / 64), now, &e) < 0)
			assert(e.text[0] != '\0');
		break;
	case 5:
		worker_answers(s->choice);
		break;
	default:
		guest_answers(data, s->length, s->choice);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct step s;

	now = given_up = 0;
	present = PRESENT;
	dm_init(&d, 0, 4 * PRESENT);
	while (size >= sizeof(s)) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		if (s.length > size)
			s.length = (uint16_t)size;
		play(&s, data);
		data += s.length;
		size -= s.length;
		assert(d.got <= d.asked);
		assert(d.state == DM_READY || !d.wanted);
		assert(d.wanted == (d.outcome.code == EINPROGRESS));
	}
	dm_close(&d);
	return 0;
}
