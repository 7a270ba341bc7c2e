/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a controller with packets, and has its disks come and go meanwhile. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "disk.h"
#include "storage/controller.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What happens next: one byte, and what belongs to it. */
enum step {
	STEP_PACKET, /* channel, length of data, then the packet */
	STEP_RUN,
	STEP_OPEN,
	STEP_CLOSE,
	STEP_ATTACH,
	STEP_DETACH,
	STEP_RESIZE,
	STEP_FULL,
	STEP_RETRY,
	STEP_RESUME,
	STEPS,
};

#define DATA_SIZE 4096u

struct host {
	struct controller controller;
	struct fuzz_disk disks[2];
	uint8_t data[DATA_SIZE];
	unsigned asked, answered, idle;
};

static void
answer(void *ctx, unsigned channel, uint64_t id, const struct vstor_packet *p)
{
	struct host *h = ctx;

	assert(p->operation == VSTOR_COMPLETE_IO);
	assert(h->controller.channels[channel].open);
	assert(id <= h->asked);
	h->answered++;
	assert(h->answered <= h->asked);
}

static void
announce(void *ctx, const struct vstor_packet *p)
{
	(void)ctx;
	assert(p->operation == VSTOR_ENUMERATE_BUS ||
	    p->operation == VSTOR_REMOVE_DEVICE);
}

static void
sub_channels(void *ctx, unsigned count)
{
	struct host *h = ctx;

	assert(count >= 1 && count <= h->controller.max_sub_channels);
}

static void
idle(void *ctx, unsigned channel)
{
	struct host *h = ctx;

	assert(h->controller.channels[channel].in_flight == 0);
	h->idle |= 1U << channel;
}

static void
remember(void *ctx, const struct controller_session *s)
{
	(void)ctx;
	assert(s->phase <= CONTROLLER_READY);
}

static const struct controller_ops ops = { answer, announce, sub_channels,
	idle, remember };

/* What a process left that may have written anything. */
static void
step_resume(struct host *h, uint8_t value)
{
	const struct controller_session s = { .phase = value & 7,
		.sub_channels = value >> 3 };

	if (h->controller.channels[0].open ||
	    controller_resume(&h->controller, &s) < 0)
		return;
	assert(s.sub_channels <= h->controller.max_sub_channels);
}

static void
step_packet(struct host *h, const uint8_t **at, const uint8_t *end)
{
	struct arrival a = { .id = ++h->asked };
	struct iovec data[2];
	size_t len;

	if (end - *at < 2)
		return;
	a.channel = **at % CONTROLLER_CHANNELS;
	len = (*at)[1] * 16u;
	*at += 2;
	data[0] = (struct iovec){ h->data, len / 3 };
	data[1] = (struct iovec){ h->data + len / 3, len - len / 3 };
	a.data = data;
	a.data_count = len > 0 ? 2 : 0;
	a.payload = *at;
	a.len = (size_t)(end - *at);
	if (a.len > VSTOR_PACKET_SIZE)
		a.len = VSTOR_PACKET_SIZE;
	*at += a.len;
	if (controller_has_room(&h->controller, a.channel) &&
	    controller_receive(&h->controller, &a) == 0)
		return;
	h->asked--;
}

static void
step_attach(struct host *h, unsigned number)
{
	struct disk_setup s = { .backend = &h->disks[number].backend,
		.dvd = number == 1, .pause_when_full = true,
		.serial = { 'a', (char)('0' + number) } };
	struct err e;

	if (h->disks[number].queue == NULL)
		controller_attach(&h->controller, &s, number, &e);
}

static void
step_other(struct host *h, enum step step, uint8_t value)
{
	struct controller *c = &h->controller;
	unsigned channel = value % CONTROLLER_CHANNELS;
	struct err e;

	switch (step) {
	case STEP_OPEN:
		if (!c->channels[channel].open)
			controller_open(c, channel);
		break;
	case STEP_CLOSE:
		if (c->channels[channel].open && !c->channels[channel].closing)
			controller_close(c, channel);
		break;
	case STEP_ATTACH:
		step_attach(h, value % 2);
		break;
	case STEP_DETACH:
		controller_detach(c, value % 2, &e);
		break;
	case STEP_RESIZE:
		controller_resize(c, value % 2, value * 512u, &e);
		break;
	case STEP_FULL:
		h->disks[0].error = (value & 1) != 0 ? ENOSPC : 0;
		break;
	case STEP_RETRY:
		controller_retry(c);
		break;
	case STEP_RESUME:
		step_resume(h, value);
		break;
	default:
		fuzz_disk_run(&h->disks[0]);
		fuzz_disk_run(&h->disks[1]);
		break;
	}
}

/* Whatever was asked, everything ends. */
static void
finish(struct host *h)
{
	h->disks[0].error = 0;
	controller_retry(&h->controller);
	fuzz_disk_run(&h->disks[0]);
	fuzz_disk_run(&h->disks[1]);
	assert(!controller_is_held(&h->controller));
	assert(h->controller.in_flight == 0);
	controller_release(&h->controller);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host h;
	const uint8_t *at = data, *end = data + size;

	memset(&h, 0, sizeof(h));
	controller_init(&h.controller, &ops, &h, 3);
	fuzz_disk_init(&h.disks[0]);
	fuzz_disk_init(&h.disks[1]);
	controller_open(&h.controller, 0);
	h.controller.session.phase = CONTROLLER_READY;
	step_attach(&h, 0);
	while (end - at >= 2) {
		enum step step = (enum step)(*at++ % STEPS);

		if (step == STEP_PACKET)
			step_packet(&h, &at, end);
		else
			step_other(&h, step, *at++);
	}
	finish(&h);
	return 0;
}
