/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between a service and its channel. */
#include "integration/line.h"

#include <stdio.h>
#include <string.h>

/* The guest reads and writes whole messages. */
#define PIPE_MESSAGE 4U
#define PACKET_MAX_IN (sizeof(struct packet_descriptor) + \
	(IC_PACKET_MAX + 7) / 8 * 8)
/* So that one channel does not keep all else waiting. */
#define PACKETS_AT_ONCE 32u

/* A guest's program looks for file copy by its instance. */
static const struct {
	struct guid class_id;
	struct guid instance_id;
} ids[SERVICES] = {
	[SERVICE_HEARTBEAT] = {
		GUID(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b,
		    0xd5, 0x42, 0x2d),
		GUID(0xfd149e91, 0x82e0, 0x4a7d, 0xaf, 0xa6, 0x2a, 0x41, 0x66,
		    0xcb, 0xd7, 0xc0),
	},
	[SERVICE_SHUTDOWN] = {
		GUID(0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9, 0x0c,
		    0xed, 0x39, 0xdb),
		GUID(0xb6650ff7, 0x33bc, 0x4840, 0x80, 0x48, 0xe0, 0x67, 0x67,
		    0x86, 0xf3, 0x93),
	},
	[SERVICE_TIMESYNC] = {
		GUID(0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a, 0xb0,
		    0x17, 0x5c, 0xaf),
		GUID(0x2dd1ce17, 0x079e, 0x403c, 0xb3, 0x52, 0xa1, 0x92, 0x1e,
		    0xe2, 0x07, 0xee),
	},
	[SERVICE_KVP] = {
		GUID(0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84, 0x1e,
		    0x8c, 0x03, 0xe6),
		GUID(0x242ff919, 0x07db, 0x4180, 0x9c, 0x2e, 0xb8, 0x6c, 0xb6,
		    0x8c, 0x8c, 0x55),
	},
	[SERVICE_VSS] = {
		GUID(0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e, 0xba,
		    0xcb, 0xa4, 0x40),
		GUID(0x2450ee40, 0x33bf, 0x4fbd, 0x89, 0x2e, 0x9f, 0xb0, 0x6e,
		    0x92, 0x14, 0xcf),
	},
	[SERVICE_FCOPY] = {
		GUID(0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7, 0x6b, 0x17, 0x49,
		    0x77, 0xc1, 0x92),
		GUID(0xeb765408, 0x105f, 0x49b6, 0xb4, 0xaa, 0xc1, 0x23, 0xb6,
		    0x4d, 0x17, 0xd4),
	},
};

/* What does not fit now is sent when there is room. */
static void
line_flush(struct line *l)
{
	const uint8_t *packet;
	size_t size;

	if (l->channel == NULL)
		return;
	packet = ic_unsent(l->ic, &size);
	if (packet != NULL && channel_send_in_band(l->channel, 0, false,
	    packet, size) != CHANNEL_FULL)
		ic_sent(l->ic);
}

static void
changed(struct line *l)
{
	l->lines->ops->changed(l->lines->ctx);
}

static uint64_t
now(const struct line *l)
{
	return l->lines->ops->now(l->lines->ctx);
}

static int
line_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct line *l = ctx;

	(void)user_data;
	(void)e;
	l->channel = c;
	ic_open(l->ic);
	line_flush(l);
	return 0;
}

static bool
packet_take(struct line *l, struct channel *c)
{
	struct packet p;

	if (channel_receive(c, &p) != CHANNEL_OK)
		return false;
	if (p.type == PACKET_IN_BAND)
		ic_receive(l->ic, p.payload, p.payload_size, now(l));
	line_flush(l);
	return true;
}

static void
line_receive(void *ctx, struct channel *c)
{
	struct line *l = ctx;
	unsigned left = PACKETS_AT_ONCE;

	while (left > 0 && packet_take(l, c))
		left--;
	changed(l);
	if (left == 0)
		channel_resume(c);
}

static void
line_writable(void *ctx, struct channel *c)
{
	(void)c;
	line_flush(ctx);
}

static void
line_close(void *ctx, struct channel *c)
{
	struct line *l = ctx;

	(void)c;
	l->channel = NULL;
	ic_close(l->ic, now(l));
	offer_closed(l->offer);
	changed(l);
}

static void
line_broken(void *ctx)
{
	struct line *l = ctx;

	fprintf(stderr, "the guest broke the ring of its service \"%s\"\n",
	    service_name(l->service));
}

/* It is offered anew to the next guest: lines_offer(). */
static void
line_released(void *ctx, int status)
{
	struct line *l = ctx;

	if (status != 0)
		fprintf(stderr, "service \"%s\" cannot be offered: %s\n",
		    service_name(l->service), strerror(status));
	l->offer = NULL;
}

static const struct offer_ops line_ops = {
	.open = line_open,
	.receive = line_receive,
	.writable = line_writable,
	.close = line_close,
	.broken = line_broken,
	.released = line_released,
};

void
lines_init(struct lines *l, struct provider *p, struct services *s,
    const struct lines_ops *ops, void *ctx)
{
	memset(l, 0, sizeof(*l));
	l->provider = p;
	l->ops = ops;
	l->ctx = ctx;
	for (unsigned i = 0; i < SERVICES; i++) {
		l->line[i].lines = l;
		l->line[i].service = (enum service)i;
		l->line[i].ic = services_ic(s, (enum service)i);
	}
}

static int
line_offer(struct line *l, struct err *e)
{
	struct offer_setup setup = {
		.class_id = ids[l->service].class_id,
		.instance_id = ids[l->service].instance_id,
		.flags = OFFER_ENUMERATE_INTERFACE | OFFER_NAMED_PIPE,
		.packet_max = PACKET_MAX_IN,
	};
	uint32_t mode = PIPE_MESSAGE;

	memcpy(setup.user_data, &mode, sizeof(mode));
	l->offer = provider_offer(l->lines->provider, &setup, &line_ops, l, e);
	return l->offer != NULL ? 0 : -1;
}

int
lines_offer(struct lines *l, struct err *e)
{
	for (unsigned i = 0; i < SERVICES; i++)
		if (l->line[i].offer == NULL &&
		    line_offer(&l->line[i], e) < 0)
			return err_prefix(e, "service \"%s\"",
			    service_name((enum service)i));
	return 0;
}

void
lines_flush(struct lines *l)
{
	for (unsigned i = 0; i < SERVICES; i++) {
		line_flush(&l->line[i]);
		if (l->line[i].channel != NULL)
			channel_flush(l->line[i].channel);
	}
}
