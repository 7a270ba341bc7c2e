/* SPDX-License-Identifier: Apache-2.0 */
/* What happens between the keyboard, its channel and the clients. */
#include "keyboard/provider.h"

#include <stdio.h>
#include <string.h>

#include "process/process.h"

/* So that one channel does not keep all else waiting. */
#define PACKETS_AT_ONCE 32u

static const struct guid class_id = GUID(0xf912ad6d, 0x2b17, 0x48ea, 0xbd,
    0x65, 0xf9, 0x27, 0xa6, 0x1c, 0x76, 0x84);
static const struct guid instance_id = GUID(0xd34b2567, 0xb9b6, 0x42b9, 0x87,
    0x78, 0x0a, 0x4e, 0xc0, 0xb9, 0x55, 0xbf);

static void
packets_send(struct keyboard_provider *k, struct channel *c)
{
	uint8_t packet[KEYBOARD_PACKET_MAX];
	size_t len;

	while ((len = keyboard_unsent(&k->keyboard, packet)) > 0 &&
	    channel_send_in_band(c, 0, false, packet, len) == CHANNEL_OK)
		keyboard_sent(&k->keyboard);
}

static int
on_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct keyboard_provider *k = ctx;

	(void)c;
	(void)user_data;
	(void)e;
	keyboard_open(&k->keyboard);
	return 0;
}

static void
on_receive(void *ctx, struct channel *c)
{
	struct keyboard_provider *k = ctx;
	struct packet p;

	for (unsigned i = 0; i < PACKETS_AT_ONCE; i++) {
		if (channel_receive(c, &p) != CHANNEL_OK)
			return;
		if (p.type == PACKET_IN_BAND)
			keyboard_receive(&k->keyboard, p.payload,
			    p.payload_size);
		packets_send(k, c);
	}
	channel_resume(c);
}

static void
on_writable(void *ctx, struct channel *c)
{
	packets_send(ctx, c);
}

static void
on_close(void *ctx, struct channel *c)
{
	struct keyboard_provider *k = ctx;

	(void)c;
	keyboard_close(&k->keyboard);
	offer_closed(k->offer);
}

static void
on_broken(void *ctx)
{
	(void)ctx;
	fprintf(stderr, "the guest broke the ring of its keyboard\n");
}

/* It is offered anew to the next guest. */
static void
on_released(void *ctx, int status)
{
	struct keyboard_provider *k = ctx;

	if (status != 0)
		fprintf(stderr, "the keyboard cannot be offered: %s\n",
		    strerror(status));
	k->offer = NULL;
}

static const struct offer_ops offer_ops = {
	.open = on_open,
	.receive = on_receive,
	.writable = on_writable,
	.close = on_close,
	.broken = on_broken,
	.released = on_released,
};

static int
offer(struct keyboard_provider *k, struct err *e)
{
	struct offer_setup setup = {
		.class_id = class_id,
		.instance_id = instance_id,
	};

	k->offer = provider_offer(k->provider, &setup, &offer_ops, k, e);
	return k->offer != NULL ? 0 : -1;
}

static void
worker_lost(void *ctx, const struct err *why)
{
	struct keyboard_provider *k = ctx;

	process_lost(k->event, why);
}

static void
worker_tells(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	struct keyboard_provider *k = ctx;
	struct err e;

	(void)value;
	if (kind == PROVIDER_CONTACT && k->offer == NULL && offer(k, &e) < 0)
		fprintf(stderr, "%s\n", e.text);
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.event = worker_tells,
};

static void
client_asks(void *ctx, unsigned client, struct service_request *asked)
{
	struct keyboard_provider *k = ctx;
	char reply[REQUEST_REPLY_MAX];
	struct err e;

	if (request_parse(asked->packet, asked->len, &k->request, &e) < 0 ||
	    keyboard_press(&k->keyboard, k->request.events,
	    k->request.count, &e) < 0) {
		service_control_reply(k->control, client, reply,
		    reply_refused(&e, reply));
		return;
	}
	packets_send(k, offer_channel(k->offer));
	channel_flush(offer_channel(k->offer));
	service_control_reply(k->control, client, reply, reply_done(reply));
}

static void
client_leaves(void *ctx, unsigned client)
{
	(void)ctx;
	(void)client;
}

static const struct service_control_ops control_ops = {
	client_asks, client_leaves,
};

int
keyboard_provider_begin(struct keyboard_provider *k, sd_event *event,
    const char *run_dir, struct err *e)
{
	memset(k, 0, sizeof(*k));
	k->event = event;
	k->provider = provider_connect(event, run_dir, PROVIDER_KEYBOARD,
	    &worker_ops, k, e);
	if (k->provider == NULL)
		return -1;
	k->control = service_control_open(event, run_dir, KEYBOARD_SOCKET,
	    &control_ops, k, e);
	if (k->control == NULL || provider_sandbox(k->provider,
	    service_control_calls, service_control_call_count, e) < 0)
		return -1;
	return offer(k, e);
}

void
keyboard_provider_end(struct keyboard_provider *k)
{
	service_control_close(k->control);
	if (k->provider != NULL)
		provider_destroy(k->provider);
}
