/* SPDX-License-Identifier: Apache-2.0 */
/* An open channel, with a guest that holds the other ends of its rings. */
#include <criterion/criterion.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmbus/channel.h"

#define RING_BYTES (2 * RING_PAGE)
#define PACKET_MAX 1024u

static _Alignas(RING_PAGE) uint8_t rings[2 * RING_BYTES];
static uint8_t pages[4 * MEMORY_PAGE];
static struct memory memory;
static struct channel *channel;
static struct ring_writer guest_out;
static struct ring_reader guest_in;
static int call_fd, kick_fd;
static struct provider_figures figures;

static void
channel_begin(bool duplex)
{
	static const struct memory_region region = { 0, sizeof(pages), 0 };
	struct channel_setup s = {
		.ring_in = rings, .ring_in_bytes = RING_BYTES,
		.ring_out = rings + RING_BYTES, .ring_out_bytes = RING_BYTES,
		.memory = &memory, .packet_max = PACKET_MAX,
		.figures = &figures,
		.duplex = duplex,
	};
	struct err e;

	memset(rings, 0, sizeof(rings));
	figures.full = 5;	/* of a time before */
	cr_assert(memory_set(&memory, pages, sizeof(pages), &region, 1));
	s.call_fd = call_fd = eventfd(0, EFD_NONBLOCK);
	s.kick_fd = kick_fd = eventfd(0, EFD_NONBLOCK);
	channel = channel_create(&s, &e);
	cr_assert_not_null(channel);
	cr_assert(ring_writer_attach(&guest_out, rings, RING_BYTES));
	cr_assert(ring_reader_attach(&guest_in, rings + RING_BYTES,
	    RING_BYTES));
}

static void
setup(void)
{
	channel_begin(false);
}

static void
teardown(void)
{
	channel_destroy(channel);
	close(call_fd);
	close(kick_fd);
}

TestSuite(channel, .init = setup, .fini = teardown);

static bool
guest_send(uint16_t type, size_t len)
{
	uint16_t packet[PACKET_MAX] = { type, 2, (uint16_t)(len / 8) };
	struct iovec iov = { .iov_base = packet, .iov_len = len };
	bool signal = false;

	cr_assert_eq(ring_writer_push(&guest_out, &iov, 1, &signal), RING_OK);
	return signal;
}

static bool
guest_receive(void)
{
	uint8_t out[RING_PAGE];
	size_t len;
	enum ring_result result = ring_reader_pop(&guest_in, out, sizeof(out),
	    &len);

	cr_assert(result == RING_OK || result == RING_EMPTY);
	return result == RING_OK;
}

/* How often the eventfd was written since the last time. */
static uint64_t
count_of(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) < 0 ? 0 : count;
}

Test(channel, is_signalled_again_only_after_it_was_emptied)
{
	struct packet p;

	cr_expect(guest_send(6, 32));
	cr_expect(channel_signalled(channel).receive);
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_OK);
	cr_expect_not(guest_send(6, 32), "we look by ourselves");
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_OK);
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_EMPTY);
	cr_expect(guest_send(6, 32));
}

Test(channel, signals_once_for_a_batch)
{
	for (unsigned i = 0; i < 10; i++)
		cr_expect_eq(channel_send_in_band(channel, 0, false, "hello",
		    5), CHANNEL_OK);
	cr_expect_eq(count_of(call_fd), 0);
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 1);
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 0);
}

Test(channel, does_not_signal_a_guest_that_is_awake)
{
	channel_complete(channel, 1, NULL, 0);
	channel_flush(channel);
	count_of(call_fd);
	channel_complete(channel, 2, NULL, 0);
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 0);
}

static void
send_patient(unsigned count)
{
	struct packet_out out = { .type = PACKET_COMPLETION,
		.can_wait = true };

	while (count-- > 0)
		cr_assert_eq(channel_send(channel, &out), CHANNEL_OK);
	channel_flush(channel);
}

