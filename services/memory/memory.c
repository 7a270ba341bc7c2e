/* SPDX-License-Identifier: Apache-2.0 */
/* What happens between the guest, the worker and the clients. */
#include "memory/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/request.h"
#include "process/process.h"

#define TIMER_ACCURACY (DM_SECOND / 4)
/* As long as the driver's buffer, and what goes before. */
#define PACKET_MAX_IN (DM_WIRE_MAX + 64)
/* So that one channel does not keep all else waiting. */
#define PACKETS_AT_ONCE 32u

static const struct guid class_id = GUID(0x525074dc, 0x8985, 0x46e2, 0x80,
    0x57, 0xa3, 0x07, 0xdc, 0x18, 0xa5, 0x02);
static const struct guid instance_id = GUID(0x1eccfd72, 0x4b41, 0x45ef, 0xb7,
    0x3a, 0x4a, 0x6e, 0x44, 0xc1, 0x29, 0x24);

static uint64_t
now(const struct memory_service *s)
{
	uint64_t usec = 0;

	sd_event_now(s->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void
timer_set(struct memory_service *s)
{
	uint64_t next = dm_deadline(&s->dm);
	bool on = next != DM_NEVER && !s->paused;

	if (on)
		sd_event_source_set_time(s->timer, next);
	sd_event_source_set_enabled(s->timer,
	    on ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* What does not fit is sent when there is room. */
static void
packet_flush(struct memory_service *s)
{
	const uint8_t *packet;
	size_t size;

	/* One that was sent may have another follow. */
	while (s->channel != NULL &&
	    (packet = dm_unsent(&s->dm, &size)) != NULL &&
	    channel_send_in_band(s->channel, 0, false, packet, size) !=
		CHANNEL_FULL)
		dm_sent(&s->dm, now(s));
}

static void
clients_tell(struct memory_service *s)
{
	struct err e;
	size_t len;

	if (dm_outcome(&s->dm, &e) == 0)
		len = report_done(&s->dm, s->reply);
	else if (e.code == EINPROGRESS)
		return;
	else
		len = report_refused(&e, s->reply);
	for (unsigned i = 0; i < SERVICE_CLIENTS; i++) {
		if (s->waits[i])
			service_control_reply(s->control, i, s->reply, len);
		s->waits[i] = false;
	}
}

/* Something happened: whoever has to know of it does. */
static void
changed(struct memory_service *s)
{
	const struct provider_memory_request *request;

	packet_flush(s);
	request = dm_request(&s->dm);
	if (request != NULL)
		provider_ask_memory(s->provider, request);
	if (s->stalled && s->channel != NULL && dm_takes(&s->dm)) {
		s->stalled = false;
		channel_resume(s->channel);
	}
	clients_tell(s);
	timer_set(s);
}

/* --- The guest --- */

static int
line_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct memory_service *s = ctx;

	(void)user_data;
	(void)e;
	s->channel = c;
	dm_open(&s->dm);
	return 0;
}

/* What cannot be dealt with now stays where it is. */
static bool
packet_take(struct memory_service *s, struct channel *c)
{
	struct packet p;
	struct err e;

	if (!dm_takes(&s->dm) || channel_receive(c, &p) != CHANNEL_OK)
		return false;
	if (p.type == PACKET_IN_BAND && dm_receive(&s->dm, p.payload,
	    p.payload_size, now(s), &e) < 0)
		fprintf(stderr, "%s\n", e.text);
	packet_flush(s);
	return true;
}

static void
line_receive(void *ctx, struct channel *c)
{
	struct memory_service *s = ctx;
	unsigned left = PACKETS_AT_ONCE;

	while (left > 0 && packet_take(s, c))
		left--;
	s->stalled = !dm_takes(&s->dm);
	if (left == 0)
		channel_resume(c);
	changed(s);
}

static void
line_writable(void *ctx, struct channel *c)
{
	(void)c;
	changed(ctx);
}

static void
line_close(void *ctx, struct channel *c)
{
	struct memory_service *s = ctx;

	(void)c;
	s->channel = NULL;
	s->stalled = false;
	dm_close(&s->dm);
	changed(s);
	offer_closed(s->offer);
}

static void
line_broken(void *ctx)
{
	(void)ctx;
	fputs("the guest broke the ring of its dynamic memory\n", stderr);
}

/* It is offered anew to the next guest: worker_tells(). */
static void
line_released(void *ctx, int status)
{
	struct memory_service *s = ctx;

	if (status != 0)
		fprintf(stderr, "dynamic memory cannot be offered: %s\n",
		    strerror(status));
	s->offer = NULL;
}

static const struct offer_ops line_ops = {
	.open = line_open,
	.receive = line_receive,
	.writable = line_writable,
	.close = line_close,
	.broken = line_broken,
	.released = line_released,
};

static int
line_offer(struct memory_service *s, struct err *e)
{
	const struct offer_setup setup = {
		.class_id = class_id,
		.instance_id = instance_id,
		.packet_max = PACKET_MAX_IN,
	};

	if (s->offer == NULL)
		s->offer = provider_offer(s->provider, &setup, &line_ops, s,
		    e);
	return s->offer != NULL ? 0 : -1;
}

/* --- Clients --- */

static void
refuse(struct memory_service *s, unsigned client, const struct err *e)
{
	size_t len = report_refused(e, s->reply);

	service_control_reply(s->control, client, s->reply, len);
}

static void
client_asks(void *ctx, unsigned client, struct service_request *asked)
{
	struct memory_service *s = ctx;
	struct request r;
	struct err e;
	size_t len;

	if (request_parse(asked->packet, asked->len, &r, &e) < 0) {
		refuse(s, client, &e);
	} else if (r.op == REQUEST_STATUS) {
		len = report_status(&s->dm,
		    provider_memory_resident(s->provider), s->reply);
		service_control_reply(s->control, client, s->reply, len);
	} else if (dm_set(&s->dm, r.bytes / DM_PAGE, now(s), &e) < 0) {
		refuse(s, client, &e);
	} else {
		s->waits[client] = true;
		changed(s);
		if (s->channel != NULL)
			channel_flush(s->channel);
	}
}

static void
client_leaves(void *ctx, unsigned client)
{
	struct memory_service *s = ctx;

	s->waits[client] = false;
}

static const struct service_control_ops control_ops = {
	client_asks, client_leaves,
};

/* --- The worker --- */

static void
worker_lost(void *ctx, const struct err *why)
{
	const struct memory_service *s = ctx;

	process_lost(s->event, why);
}

static void
worker_tells(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	struct memory_service *s = ctx;
	struct err e;

	(void)value;
	switch (kind) {
	case PROVIDER_PAUSED:
		s->paused = true;
		break;
	case PROVIDER_RESUMED:
		s->paused = false;
		dm_patience(&s->dm, now(s));
		break;
	case PROVIDER_CONTACT:
		if (line_offer(s, &e) < 0)
			fprintf(stderr, "%s\n", e.text);
		dm_forget(&s->dm);
		break;
	case PROVIDER_UNLOAD:
		dm_forget(&s->dm);
		break;
	case PROVIDER_LEAVING:
		break;
	}
	changed(s);
}

static void
worker_answers(void *ctx, const struct provider_memory_answer *a)
{
	struct memory_service *s = ctx;

	dm_answer(&s->dm, a, now(s));
	changed(s);
	if (s->channel != NULL)
		channel_flush(s->channel);
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.event = worker_tells,
	.memory = worker_answers,
};

static int
time_passes(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct memory_service *s = ctx;

	(void)source;
	(void)usec;
	dm_tick(&s->dm, now(s));
	changed(s);
	return 0;
}

int
memory_service_begin(struct memory_service *s, sd_event *event,
    const struct config *config, const char *run_dir, struct err *e)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->event = event;
	dm_init(&s->dm, config->memory_min / DM_PAGE,
	    config_memory_most(config) / DM_PAGE);
	r = sd_event_add_time(event, &s->timer, CLOCK_MONOTONIC, 0,
	    TIMER_ACCURACY, time_passes, s);
	if (r < 0)
		return err_set(e, -r, "timer: %s", strerror(-r));
	sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
	s->provider = provider_connect(event, run_dir, PROVIDER_MEMORY,
	    &worker_ops, s, e);
	if (s->provider == NULL)
		return -1;
	s->control = service_control_open(event, run_dir, MEMORY_SOCKET,
	    &control_ops, s, e);
	if (s->control == NULL ||
	    provider_sandbox(s->provider, service_control_calls,
		service_control_call_count, e) < 0 ||
	    line_offer(s, e) < 0)
		return -1;
	changed(s);
	return 0;
}

void
memory_service_end(struct memory_service *s)
{
	service_control_close(s->control);
	if (s->provider != NULL)
		provider_destroy(s->provider);
	sd_event_source_disable_unref(s->timer);
}
