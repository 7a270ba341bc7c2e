/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between rings and a made-up socket that takes as much as it likes. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "rings.h"
#include "sockets/pump.h"

#define STORE (UINT32_C(1) << 20)

/* The program's side. */
static struct {
	uint8_t got[STORE], give[STORE];
	size_t got_size, give_size, given;
	size_t takes;		/* this much, then it is full */
	size_t gives;		/* at most so much at once */
	bool ends;		/* when all was given */
	bool finished;
	int fails;		/* errno number */
	unsigned calls;
	unsigned meanwhile;	/* packets of the guest, while others run */
	uint64_t bells;		/* that the guest has heard by then */
} host;

static struct rings rings;
static struct pump pump;

static ssize_t
host_send(void *ctx, const struct iovec *pieces, unsigned count)
{
	size_t sum = 0;

	(void)ctx;
	host.calls++;
	cr_assert_not(host.finished);
	errno = host.fails != 0 ? host.fails : EAGAIN;
	if (host.fails != 0 || host.takes == 0)
		return -1;
	for (unsigned i = 0; i < count && host.takes > 0; i++) {
		size_t len = pieces[i].iov_len;

		cr_assert_gt(len, 0);
		if (len > host.takes)
			len = host.takes;
		memcpy(host.got + host.got_size, pieces[i].iov_base, len);
		host.got_size += len;
		host.takes -= len;
		sum += len;
	}
	return (ssize_t)sum;
}

static ssize_t
host_receive(void *ctx, const struct iovec *pieces, unsigned count)
{
	size_t sum = 0;

	(void)ctx;
	host.calls++;
	errno = host.fails != 0 ? host.fails : EAGAIN;
	if (host.fails != 0)
		return -1;
	if (host.given == host.give_size)
		return host.ends ? 0 : -1;
	for (unsigned i = 0; i < count; i++) {
		size_t len = pieces[i].iov_len;

		if (len > host.give_size - host.given)
			len = host.give_size - host.given;
		if (len > host.gives - sum)
			len = host.gives - sum;
		memcpy(pieces[i].iov_base, host.give + host.given, len);
		host.given += len;
		sum += len;
	}
	return (ssize_t)sum;
}

static void
host_finish(void *ctx)
{
	(void)ctx;
	host.finished = true;
}

/* Others run: the guest, if it has something to say. */
static void
host_give_way(void *ctx)
{
	(void)ctx;
	host.bells += rings_bell(rings.call_fd);
	if (host.meanwhile == 0)
		return;
	host.meanwhile--;
	rings_send(&rings, "more", 4);
}

static void
setup(void)
{
	static const struct pump_ops ops = {
		host_send, host_receive, host_finish, host_give_way,
	};

	memset(&host, 0, sizeof(host));
	host.takes = host.gives = STORE;
	for (size_t i = 0; i < STORE; i++)
		host.give[i] = (uint8_t)(i * 7 + (i >> 8));
	rings_create(&rings);
	pump_init(&pump, &ops, NULL, rings.channel);
}

static void
teardown(void)
{
	rings_destroy(&rings);
}

TestSuite(pump, .init = setup, .fini = teardown);

/* @size bytes of the store, in packets of @each, as they go. */
static void
guest_sends(size_t size, size_t each)
{
	for (size_t at = 0; at < size; at += each) {
		size_t len = size - at < each ? size - at : each;

		while (!rings_send(&rings, host.give + at, len))
			pump_to_host(&pump);
	}
}

Test(pump, passes_a_packet_on)
{
	rings_send(&rings, "hello", 5);
	cr_expect_eq(pump_to_host(&pump), PUMP_IDLE);
	cr_expect_eq(host.got_size, 5);
	cr_expect_arr_eq(host.got, "hello", 5);
	cr_expect_eq(pump.to_host, 5);
}

Test(pump, passes_many_packets_on_at_once)
{
	for (unsigned i = 0; i < 20; i++)
		rings_send(&rings, host.give + i * 100, 100);
	cr_expect_eq(pump_to_host(&pump), PUMP_IDLE);
	cr_expect_eq(host.calls, 1);
	cr_expect_eq(host.got_size, 2000);
	cr_expect_arr_eq(host.got, host.give, 2000);
}

Test(pump, hears_no_bell_for_what_comes_while_others_run)
{
	rings_send(&rings, "hello", 5);
	channel_signalled(rings.channel);
	host.meanwhile = 3;
	cr_expect_eq(pump_to_host(&pump), PUMP_IDLE);
	cr_expect_eq(host.got_size, 5 + 3 * 4);
	cr_expect_eq(rings.signals, 1);
	rings_send(&rings, "hello", 5);
	cr_expect_eq(rings.signals, 2);
}