Test(channel, holds_the_signal_of_packets_that_can_wait)
{
	send_patient(2);
	cr_expect(channel_held(channel));
	cr_expect_eq(count_of(call_fd), 0);
	channel_signal(channel);
	cr_expect_not(channel_held(channel));
	cr_expect_eq(count_of(call_fd), 1);
	channel_signal(channel);
	cr_expect_eq(count_of(call_fd), 0);
}

Test(channel, signals_held_packets_with_one_that_cannot_wait)
{
	send_patient(1);
	channel_complete(channel, 1, NULL, 0);
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 1, "though the ring was not empty");
	cr_expect_not(channel_held(channel));
}

Test(channel, signals_when_many_packets_wait)
{
	send_patient(32);
	cr_expect_eq(count_of(call_fd), 0);
	send_patient(1);
	cr_expect_eq(count_of(call_fd), 1);
	cr_expect_not(channel_held(channel));
}

Test(channel, signals_what_could_wait_when_there_is_no_room)
{
	struct packet_out out = { .type = PACKET_COMPLETION,
		.can_wait = true };
	static uint8_t payload[1500];
	struct iovec iov = { payload, sizeof(payload) };

	out.payload = &iov;
	out.payload_count = 1;
	while (channel_send(channel, &out) == CHANNEL_OK)
		continue;
	cr_expect_eq(count_of(call_fd), 1);
}

Test(channel, that_is_full_becomes_writable_when_the_guest_has_read)
{
	static const uint8_t payload[500];
	enum channel_result result;
	struct channel_work work;

	do
		result = channel_send_in_band(channel, 0, false, payload,
		    sizeof(payload));
	while (result == CHANNEL_OK);
	cr_assert_eq(result, CHANNEL_FULL);
	cr_expect_eq(count_of(call_fd), 1, "or it would sleep for ever");
	work = channel_signalled(channel);
	cr_expect_not(work.writable || work.receive, "answers have no room");
	cr_assert(guest_receive());
	cr_expect(ring_reader_publish(&guest_in), "the guest must signal");
	cr_expect_eq(channel_send_in_band(channel, 0, false, NULL, 0),
	    CHANNEL_FULL, "in order");
	work = channel_signalled(channel);
	cr_expect(work.writable && work.receive);
	cr_expect_eq(channel_send_in_band(channel, 0, false, payload,
	    sizeof(payload)), CHANNEL_OK);
}

Test(channel, that_is_duplex_receives_while_it_is_full)
{
	static const uint8_t payload[500];
	struct channel_work work;

	teardown();
	channel_begin(true);
	while (channel_send_in_band(channel, 0, false, payload,
	    sizeof(payload)) == CHANNEL_OK)
		continue;
	work = channel_signalled(channel);
	cr_expect(work.receive);
	cr_expect_not(work.writable);
}

Test(channel, tells_a_guest_that_waits_for_room)
{
	struct packet p;
	bool signal;

	while (ring_writer_await(&guest_out, 1000) == RING_OK)
		guest_send(6, 1000);
	signal = channel_signalled(channel).receive;
	cr_expect(signal);
	while (channel_receive(channel, &p) == CHANNEL_OK)
		continue;
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 1);
}

Test(channel, breaks_for_good_when_the_guest_lies)
{
	struct packet p;

	guest_send(8, 32);
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_BROKEN);
	cr_expect(channel_broken(channel));
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_BROKEN);
	cr_expect_eq(channel_send_in_band(channel, 0, false, NULL, 0),
	    CHANNEL_BROKEN);
	cr_expect_not(channel_signalled(channel).receive);
}

Test(channel, breaks_on_a_packet_longer_than_agreed)
{
	struct packet p;

	guest_send(6, PACKET_MAX);
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_OK);
	guest_send(6, PACKET_MAX + 8);
	cr_expect_eq(channel_receive(channel, &p), CHANNEL_BROKEN);
}

Test(channel, breaks_when_an_index_is_out_of_range)
{
	struct ring_header *h = (void *)(rings + RING_BYTES);

	h->read_index = 12;
	cr_expect_eq(channel_send_in_band(channel, 0, false, NULL, 0),
	    CHANNEL_OK, "there is room as far as is known");
	while (channel_send_in_band(channel, 0, false, NULL, 0) == CHANNEL_OK)
		continue;
	cr_expect(channel_broken(channel));
}

