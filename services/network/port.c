/* SPDX-License-Identifier: Apache-2.0 */
/* Waking an adapter when there is something to carry, and letting it rest. */
#include "network/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manager/clock.h"

#define PRIMARY 0

/* A message in 32 ranges of a page or more each, and what is around it. */
#define PACKET_MAX_IN 8192

/* So that one channel does not keep all else waiting. */
#define PACKETS_AT_ONCE 256

/* How long answers wait for frames that the guest is signalled of anyway. */
#define HOLD_NS UINT64_C(1000000)

static const struct guid network_class = GUID(0xf8615163, 0xdf3e, 0x46c5, 0x91,
    0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e);
/* Its end is the adapter's address, so that it is the same in every run. */
static const struct guid network_instance = GUID(0x4d756c6c, 0x696f, 0x4e74,
    0x9e, 0x74, 0, 0, 0, 0, 0, 0);
#define INSTANCE_MAC_AT 10

static void
device_watch(struct port *p, bool on)
{
	for (unsigned i = 0; i < p->tap.count; i++)
		sd_event_source_set_enabled(p->sources[i],
		    on ? SD_EVENT_ON : SD_EVENT_OFF);
}

/* What the adapter sent outside of a channel's own op is to be signalled. */
static void
lanes_flush(struct port *p)
{
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (p->lanes[i].channel != NULL)
			channel_flush(p->lanes[i].channel);
}

/* Call time_passes() in @ns, unless it is called earlier anyway. */
static void
timer_set(struct port *p, uint64_t ns)
{
	uint64_t now, old, when;
	int on = SD_EVENT_OFF;

	sd_event_now(p->event, CLOCK_MONOTONIC, &now);
	when = now + ns / 1000 + 1;
	sd_event_source_get_enabled(p->timer, &on);
	sd_event_source_get_time(p->timer, &old);
	if (on == SD_EVENT_OFF || old > when)
		sd_event_source_set_time(p->timer, when);
	sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

/* Packets that were sent to @c may wait, but not for ever. */
static void
lane_hold(struct port *p, const struct channel *c)
{
	if (p->holding || !channel_held(c))
		return;
	p->holding = true;
	timer_set(p, HOLD_NS);
}

static void
lanes_signal(struct port *p)
{
	p->holding = false;
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (p->lanes[i].channel != NULL)
			channel_signal(p->lanes[i].channel);
}

/* Have the owner look if there is something for it. */
static void
port_changed(struct port *p)
{
	if (!port_gone(p) &&
	    memcmp(p->address, p->adapter.address, ADDRESS_SIZE) == 0)
		return;
	memcpy(p->address, p->adapter.address, ADDRESS_SIZE);
	p->changed(p->ctx);
}

/* The guest did something: there may be room now for what waited. */
static void
frames_resume(struct port *p)
{
	if (!p->stalled)
		return;
	p->stalled = false;
	device_watch(p, true);
}

static int
device_readable(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct port *p = ctx;
	unsigned queue = 0;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t wait;

	(void)events;
	while (queue + 1 < p->tap.count && p->tap.fds[queue] != fd)
		queue++;
	switch (adapter_receive(&p->adapter, queue, now, &wait)) {
	case ADAPTER_STALLED:
		p->stalled = true;
		device_watch(p, false);
		break;
	case ADAPTER_LATER:
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		timer_set(p, wait);
		break;
	case ADAPTER_EMPTY:
	case ADAPTER_MORE:
		break;
	}
	lanes_flush(p);
	port_changed(p);
	return 0;
}

static int
time_passes(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct port *p = ctx;

	(void)source;
	(void)usec;
	if (!p->stalled)
		device_watch(p, true);
	lanes_signal(p);
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (p->lanes[i].held && p->lanes[i].channel != NULL)
			channel_resume(p->lanes[i].channel);
	return 0;
}

/* --- What the adapter asks for. --- */

/* A channel that broke is being closed: what was for it is lost with it. */
static bool
op_send(void *ctx, unsigned queue, const struct packet_out *out)
{
	struct port *p = ctx;
	struct channel *c = p->lanes[queue].channel;

	return c == NULL || channel_send(c, out) != CHANNEL_FULL;
}

static const struct gpadl *
op_gpadl(void *ctx, uint32_t handle)
{
	struct port *p = ctx;

	return offer_gpadl(p->lanes[PRIMARY].offer, handle);
}

static int lane_offer(struct lane *l, struct err *e);

static void
op_offer_queues(void *ctx, unsigned count)
{
	struct port *p = ctx;
	struct err e = { .code = 0 };

	for (unsigned i = PRIMARY + 1; i <= count; i++) {
		struct lane *l = &p->lanes[i];

		/* The guest may be faster than the end of the last offer. */
		l->wanted = l->offer != NULL;
		if (l->offer == NULL && lane_offer(l, &e) < 0)
			fprintf(stderr, "%s: queue %u: %s\n", p->tap.name, i,
			    e.text);
	}
}

static bool
op_port_send(void *ctx, unsigned queue, const struct iovec *iov, int count)
{
	struct port *p = ctx;

	return tap_send(&p->tap, queue, iov, count);
}

static size_t
op_port_receive(void *ctx, unsigned queue, const struct iovec *iov,
    int count)
{
	struct port *p = ctx;

	return tap_receive(&p->tap, queue, iov, count);
}

static void
op_port_offload(void *ctx, bool on)
{
	struct port *p = ctx;

	tap_offload(&p->tap, on);
}

static const struct adapter_ops adapter_ops = {
	.send = op_send,
	.gpadl = op_gpadl,
	.offer_queues = op_offer_queues,
	.port_send = op_port_send,
	.port_receive = op_port_receive,
	.port_offload = op_port_offload,
};

/* --- What happens on a channel. --- */

static int
lane_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct lane *l = ctx;

	(void)user_data;
	(void)e;
	l->channel = c;
	l->held = false;
	adapter_opened(&l->port->adapter, l->number);
	return 0;
}