Test(pump, keeps_bytes_whole_over_the_rings_end)
{
	guest_sends(200000, 3001);
	cr_expect_eq(pump_to_host(&pump), PUMP_IDLE);
	cr_expect_eq(host.got_size, 200000);
	cr_expect_arr_eq(host.got, host.give, 200000);
}

Test(pump, leaves_in_the_ring_what_the_program_does_not_take)
{
	host.takes = 0;
	while (rings_send(&rings, host.give, RINGS_GUEST_MAX))
		cr_expect_eq(pump_to_host(&pump), PUMP_BLOCKED);
	cr_expect_eq(host.got_size, 0);
	cr_expect_not(rings_send(&rings, host.give, RINGS_GUEST_MAX));
}

Test(pump, goes_on_within_a_packet)
{
	rings_send(&rings, host.give, 1000);
	rings_send(&rings, host.give + 1000, 1000);
	for (size_t at = 0; at < 2000; at += 300) {
		host.takes = 300;
		cr_expect_eq(pump_to_host(&pump), at + 300 < 2000 ?
		    PUMP_BLOCKED : PUMP_IDLE);
	}
	cr_expect_eq(host.got_size, 2000);
	cr_expect_arr_eq(host.got, host.give, 2000);
}

Test(pump, rings_the_bell_of_a_guest_that_waits_for_room_only)
{
	rings_send(&rings, host.give, 100);
	pump_to_host(&pump);
	channel_flush(rings.channel);
	cr_expect_eq(host.bells + rings_bell(rings.call_fd), 0);
	while (ring_writer_await(&rings.out, 4120) == RING_OK)
		rings_send(&rings, host.give, 4000);
	pump_to_host(&pump);
	cr_expect_eq(host.bells, 1, "and before others run");
	channel_flush(rings.channel);
	cr_expect_eq(rings_bell(rings.call_fd), 0);
}

Test(pump, tells_the_program_of_the_guests_end)
{
	rings_send(&rings, "bye", 3);
	rings_send(&rings, NULL, 0);
	cr_expect_eq(pump_to_host(&pump), PUMP_ENDED);
	cr_expect_eq(host.got_size, 3);
	cr_expect(host.finished);
	cr_expect_not(pump_done(&pump), "the program has not ended");
	cr_expect_eq(pump_to_host(&pump), PUMP_ENDED, "once is enough");
}

Test(pump, tells_the_end_only_behind_all_bytes)
{
	host.takes = 2;
	rings_send(&rings, "bye", 3);
	rings_send(&rings, NULL, 0);
	cr_expect_eq(pump_to_host(&pump), PUMP_BLOCKED);
	cr_expect_not(host.finished);
	host.takes = 1;
	cr_expect_eq(pump_to_host(&pump), PUMP_ENDED);
	cr_expect(host.finished);
}

Test(pump, breaks_when_the_guest_lies_about_a_packet)
{
	rings_send_as(&rings, 1, 9, "12345678", 8);
	cr_expect_eq(pump_to_host(&pump), PUMP_BROKEN);
	cr_expect_eq(host.got_size, 0);
}

Test(pump, breaks_on_packets_of_another_kind)
{
	rings_send_as(&rings, 2, 8, "12345678", 8);
	cr_expect_eq(pump_to_host(&pump), PUMP_BROKEN);
}

Test(pump, breaks_when_the_program_is_gone)
{
	host.fails = EPIPE;
	rings_send(&rings, "hello", 5);
	cr_expect_eq(pump_to_host(&pump), PUMP_BROKEN);
}

Test(pump, breaks_when_a_packet_shrinks_under_it)
{
	uint32_t *size = (void *)(rings.memory + RING_PAGE + 20);

	host.takes = 500;
	rings_send(&rings, host.give, 1000);
	cr_expect_eq(pump_to_host(&pump), PUMP_BLOCKED);
	*size = 400;
	host.takes = 500;
	cr_expect_eq(pump_to_host(&pump), PUMP_BROKEN);
}

Test(pump, leaves_others_their_turn)
{
	/* A guest that fills its ring as fast as it is emptied. */
	size_t sum = 0;
	unsigned turns = 0;

	while (sum < PUMP_TURN) {
		while (rings_send(&rings, host.give, RINGS_GUEST_MAX))
			sum += RINGS_GUEST_MAX;
		cr_assert_lt(turns++, 100);
		cr_assert_eq(pump_to_host(&pump), PUMP_IDLE);
	}
	cr_expect_eq(host.got_size, sum);
}

