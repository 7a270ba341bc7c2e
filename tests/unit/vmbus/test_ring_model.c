/* SPDX-License-Identifier: Apache-2.0 */
/* Both ring ends against a queue: random steps, the same every time. */
#include <criterion/criterion.h>

#include "vmbus/ring.h"

#define DATA RING_PAGE
#define QUEUE 512u
#define STEPS 20000u

static _Alignas(RING_PAGE) uint8_t memory[RING_PAGE + DATA];

/* What a ring is, with no memory of its own and nothing shared. */
struct model {
	uint32_t lengths[QUEUE];
	uint8_t marks[QUEUE];
	unsigned first, count;
	uint32_t waiting;	/* bytes from here to the writer */
	uint32_t unpublished;
	bool masked;
	uint32_t pending;
};

struct play {
	struct ring_reader reader;
	struct ring_writer writer;
	struct model model;
	uint64_t random;
	uint8_t mark;
};

static uint32_t
random_below(struct play *p, uint32_t limit)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return (uint32_t)(p->random * UINT64_C(0x2545f4914f6cdd1d) >> 33) %
	    limit;
}

static uint32_t
room(const struct model *m)
{
	return DATA - m->waiting - m->unpublished;
}

static uint32_t
random_length(struct play *p)
{
	uint32_t most = random_below(p, 8) == 0 ? DATA / 8 - 4 : 24;

	return 16 + 8 * random_below(p, most);
}

static void
push(struct play *p)
{
	struct model *m = &p->model;
	uint32_t len = random_length(p);
	uint8_t packet[DATA];
	uint16_t words[] = { 6, 2, (uint16_t)(len / 8), 0 };
	/* In two pieces, split anywhere. */
	struct iovec iov[2] = { { .iov_base = packet } };
	bool signal = false, fits = len + 8 < room(m) && m->count < QUEUE;
	bool idle = m->waiting == 0 && m->unpublished == 0 && !m->masked;
	enum ring_result result;

	if (m->count == QUEUE)
		return;
	memset(packet, ++p->mark, len);
	memcpy(packet, words, sizeof(words));
	iov[0].iov_len = random_below(p, len + 1);
	iov[1].iov_base = packet + iov[0].iov_len;
	iov[1].iov_len = len - iov[0].iov_len;
	result = ring_writer_push(&p->writer, iov, 2, &signal);
	cr_assert_eq(result, fits ? RING_OK : RING_FULL);
	if (!fits) {
		cr_assert_eq(ring_writer_await(&p->writer, len), RING_FULL);
		m->pending = len + 8;
		return;
	}
	cr_assert_eq(signal, idle);
	m->lengths[(m->first + m->count) % QUEUE] = len;
	m->marks[(m->first + m->count++) % QUEUE] = p->mark;
	m->waiting += len + 8;
}

static void
pop(struct play *p)
{
	struct model *m = &p->model;
	uint8_t out[DATA];
	size_t len;
	enum ring_result result = ring_reader_pop(&p->reader, out,
	    sizeof(out), &len);

	cr_assert_eq(result, m->count == 0 ? RING_EMPTY : RING_OK);
	if (result != RING_OK)
		return;
	cr_assert_eq(len, m->lengths[m->first]);
	for (size_t i = 8; i < len; i++)
		cr_assert_eq(out[i], m->marks[m->first]);
	m->first = (m->first + 1) % QUEUE;
	m->count--;
	m->waiting -= (uint32_t)len + 8;
	m->unpublished += (uint32_t)len + 8;
}

static void
publish(struct play *p)
{
	struct model *m = &p->model;
	uint32_t before = room(m), after = before + m->unpublished;
	bool crossed = m->unpublished > 0 && m->pending != 0 &&
	    before <= m->pending && after >= m->pending;

	cr_assert_eq(ring_reader_unpublished(&p->reader), m->unpublished);
	cr_assert_eq(ring_reader_publish(&p->reader), crossed);
	m->unpublished = 0;
	if (m->pending != 0 && after > m->pending) {
		ring_writer_stop_waiting(&p->writer);
		m->pending = 0;
	}
}

static void
mask(struct play *p)
{
	struct model *m = &p->model;

	if (m->masked) {
		enum ring_result result = ring_reader_unmask(&p->reader);

		cr_assert_eq(result, m->count == 0 ? RING_EMPTY : RING_OK);
		m->masked = m->count != 0;
	} else {
		ring_reader_mask(&p->reader);
		m->masked = true;
	}
}

static void
fill(struct play *p)
{
	uint32_t bytes;

	cr_assert(ring_fill((const void *)memory, p->writer.size, &bytes));
	cr_assert_eq(bytes, p->model.waiting + p->model.unpublished);
}

/* Another process takes over: nothing but the header tells it where. */
static void
attach_again(struct play *p)
{
	if (p->model.unpublished != 0)
		return;
	cr_assert(ring_reader_attach(&p->reader, memory, sizeof(memory)));
	cr_assert(ring_writer_attach(&p->writer, memory, sizeof(memory)));
	p->writer.pending = p->model.pending != 0;
}

static void
play(uint64_t seed)
{
	struct play p = { .random = seed };

	memset(memory, 0, sizeof(memory));
	attach_again(&p);
	for (unsigned i = 0; i < STEPS; i++) {
		uint32_t step = random_below(&p, 32);

		if (step < 12)
			push(&p);
		else if (step < 22)
			pop(&p);
		else if (step < 27)
			publish(&p);
		else if (step < 29)
			mask(&p);
		else if (step < 31)
			fill(&p);
		else
			attach_again(&p);
	}
}

Test(ring_model, ends_agree_with_a_queue_whatever_happens)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		play(seed * UINT64_C(0x9e3779b97f4a7c15));
}
