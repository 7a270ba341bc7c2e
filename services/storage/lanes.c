/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between a controller and its channels. */
#include "storage/lanes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PRIMARY 0

/* A page list for the largest transfer, and what is around it. */
#define PACKET_MAX_IN 4096

/* So that one channel does not keep all else waiting. */
#define PACKETS_AT_ONCE 256

#define SUB_CHANNELS_MAX 7

/* All that a guest is ever told unasked. */
#define ANNOUNCEMENTS \
	(UINT32_C(1) << VSTOR_ENUMERATE_BUS | \
	UINT32_C(1) << VSTOR_REMOVE_DEVICE)

static const struct guid scsi_class = GUID(0xba6163d9, 0x04a1, 0x4d29, 0xb6,
    0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f);
/* Ours alone: the one controller that a child has. */
static const struct guid scsi_instance = GUID(0x7b2f0c5e, 0x93d4, 0x4e1a, 0x8f,
    0x06, 0x5a, 0x1d, 0x3c, 0x9b, 0xe2, 0x40);

unsigned
lanes_sub_channels(uint32_t vps)
{
	if (vps <= 1)
		return 0;
	return vps - 1 < SUB_CHANNELS_MAX ? vps - 1 : SUB_CHANNELS_MAX;
}

static void
lane_enqueue(struct lane *l, uint64_t id, const struct vstor_packet *p)
{
	l->queue[(l->first + l->count) % LANE_QUEUE] = (struct lane_answer){
		.id = id, .packet = *p };
	l->count++;
}

static void
lane_answer(void *ctx, unsigned channel, uint64_t id,
    const struct vstor_packet *p)
{
	struct lanes *lanes = ctx;
	struct lane *l = &lanes->lane[channel];

	if (l->count > 0 ||
	    channel_answer(l->channel, (uint32_t)id, p, sizeof(*p)) ==
	    CHANNEL_FULL)
		lane_enqueue(l, id, p);
}

/* False: there is still something that waits. */
static bool
lane_send_queue(struct lane *l)
{
	while (l->count > 0) {
		const struct lane_answer *a = &l->queue[l->first];

		if (channel_answer(l->channel, (uint32_t)a->id, &a->packet,
		    sizeof(a->packet)) == CHANNEL_FULL)
			return false;
		l->first = (l->first + 1) % LANE_QUEUE;
		l->count--;
	}
	return true;
}

static void
lanes_note_write(const struct lanes *lanes)
{
	struct channel *c = lanes->lane[PRIMARY].channel;

	if (c != NULL)
		channel_note_set(c, &lanes->note, sizeof(lanes->note));
}

static void
lanes_remember(void *ctx, const struct controller_session *s)
{
	struct lanes *lanes = ctx;

	lanes->note.session = *s;
	lanes_note_write(lanes);
}

/* On the primary channel, when no answer is before it. */
static void
lanes_send_announcements(struct lanes *lanes)
{
	struct lane *l = &lanes->lane[PRIMARY];

	while (lanes->note.announcements != 0 && l->channel != NULL &&
	    l->count == 0) {
		uint32_t all = lanes->note.announcements, bit = all & -all;
		struct vstor_packet p = {
			.operation = (uint32_t)__builtin_ctz(bit) };

		if (channel_send_in_band(l->channel, 0, false, &p,
		    sizeof(p)) == CHANNEL_FULL)
			return;
		lanes->note.announcements &= ~bit;
		lanes_note_write(lanes);
	}
}

static void
lanes_announce(void *ctx, const struct vstor_packet *p)
{
	struct lanes *lanes = ctx;

	lanes->note.announcements |= UINT32_C(1) << p->operation;
	lanes_note_write(lanes);
	lanes_send_announcements(lanes);
}

static void
lane_idle(void *ctx, unsigned channel)
{
	struct lanes *lanes = ctx;
	struct lane *l = &lanes->lane[channel];

	l->channel = NULL;
	offer_closed(l->offer);
}

static void
lane_rescind(struct lane *l)
{
	if (l->offer == NULL || l->rescinded)
		return;
	l->rescinded = true;
	offer_rescind(l->offer);
}

static bool
lane_may_receive(const struct lane *l)
{
	return l->count == 0 &&
	    controller_has_room(l->lanes->controller, l->number);
}

/* False: what came is none of the protocol. */
static bool
lane_take(struct lane *l, const struct packet *p)
{
	struct arrival a = {
		.channel = l->number,
		.id = p->ticket,
		.payload = p->payload,
		.len = p->payload_size,
	};

	if (p->type == PACKET_GPA_DIRECT) {
		a.data = p->pages;
		a.data_count = (unsigned)p->page_pieces;
	} else if (p->type != PACKET_IN_BAND) {
		return false;
	}
	return controller_receive(l->lanes->controller, &a) == 0;
}

static const struct offer_ops lane_ops;