Test(pump, fills_packets_from_the_program)
{
	uint8_t out[20000];
	int n;

	host.give_size = 10;
	cr_expect_eq(pump_to_guest(&pump), PUMP_IDLE);
	n = rings_receive(&rings, out, sizeof(out));
	cr_expect_eq(n, 10);
	cr_expect_arr_eq(out, host.give, 10);
	cr_expect_eq(host.calls, 1, "less than asked for is all there is");
}

Test(pump, sends_nothing_when_there_is_nothing)
{
	uint8_t out[10];

	cr_expect_eq(pump_to_guest(&pump), PUMP_IDLE);
	cr_expect_eq(rings_receive(&rings, out, sizeof(out)), -1);
	channel_flush(rings.channel);
	cr_expect_eq(rings_bell(rings.call_fd), 0);
}

Test(pump, stops_when_the_guest_is_full_and_loses_nothing)
{
	static uint8_t got[300000];
	size_t size = 0;
	int n;

	host.give_size = sizeof(got);
	host.gives = 5003;
	while (size < sizeof(got)) {
		enum pump_result result = pump_to_guest(&pump);

		cr_assert(result == PUMP_BLOCKED || result == PUMP_IDLE);
		while ((n = rings_receive(&rings, got + size,
		    sizeof(got) - size)) > 0)
			size += (size_t)n;
		ring_reader_publish(&rings.in);
		channel_signalled(rings.channel);
	}
	cr_expect_arr_eq(got, host.give, sizeof(got));
	cr_expect_eq(pump.to_guest, sizeof(got));
}

Test(pump, asks_for_a_signal_when_the_guest_is_full)
{
	uint8_t out[16384];

	host.give_size = STORE;
	cr_expect_eq(pump_to_guest(&pump), PUMP_BLOCKED);
	cr_expect_eq(pump_to_guest(&pump), PUMP_BLOCKED);
	cr_expect_not(channel_signalled(rings.channel).writable);
	while (rings_receive(&rings, out, sizeof(out)) > 0)
		continue;
	cr_expect(ring_reader_publish(&rings.in), "it has to signal");
	cr_expect(channel_signalled(rings.channel).writable);
}

Test(pump, tells_the_guest_of_the_programs_end)
{
	uint8_t out[10];

	host.give_size = 3;
	host.ends = true;
	cr_expect_eq(pump_to_guest(&pump), PUMP_IDLE);
	cr_expect_eq(pump_to_guest(&pump), PUMP_ENDED);
	cr_expect_eq(rings_receive(&rings, out, sizeof(out)), 3);
	cr_expect_eq(rings_receive(&rings, out, sizeof(out)), 0);
	cr_expect_eq(pump_to_guest(&pump), PUMP_ENDED);
	cr_expect_eq(rings_receive(&rings, out, sizeof(out)), -1);
}

Test(pump, tells_the_end_when_there_is_room_again)
{
	uint8_t out[16384];
	int n, last = -1;

	host.give_size = 30000;
	host.ends = true;
	cr_expect_eq(pump_to_guest(&pump), PUMP_BLOCKED);
	for (unsigned i = 0; i < 10 && last != 0; i++) {
		while ((n = rings_receive(&rings, out, sizeof(out))) >= 0)
			last = n;
		ring_reader_publish(&rings.in);
		channel_signalled(rings.channel);
		pump_to_guest(&pump);
	}
	cr_expect_eq(last, 0);
	cr_expect(pump.host_end_told);
}

Test(pump, breaks_when_the_program_has_cut_it_off)
{
	host.fails = ECONNRESET;
	cr_expect_eq(pump_to_guest(&pump), PUMP_BROKEN);
}

Test(pump, is_done_when_both_have_ended)
{
	host.ends = true;
	pump_to_guest(&pump);
	cr_expect_not(pump_done(&pump));
	rings_send(&rings, NULL, 0);
	pump_to_host(&pump);
	cr_expect(pump_done(&pump));
}

Test(pump, gives_the_rest_away)
{
	uint8_t rest[5000];

	host.takes = 100;
	rings_send(&rings, host.give, 1000);
	rings_send(&rings, host.give + 1000, 1000);
	rings_send(&rings, NULL, 0);
	cr_expect_eq(pump_to_host(&pump), PUMP_BLOCKED);
	cr_expect_eq(pump_waiting(&pump), 1900);
	cr_expect_eq(pump_rest(&pump, rest, 1900), 1900);
	cr_expect_arr_eq(rest, host.give + 100, 1900);
	cr_expect_eq(pump_rest(&pump, rest, sizeof(rest)), 0);
}
