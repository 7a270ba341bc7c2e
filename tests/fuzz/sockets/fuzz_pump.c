/* SPDX-License-Identifier: Apache-2.0 */
/* A connection whose guest writes anything anywhere in the rings meanwhile. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "rings.h"
#include "sockets/pump.h"

#define STEP 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
		static uint8_t out[RINGS_BYTES];
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

static void
program_give_way(void *ctx)
{
	(void)ctx;
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
		rings_write(op, argument);
		return true;
	}
}

/* Begins with what the first ring holds; then steps. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pump_ops ops = {
		program_send, program_receive, program_finish,
		program_give_way,
	};
	struct program program = { .takes = 0 };
	struct memory memory;
	struct channel *c = rings_channel(&memory, 0);
	size_t used = rings_fill(data, size);
	struct pump p;

	data += used;
	size -= used;
	pump_init(&p, &ops, &program, c);
	while (size >= STEP && step(&p, &program, data[0], data + 1)) {
		assert(p.to_guest == program.given);
		data += STEP;
		size -= STEP;
	}
	channel_destroy(c);
	return 0;
}