static int
lane_offer(struct lane *l, struct err *e)
{
	struct offer_setup setup = {
		.class_id = scsi_class,
		.instance_id = scsi_instance,
		.sub_channel = (uint16_t)l->number,
		.packet_max = PACKET_MAX_IN,
		.journal_slots = LANE_QUEUE,
	};

	if (l->offer != NULL)
		return 0;
	l->offer = provider_offer(l->lanes->provider, &setup, &lane_ops, l, e);
	return l->offer != NULL ? 0 : -1;
}

/* The guest does without those that do not come. */
static void
lanes_sub_offer(void *ctx, unsigned count)
{
	struct lanes *lanes = ctx;
	struct err e;

	for (unsigned i = PRIMARY + 1; i <= count; i++)
		if (lane_offer(&lanes->lane[i], &e) < 0)
			fprintf(stderr, "disk channel %u: %s\n", i, e.text);
}

/* A process before us had the primary channel open. */
static int
lanes_resume(struct lanes *lanes, const struct channel *c, struct err *e)
{
	struct lanes_note note;

	channel_note_get(c, &note, sizeof(note));
	lanes->note.announcements = note.announcements & ANNOUNCEMENTS;
	if (controller_resume(lanes->controller, &note.session) < 0)
		return err_set(e, EPROTO, "disks: what is left makes no sense");
	lanes_send_announcements(lanes);
	lanes_sub_offer(lanes, note.session.sub_channels);
	return 0;
}

static int
lane_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct lane *l = ctx;

	(void)user_data;
	l->channel = c;
	l->stalled = false;
	l->first = 0;
	l->count = 0;
	if (l->number == PRIMARY && channel_resumed(c)) {
		if (lanes_resume(l->lanes, c, e) == 0)
			return 0;
		l->channel = NULL;
		return -1;
	}
	controller_open(l->lanes->controller, l->number);
	return 0;
}

static void
lane_receive(void *ctx, struct channel *c)
{
	struct lane *l = ctx;
	struct packet p;

	l->stalled = false;
	for (unsigned i = 0; i < PACKETS_AT_ONCE; i++) {
		if (!lane_may_receive(l)) {
			l->stalled = true;
			return;
		}
		switch (channel_receive(c, &p)) {
		case CHANNEL_OK:
			break;
		case CHANNEL_BUSY:
			l->stalled = true;
			return;
		default:
			return;
		}
		if (!lane_take(l, &p)) {
			fprintf(stderr, "the guest sent what is no packet of "
			    "a disk's channel\n");
			lane_rescind(l);
			return;
		}
	}
	channel_resume(c);
}

static void
lane_writable(void *ctx, struct channel *c)
{
	struct lane *l = ctx;

	if (!lane_send_queue(l))
		return;
	if (l->number == PRIMARY)
		lanes_send_announcements(l->lanes);
	if (l->stalled)
		channel_resume(c);
}

static void
lane_close(void *ctx, struct channel *c)
{
	struct lane *l = ctx;

	(void)c;
	l->count = 0;
	l->stalled = false;
	if (l->number == PRIMARY) {
		l->lanes->note.announcements = 0;
		for (unsigned i = PRIMARY + 1; i < CONTROLLER_CHANNELS; i++)
			lane_rescind(&l->lanes->lane[i]);
	}
	controller_close(l->lanes->controller, l->number);
}

static void
lane_broken(void *ctx)
{
	struct lane *l = ctx;

	fprintf(stderr, "the guest broke the ring of disk channel %u\n",
	    l->number);
	l->rescinded = true;
}

static void
lane_released(void *ctx, int status)
{
	struct lane *l = ctx;

	if (status != 0)
		fprintf(stderr, "disk channel %u cannot be offered: %s\n",
		    l->number, strerror(status));
	l->offer = NULL;
	l->rescinded = false;
}

static const struct offer_ops lane_ops = {
	.open = lane_open,
	.receive = lane_receive,
	.writable = lane_writable,
	.close = lane_close,
	.broken = lane_broken,
	.released = lane_released,
};

const struct controller_ops lanes_controller_ops = {
	.answer = lane_answer,
	.announce = lanes_announce,
	.sub_channels = lanes_sub_offer,
	.idle = lane_idle,
	.remember = lanes_remember,
};

void
lanes_init(struct lanes *l, struct provider *p, struct controller *c)
{
	l->provider = p;
	l->controller = c;
	memset(&l->note, 0, sizeof(l->note));
	for (unsigned i = 0; i < CONTROLLER_CHANNELS; i++) {
		l->lane[i].lanes = l;
		l->lane[i].number = i;
	}
}

int
lanes_offer(struct lanes *l, struct err *e)
{
	if (lane_offer(&l->lane[PRIMARY], e) < 0)
		return err_prefix(e, "disks cannot be offered");
	return 0;
}

void
lanes_flush(struct lanes *l)
{
	for (unsigned i = 0; i < CONTROLLER_CHANNELS; i++) {
		struct lane *lane = &l->lane[i];

		if (lane->channel == NULL)
			continue;
		channel_flush(lane->channel);
		if (lane->stalled && lane_may_receive(lane))
			channel_resume(lane->channel);
	}
}