static void
packets_take(struct lane *l, struct channel *c)
{
	struct adapter *a = &l->port->adapter;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct packet packet;

	for (unsigned i = 0; i < PACKETS_AT_ONCE; i++) {
		uint64_t wait = adapter_packet_wait(a, l->number, now);

		if (wait > 0) {
			l->held = true;
			if (wait != UINT64_MAX)
				timer_set(l->port, wait);
			return;
		}
		if (channel_receive(c, &packet) != CHANNEL_OK)
			return;
		adapter_packet(a, l->number, &packet);
	}
	channel_resume(c);
}

static void
lane_receive(void *ctx, struct channel *c)
{
	struct lane *l = ctx;

	l->held = false;
	frames_resume(l->port);
	packets_take(l, c);
	/* The link may have been told, on the primary. */
	lanes_flush(l->port);
	lane_hold(l->port, c);
	port_changed(l->port);
}

static void
lane_writable(void *ctx, struct channel *c)
{
	struct lane *l = ctx;

	adapter_writable(&l->port->adapter, l->number);
	frames_resume(l->port);
	if (l->held)
		channel_resume(c);
}

static void
lane_rescind(struct lane *l)
{
	l->wanted = false;
	if (l->offer == NULL || l->rescinded)
		return;
	l->rescinded = true;
	offer_rescind(l->offer);
}

static void
sub_lanes_rescind(struct port *p)
{
	for (unsigned i = PRIMARY + 1; i < ADAPTER_QUEUES_MAX; i++)
		lane_rescind(&p->lanes[i]);
}

/* Nothing is ever under way: frames are copied before a call returns. */
static void
lane_close(void *ctx, struct channel *c)
{
	struct lane *l = ctx;

	(void)c;
	l->channel = NULL;
	l->held = false;
	if (l->number == PRIMARY)
		sub_lanes_rescind(l->port);
	adapter_closed(&l->port->adapter, l->number);
	port_changed(l->port);
	offer_closed(l->offer);
}

static void
lane_gpadl_remove(void *ctx, const struct gpadl *g)
{
	struct lane *l = ctx;
	uint32_t handle = g->handle;

	adapter_gpadl_removed(&l->port->adapter, g);
	offer_gpadl_removed(l->offer, handle);
}