Test(channel, is_called_again_when_it_asks)
{
	channel_resume(channel);
	cr_expect_eq(count_of(kick_fd), 1);
	cr_expect(channel_signalled(channel).receive);
}

Test(channel, never_sends_what_no_ring_can_hold)
{
	static const uint8_t payload[RING_PAGE];

	cr_expect_eq(channel_send_in_band(channel, 0, false, payload,
	    sizeof(payload)), CHANNEL_TOO_LONG);
	cr_expect_not(channel_broken(channel));
}

Test(channel, counts_what_passes)
{
	struct packet p;

	guest_send(6, 32);
	guest_send(6, 64);
	channel_signalled(channel);
	channel_receive(channel, &p);
	channel_send_in_band(channel, 0, false, "12345678", 8);
	channel_flush(channel);
	cr_expect_eq(figures.packets_in, 1);
	cr_expect_eq(figures.bytes_in, 32);
	cr_expect_eq(figures.packets_out, 1);
	cr_expect_eq(figures.bytes_out, 24);
	cr_expect_eq(figures.signals_in, 1);
	cr_expect_eq(figures.signals_out, 1);
	cr_expect_eq(figures.full, 0);
}

/* A packet of the guest with a head of 8 bytes and @len more. */
static void
guest_send_body(const char *head, size_t len)
{
	static uint8_t packet[RING_PAGE];
	uint16_t descriptor[8] = { 6, 2, (uint16_t)((24 + len) / 8) };
	struct iovec iov = { .iov_base = packet, .iov_len = 24 + len };
	bool signal = false;

	memcpy(packet, descriptor, sizeof(descriptor));
	memcpy(packet + 16, head, 8);
	for (size_t i = 0; i < len; i++)
		packet[24 + i] = (uint8_t)(i * 3);
	cr_assert_eq(ring_writer_push(&guest_out, &iov, 1, &signal), RING_OK);
}

static void
expect_body(const struct channel_view *v, size_t len)
{
	size_t at = 0;

	cr_expect_eq(v->body_size, len);
	for (unsigned i = 0; i < v->body_count; i++)
		for (size_t j = 0; j < v->body[i].iov_len; j++, at++)
			cr_assert_eq(((uint8_t *)v->body[i].iov_base)[j],
			    (uint8_t)(at * 3));
	cr_expect_eq(at, len);
}

Test(channel, shows_packets_where_they_are)
{
	struct channel_view first, second, none;

	guest_send_body("the head", 800);
	guest_send_body("another.", 0);
	cr_expect_eq(channel_peek(channel, 0, &first), CHANNEL_OK);
	cr_expect_arr_eq(first.head, "the head", 8);
	expect_body(&first, 800);
	cr_expect_eq(first.bytes, 800 + 24 + 8);
	cr_expect_eq(channel_peek(channel, first.bytes, &second), CHANNEL_OK);
	cr_expect_arr_eq(second.head, "another.", 8);
	expect_body(&second, 0);
	cr_expect_eq(channel_peek(channel, first.bytes + second.bytes, &none),
	    CHANNEL_EMPTY);
	cr_expect_eq(channel_peek(channel, 0, &first), CHANNEL_OK,
	    "it was only looked at");
}

Test(channel, takes_packets_that_were_shown)
{
	struct channel_view v;

	/* Over the ring's end, too. */
	for (unsigned i = 0; i < 20; i++) {
		guest_send_body("the head", 1000);
		cr_assert_eq(channel_peek(channel, 0, &v), CHANNEL_OK);
		expect_body(&v, 1000);
		channel_skip(channel, v.bytes);
	}
	cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_EMPTY);
	cr_expect_eq(figures.packets_in, 20);
}

