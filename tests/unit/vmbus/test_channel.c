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
setup(void)
{
	static const struct memory_region region = { 0, sizeof(pages), 0 };
	struct channel_setup s = {
		.ring_in = rings, .ring_in_bytes = RING_BYTES,
		.ring_out = rings + RING_BYTES, .ring_out_bytes = RING_BYTES,
		.memory = &memory, .packet_max = PACKET_MAX,
		.figures = &figures,
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
