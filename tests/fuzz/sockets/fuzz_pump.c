/* SPDX-License-Identifier: Apache-2.0 */
/* A connection whose guest writes anything anywhere in the rings meanwhile. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "sockets/pump.h"

#define RING_BYTES (2 * RING_PAGE)
#define STEP 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From the heap, so that the sanitizer sees what passes their ends. */
static uint8_t *rings[2];
static uint8_t page[MEMORY_PAGE];
static int bell = -1;

/* The program takes and gives so much, and less than nothing is an error. */
struct program {
	int takes, gives;
	bool finished;
	uint64_t taken, given;
};

static ssize_t
program_send(void *ctx, const struct iovec *pieces, unsigned count)
{
	struct program *p = ctx;
	size_t sum = 0;

	assert(!p->finished && count > 0);
	errno = p->takes < 0 ? EPIPE : EAGAIN;
	if (p->takes <= 0)
		return -1;
	for (unsigned i = 0; i < count && sum < (size_t)p->takes; i++) {
		static uint8_t out[RING_BYTES];
		size_t len = pieces[i].iov_len;

		assert(len > 0 && len <= sizeof(out));
		memcpy(out, pieces[i].iov_base, len);
		sum += len;
	}
	if (sum > (size_t)p->takes)
		sum = (size_t)p->takes;
	p->taken += sum;
	return (ssize_t)sum;
}

static ssize_t
program_receive(void *ctx, const struct iovec *pieces, unsigned count)
{
	struct program *p = ctx;
	size_t sum = 0;

	errno = ECONNRESET;
	if (p->gives <= 0)
		return p->gives;
	for (unsigned i = 0; i < count; i++) {
		memset(pieces[i].iov_base, 'x', pieces[i].iov_len);
		sum += pieces[i].iov_len;
	}
	assert(sum > 0);
	if (sum > (size_t)p->gives)
		sum = (size_t)p->gives;
	p->given += sum;
	return (ssize_t)sum;
}

static void
program_finish(void *ctx)
{
	struct program *p = ctx;

	assert(!p->finished);
	p->finished = true;
}

/* One step of the guest: four bytes somewhere, headers more often. */
static void
guest_write(uint8_t op, const uint8_t *argument)
{
	uint8_t *ring = rings[op >> 4 & 1];
	uint16_t at;
	uint32_t value;

	memcpy(&at, argument, sizeof(at));
	memcpy(&value, argument + 2, sizeof(value));
	if ((op & 0x20) != 0)
		memcpy(ring + at % 4 * 4, &value, sizeof(value));
	else
		memcpy(ring + RING_PAGE + at % (RING_PAGE - 3), &value,
		    sizeof(value));
}

static bool
step(struct pump *p, struct program *program, uint8_t op,
    const uint8_t *argument)
{
	uint8_t rest[100];
	int16_t amount;

	memcpy(&amount, argument, sizeof(amount));
	switch (op % 8) {
	case 0:
	case 1:
		program->takes = amount;
		return pump_to_host(p) != PUMP_BROKEN;
	case 2:
		program->gives = amount;
		return pump_to_guest(p) != PUMP_BROKEN;
	case 3:
		channel_signalled(p->channel);
		return true;
	case 4:
		channel_flush(p->channel);
		return true;
	case 5:
		assert(pump_waiting(p) < RING_PAGE);
		assert(pump_rest(p, rest, sizeof(rest)) <= sizeof(rest));
		return true;
	default:
		guest_write(op, argument);
		return true;
	}
}

static struct channel *
channel_make(const struct memory *memory)
{
	struct channel_setup s = {
		.ring_in_bytes = RING_BYTES, .ring_out_bytes = RING_BYTES,
		.memory = memory,
	};
	struct channel *c;
	struct err e;

	for (int i = 0; i < 2; i++) {
		if (rings[i] == NULL)
			rings[i] = aligned_alloc(RING_PAGE, RING_BYTES);
		memset(rings[i], 0, RING_BYTES);
	}
	if (bell < 0)
		bell = eventfd(0, EFD_NONBLOCK);
	s.ring_in = rings[0];
	s.ring_out = rings[1];
	s.call_fd = s.kick_fd = bell;
	c = channel_create(&s, &e);
	assert(c != NULL);
	return c;
}

/* Begins with what the first ring holds and how much; then steps. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct memory_region region = { 0, sizeof(page), 0 };
	static const struct pump_ops ops = {
		program_send, program_receive, program_finish,
	};
	struct program program = { .takes = 0 };
	struct memory memory;
	struct channel *c;
	struct pump p;
	size_t len = size > 0 ? data[0] * 8u : 0;

	assert(memory_set(&memory, page, sizeof(page), &region, 1));
	c = channel_make(&memory);
	if (size > 0 && len <= size - 1) {
		memcpy(rings[0] + RING_PAGE, data + 1, len);
		((struct ring_header *)(void *)rings[0])->write_index =
		    (uint32_t)len;
		data += 1 + len;
		size -= 1 + len;
	}
	pump_init(&p, &ops, &program, c);
	while (size >= STEP && step(&p, &program, data[0], data + 1)) {
		assert(p.to_guest == program.given);
		data += STEP;
		size -= STEP;
	}
	channel_destroy(c);
	return 0;
}
