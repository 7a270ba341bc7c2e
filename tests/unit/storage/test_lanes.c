/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that are full, closed, offered anew; the bus is made up. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"
#include "storage/lanes.h"

#define SENT_MAX 4096
#define ARRIVED_MAX 2048

/* In vmbus's place: rings with a given room, offers that are remembered. */
struct channel {
	unsigned room;
	struct vstor_packet arrived[ARRIVED_MAX];
	unsigned arrived_count, taken;
	uint64_t sent[SENT_MAX];
	unsigned sent_count, announced, resumed, flushed;
	bool inherited;
	struct lanes_note note;
	struct iovec data;
};

struct offer {
	struct offer_setup setup;
	const struct offer_ops *ops;
	void *ctx;
	bool rescinded, closed;
};

static struct offer offers[32];
static unsigned offer_count;
static struct channel primary, second;
static struct lanes lanes;
static struct controller controller;
static struct memory_disk disk;
static uint8_t data[512];

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	struct offer *o = &offers[offer_count++];

	(void)p;
	(void)e;
	*o = (struct offer){ .setup = *setup, .ops = ops, .ctx = ctx };
	return o;
}

void
offer_rescind(struct offer *o)
{
	cr_expect_not(o->rescinded);
	o->rescinded = true;
}

void
offer_closed(struct offer *o)
{
	cr_expect_not(o->closed);
	o->closed = true;
}

enum channel_result
channel_receive(struct channel *c, struct packet *p)
{
	if (c->taken == c->arrived_count)
		return CHANNEL_EMPTY;
	*p = (struct packet){ .type = PACKET_GPA_DIRECT,
		.transaction_id = 99, .ticket = c->taken + 1,
		.payload = (uint8_t *)&c->arrived[c->taken],
		.payload_size = sizeof(c->arrived[0]), .pages = &c->data,
		.page_pieces = 1 };
	c->taken++;
	return CHANNEL_OK;
}

enum channel_result
channel_answer(struct channel *c, uint32_t ticket, const void *payload,
    size_t len)
{
	cr_expect_eq(len, VSTOR_PACKET_SIZE);
	(void)payload;
	if (c->room == 0)
		return CHANNEL_FULL;
	c->room--;
	c->sent[c->sent_count++] = ticket;
	return CHANNEL_OK;
}

enum channel_result
channel_send_in_band(struct channel *c, uint64_t id, bool wants_completion,
    const void *payload, size_t len)
{
	const struct vstor_packet *p = payload;

	cr_expect(id == 0 && !wants_completion && len == sizeof(*p));
	if (c->room == 0)
		return CHANNEL_FULL;
	c->room--;
	c->announced |= 1U << p->operation;
	return CHANNEL_OK;
}

bool
channel_resumed(const struct channel *c)
{
	return c->inherited;
}

void
channel_note_set(struct channel *c, const void *note, size_t len)
{
	cr_assert_eq(len, sizeof(c->note));
	memcpy(&c->note, note, len);
}

void
channel_note_get(const struct channel *c, void *note, size_t len)
{
	cr_assert_eq(len, sizeof(c->note));
	memcpy(note, &c->note, len);
}

void
channel_resume(struct channel *c)
{
	c->resumed++;
}

void
channel_flush(struct channel *c)
{
	c->flushed++;
}

static void
arrive(struct channel *c, const struct vstor_packet *p)
{
	c->arrived[c->arrived_count++] = *p;
}