static void
lane_broken(void *ctx)
{
	struct lane *l = ctx;

	fprintf(stderr, "%s: the guest broke the ring of queue %u\n",
	    l->port->tap.name, l->number);
	l->rescinded = true;
}

static void
lane_released(void *ctx, int status)
{
	struct lane *l = ctx;
	struct err e = { .code = 0 };

	if (status != 0)
		fprintf(stderr, "%s: queue %u cannot be offered: %s\n",
		    l->port->tap.name, l->number, strerror(status));
	l->offer = NULL;
	l->rescinded = false;
	if (l->wanted && status == 0 && lane_offer(l, &e) < 0)
		fprintf(stderr, "%s: queue %u: %s\n", l->port->tap.name,
		    l->number, e.text);
	port_changed(l->port);
}

static const struct offer_ops lane_ops = {
	.open = lane_open,
	.receive = lane_receive,
	.writable = lane_writable,
	.close = lane_close,
	.gpadl_remove = lane_gpadl_remove,
	.broken = lane_broken,
	.released = lane_released,
};

static int
lane_offer(struct lane *l, struct err *e)
{
	struct port *p = l->port;
	struct offer_setup setup = {
		.class_id = network_class,
		.instance_id = network_instance,
		.sub_channel = (uint16_t)l->number,
		.packet_max = PACKET_MAX_IN,
	};

	memcpy(setup.instance_id.bytes + INSTANCE_MAC_AT,
	    p->adapter.config.mac, FRAME_MAC);
	l->wanted = false;
	l->offer = provider_offer(p->provider, &setup, &lane_ops, l, e);
	return l->offer != NULL ? 0 : -1;
}

/* --- The port itself. --- */

static int
sources_add(struct port *p)
{
	int ret = sd_event_add_time(p->event, &p->timer, CLOCK_MONOTONIC, 0, 1,
	    time_passes, p);

	if (ret >= 0)
		ret = sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
	for (unsigned i = 0; ret >= 0 && i < p->tap.count; i++)
		ret = sd_event_add_io(p->event, &p->sources[i], p->tap.fds[i],
		    EPOLLIN, device_readable, p);
	return ret;
}

struct port *
port_create(const struct port_setup *setup, struct err *e)
{
	struct port *p = calloc(1, sizeof(*p));
	struct adapter_config config = {
		.spoofing = setup->config->spoofing,
		.mtu = setup->tap.mtu,
		.queues = setup->tap.count,
		.rate = setup->config->rate / 8,
		.memory = provider_memory(setup->provider),
	};
	int ret;

	if (p == NULL) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	memcpy(config.mac, setup->mac, FRAME_MAC);
	memcpy(config.server, setup->tap.bridge_mac, FRAME_MAC);
	strcpy(config.name, setup->config->bridge);
	p->event = setup->event;
	p->provider = setup->provider;
	p->changed = setup->changed;
	p->ctx = setup->ctx;
	p->config = *setup->config;
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		p->lanes[i] = (struct lane){ .port = p, .number = i };
	adapter_init(&p->adapter, &config, &adapter_ops, p,
	    clock_ns(CLOCK_MONOTONIC));
	p->tap = setup->tap;
	ret = sources_add(p);
	if (ret < 0) {
		p->tap.count = 0;
		port_destroy(p);
		err_set(e, -ret, "event loop: %s", strerror(-ret));
		return NULL;
	}
	return p;
}

void
port_destroy(struct port *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		sd_event_source_disable_unref(p->sources[i]);
	sd_event_source_disable_unref(p->timer);
	tap_close(&p->tap);
	adapter_destroy(&p->adapter);
	free(p);
}

int
port_offer(struct port *p, struct err *e)
{
	return lane_offer(&p->lanes[PRIMARY], e);
}

void
port_leave(struct port *p)
{
	p->leaving = true;
	sub_lanes_rescind(p);
	lane_rescind(&p->lanes[PRIMARY]);
}

bool
port_gone(const struct port *p)
{
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (p->lanes[i].offer != NULL)
			return false;
	return p->leaving;
}

void
port_set_link(struct port *p, bool up)
{
	adapter_set_link(&p->adapter, up);
	lanes_flush(p);
}