Test(channel, that_was_looked_at_to_its_end_is_signalled_again)
{
	struct channel_view v;

	channel_signalled(channel);
	cr_expect_not(guest_send(6, 32), "we look by ourselves");
	cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_OK);
	cr_expect_eq(channel_peek(channel, v.bytes, &v), CHANNEL_EMPTY);
	cr_expect_not(guest_send(6, 32), "nothing was promised");
	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_OK);
		channel_skip(channel, v.bytes);
	}
	cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_EMPTY);
	cr_expect(guest_send(6, 32));
}

Test(channel, shows_no_head_where_there_is_none)
{
	struct channel_view v;

	guest_send(6, 16);
	cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_OK);
	cr_expect_arr_eq(v.head, "\0\0\0\0\0\0\0\0", 8);
	cr_expect_eq(v.body_size, 0);
	cr_expect_eq(v.body_count, 0);
}

Test(channel, breaks_when_it_is_shown_a_lie)
{
	uint16_t *length = (void *)(rings + RING_PAGE + 4);
	struct channel_view v;

	guest_send(6, 32);
	*length = 100;
	cr_expect_eq(channel_peek(channel, 0, &v), CHANNEL_BROKEN);
	cr_expect(channel_broken(channel));
}

Test(channel, sends_what_was_written_in_place)
{
	_Alignas(8) uint8_t out[RING_PAGE];
	struct channel_room room;
	size_t len;

	for (unsigned i = 0; i < 20; i++) {
		cr_assert_eq(channel_reserve(channel, 100, 1001, &room),
		    CHANNEL_OK);
		cr_expect_eq(room.body_size, 1001);
		for (unsigned j = 0; j < room.body_count; j++)
			memset(room.body[j].iov_base, 'x',
			    room.body[j].iov_len);
		cr_assert_eq(channel_commit(channel, (const uint8_t *)
		    "the head", 997), CHANNEL_OK);
		cr_assert_eq(ring_reader_pop(&guest_in, out, sizeof(out),
		    &len), RING_OK);
		ring_reader_publish(&guest_in);
		cr_expect_eq(len, 16 + 8 + 1000);
		cr_expect_arr_eq(out + 16, "the head", 8);
		cr_expect_eq(out[24], 'x');
		cr_expect_eq(out[24 + 996], 'x');
		cr_expect_eq(out[24 + 997], 0, "padding");
	}
}

Test(channel, that_was_reserved_and_not_sent_is_as_before)
{
	struct channel_room room;

	cr_expect_eq(channel_reserve(channel, 8, 100, &room), CHANNEL_OK);
	channel_flush(channel);
	cr_expect_eq(count_of(call_fd), 0);
	cr_expect_not(guest_receive());
}

Test(channel, gives_the_room_that_there_is)
{
	struct channel_room room;

	cr_expect_eq(channel_reserve(channel, 100, 1 << 20, &room),
	    CHANNEL_OK);
	cr_expect_eq(room.body_size, RING_PAGE - 8 - 8 - 24);
	cr_expect_eq(channel_commit(channel, (const uint8_t *)"the head",
	    room.body_size - 200), CHANNEL_OK);
	cr_expect_eq(channel_reserve(channel, 100, 1 << 20, &room),
	    CHANNEL_OK);
	cr_expect_eq(room.body_size, 168);
	cr_expect_eq(channel_commit(channel, (const uint8_t *)"the head", 100),
	    CHANNEL_OK);
	cr_expect_eq(channel_reserve(channel, 100, 1 << 20, &room),
	    CHANNEL_FULL);
	cr_expect_not(channel_signalled(channel).writable);
	while (guest_receive())
		continue;
	cr_expect(ring_reader_publish(&guest_in), "the guest must signal");
	cr_expect(channel_signalled(channel).writable);
	cr_expect_eq(channel_reserve(channel, 100, 1 << 20, &room),
	    CHANNEL_OK);
}

Test(channel, reserves_nothing_that_no_ring_can_hold)
{
	struct channel_room room;

	cr_expect_eq(channel_reserve(channel, RING_PAGE, RING_PAGE, &room),
	    CHANNEL_TOO_LONG);
	cr_expect_eq(channel_commit(channel, (const uint8_t *)"the head",
	    RING_PAGE), CHANNEL_TOO_LONG);
	cr_expect_not(channel_broken(channel));
}