static void
arrive_read(struct channel *c)
{
	static const uint8_t cdb[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
	struct vstor_packet p = guest_srb(cdb, sizeof(cdb), 512);

	arrive(c, &p);
}

static void
receive(unsigned number, struct channel *c)
{
	offers[number].ops->receive(offers[number].ctx, c);
}

static void
set_up(void)
{
	struct disk_setup s = { .backend = &disk.backend, .serial = "x" };
	struct vstor_packet p = { .operation = VSTOR_QUERY_VERSION,
		.version.version = VSTOR_VERSION_6_2 };
	struct err e;

	primary.room = 100;
	primary.data = second.data = (struct iovec){ data, sizeof(data) };
	memory_disk_init(&disk, 4096);
	controller_init(&controller, &lanes_controller_ops, &lanes, 3);
	lanes_init(&lanes, NULL, &controller);
	cr_assert_eq(controller_attach(&controller, &s, 0, &e), 0);
	cr_assert_eq(lanes_offer(&lanes, &e), 0);
	offers[0].ops->open(offers[0].ctx, &primary, NULL, &e);
	arrive(&primary, &(struct vstor_packet){
	    .operation = VSTOR_BEGIN_INITIALIZATION });
	arrive(&primary, &p);
	arrive(&primary, &(struct vstor_packet){
	    .operation = VSTOR_END_INITIALIZATION });
	receive(0, &primary);
	cr_assert_eq(primary.sent_count, 3);
	cr_assert_eq(controller.session.phase, CONTROLLER_READY);
}

static void
tear_down(void)
{
	memory_disk_run(&disk);
	controller_release(&controller);
	memory_disk_free(&disk);
}

TestSuite(lanes, .init = set_up, .fini = tear_down);

static void
offer_second(void)
{
	struct err e;

	arrive(&primary, &(struct vstor_packet){
	    .operation = VSTOR_CREATE_SUB_CHANNELS, .sub_channels = 2 });
	receive(0, &primary);
	cr_assert_eq(offer_count, 3);
	second.room = 100;
	offers[1].ops->open(offers[1].ctx, &second, NULL, &e);
}

Test(lanes, as_many_sub_channels_as_there_are_further_processors)
{
	cr_expect_eq(lanes_sub_channels(0), 0);
	cr_expect_eq(lanes_sub_channels(1), 0);
	cr_expect_eq(lanes_sub_channels(4), 3);
	cr_expect_eq(lanes_sub_channels(64), 7);
}

Test(lanes, offer_is_that_of_a_controller)
{
	char text[GUID_TEXT_SIZE];
	struct err e;

	guid_format(&offers[0].setup.class_id, text);
	cr_expect_str_eq(text, "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f");
	cr_expect_eq(offers[0].setup.sub_channel, 0);
	cr_expect_eq(lanes_offer(&lanes, &e), 0);
	cr_expect_eq(offer_count, 1, "offered twice");
}

Test(lanes, answers_wait_for_room_and_keep_their_order)
{
	primary.room = 2;
	for (unsigned i = 0; i < 5; i++)
		arrive_read(&primary);
	receive(0, &primary);
	memory_disk_run(&disk);
	cr_assert_eq(primary.sent_count, 3 + 2);
	/* What comes meanwhile stays in the ring. */
	arrive_read(&primary);
	receive(0, &primary);
	cr_expect_eq(primary.taken, 8);
	primary.room = 2;
	offers[0].ops->writable(offers[0].ctx, &primary);
	cr_expect_eq(primary.sent_count, 3 + 4);
	cr_expect_eq(primary.resumed, 0);
	primary.room = 100;
	offers[0].ops->writable(offers[0].ctx, &primary);
	cr_assert_eq(primary.sent_count, 3 + 5);
	cr_expect_eq(primary.resumed, 1);
	/* The disk in memory does the last first. */
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(primary.sent[3 + i], 8 - i);
	receive(0, &primary);
	cr_expect_eq(primary.taken, 9);
}

Test(lanes, all_that_may_be_under_way_can_wait_for_room)
{
	for (unsigned i = 0; i < CONTROLLER_IN_FLIGHT; i++)
		arrive_read(&primary);
	for (unsigned i = 0; i < 8; i++)
		receive(0, &primary);
	cr_assert_eq(primary.taken, 3 + CONTROLLER_IN_FLIGHT);
	arrive_read(&primary);
	receive(0, &primary);
	cr_expect_eq(primary.taken, 3 + CONTROLLER_IN_FLIGHT);
	primary.room = 0;
	memory_disk_run(&disk);
	cr_expect_eq(primary.sent_count, 3);
	primary.room = SENT_MAX;
	offers[0].ops->writable(offers[0].ctx, &primary);
	cr_expect_eq(primary.sent_count, 3 + CONTROLLER_IN_FLIGHT);
}

Test(lanes, channel_goes_on_when_requests_have_ended)
{
	primary.room = SENT_MAX;
	for (unsigned i = 0; i <= CONTROLLER_IN_FLIGHT; i++)
		arrive_read(&primary);
	for (unsigned i = 0; i < 8; i++)
		receive(0, &primary);
	primary.resumed = 0;
	lanes_flush(&lanes);
	cr_expect_eq(primary.resumed, 0);
	memory_disk_run(&disk);
	lanes_flush(&lanes);
	cr_expect_eq(primary.resumed, 1);
	cr_expect_gt(primary.flushed, 0);
}

Test(lanes, busy_channel_lets_others_have_their_turn)
{
	for (unsigned i = 0; i < 300; i++)
		arrive_read(&primary);
	receive(0, &primary);
	cr_expect_eq(primary.taken, 3 + 256);
	cr_expect_eq(primary.resumed, 1);
}

Test(lanes, announcements_wait_for_room)
{
	struct err e;

	primary.room = 0;
	cr_assert_eq(controller_resize(&controller, 0, 8192, &e), 0);
	cr_assert_eq(controller_resize(&controller, 0, 4096, &e), 0);
	cr_expect_eq(primary.announced, 0);
	primary.room = 1;
	offers[0].ops->writable(offers[0].ctx, &primary);
	cr_expect_eq(primary.announced, 1U << VSTOR_ENUMERATE_BUS);
	cr_expect_eq(primary.room, 0);
}

Test(lanes, answers_go_where_the_request_came_from)
{
	offer_second();
	cr_expect_eq(offers[1].setup.sub_channel, 1);
	arrive_read(&second);
	receive(1, &second);
	memory_disk_run(&disk);
	cr_expect_eq(second.sent_count, 1);
}

Test(lanes, closing_the_primary_takes_sub_channels_back)
{
	unsigned before;

	offer_second();
	arrive_read(&primary);
	receive(0, &primary);
	before = primary.sent_count;
	offers[0].ops->close(offers[0].ctx, &primary);
	cr_expect(offers[1].rescinded && offers[2].rescinded);
	cr_expect_not(offers[0].closed, "a request is under way");
	memory_disk_run(&disk);
	cr_expect(offers[0].closed);
	cr_expect_eq(primary.sent_count, before);
	offers[1].ops->close(offers[1].ctx, &second);
	cr_expect(offers[1].closed);
}

/* Another process takes the channels over, with what the first has noted. */
static int
take_over(const struct lanes_note *note)
{
	struct err e;

	controller_release(&controller);
	offer_count = 0;
	primary.inherited = true;
	primary.note = *note;
	controller_init(&controller, &lanes_controller_ops, &lanes, 3);
	memset(&lanes, 0, sizeof(lanes));
	lanes_init(&lanes, NULL, &controller);
	cr_assert_eq(lanes_offer(&lanes, &e), 0);
	return offers[0].ops->open(offers[0].ctx, &primary, NULL, &e);
}

Test(lanes, successor_goes_on_where_the_first_was)
{
	struct lanes_note note;

	offer_second();
	primary.room = 0;
	controller_detach(&controller, 0, &(struct err){ 0 });
	note = primary.note;
	cr_expect_eq(note.session.phase, CONTROLLER_READY);
	cr_expect_eq(note.session.sub_channels, 2);
	primary.room = 1;
	cr_assert_eq(take_over(&note), 0);
	cr_expect_eq(controller.session.phase, CONTROLLER_READY);
	cr_expect_eq(offer_count, 3, "sub-channels are offered again");
	cr_expect_eq(primary.announced, 1U << VSTOR_REMOVE_DEVICE);
	cr_expect_eq(primary.note.announcements, 0);
	cr_expect_eq(offers[0].setup.journal_slots, LANE_QUEUE);
}

Test(lanes, successor_does_not_believe_everything)
{
	struct lanes_note note = { .session = { CONTROLLER_READY, 4 } };

	cr_expect_lt(take_over(&note), 0, "more sub-channels than there are");
	note.session = (struct controller_session){ CONTROLLER_READY + 1, 0 };
	cr_expect_lt(take_over(&note), 0);
	note.session = (struct controller_session){ CONTROLLER_CLOSED, 0 };
	cr_expect_lt(take_over(&note), 0);
}

Test(lanes, what_is_no_packet_costs_the_offer)
{
	struct err e;

	primary.arrived_count = primary.taken;
	arrive_read(&primary);
	controller.channels[0].open = false;
	receive(0, &primary);
	cr_expect(offers[0].rescinded);
	controller.channels[0].open = true;
	offers[0].ops->close(offers[0].ctx, &primary);
	offers[0].ops->released(offers[0].ctx, 0);
	/* It is there again for the next guest. */
	cr_expect_eq(lanes_offer(&lanes, &e), 0);
	cr_expect_eq(offer_count, 2);
}
