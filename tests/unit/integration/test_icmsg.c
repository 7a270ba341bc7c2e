/* SPDX-License-Identifier: Apache-2.0 */
/* Negotiation, and the one request that may be outstanding. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

static struct {
	unsigned ready, answered, missed, woken, closed;
	struct ic_answer last;
	uint8_t body[4];
} seen;

static void
on_ready(struct ic *ic, uint64_t now)
{
	(void)ic;
	(void)now;
	seen.ready++;
}

static void
on_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	(void)now;
	cr_expect(ic_idle(ic));
	seen.answered++;
	seen.last = *a;
	memcpy(seen.body, a->body, a->size < 4 ? a->size : 4);
}

static void
on_missed(struct ic *ic, uint64_t now)
{
	(void)now;
	cr_expect_not(ic_idle(ic));
	seen.missed++;
}

static void
on_woken(struct ic *ic, uint64_t now)
{
	(void)ic;
	(void)now;
	seen.woken++;
}

static void
on_closed(struct ic *ic, uint64_t now)
{
	(void)now;
	cr_expect_not(ic_idle(ic));
	seen.closed++;
}

static const struct ic_version versions[] = { { 1, 0 }, { 3, 1 } };

static const struct ic_protocol protocol = {
	.type = IC_SHUTDOWN,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = 2,
	.ops = { on_ready, on_answered, on_missed, on_woken, on_closed },
};

static struct ic ic;
static struct guest g;

static void
set_up(void)
{
	ic_init(&ic, &protocol);
}

TestSuite(icmsg, .init = set_up);

/* Answer the negotiation with these counts and versions. */
static void
negotiate(const uint16_t words[8])
{
	g.ic = &ic;
	ic_open(&ic);
	cr_assert(guest_take(&g));
	memcpy(g.body, words, 16);
	guest_answer(&g, 0);
}

Test(icmsg, the_newest_version_in_common_is_agreed_upon)
{
	guest_open(&g, &ic, 5);
	cr_expect_eq(seen.ready, 1);
	cr_expect(ic_idle(&ic));
	cr_expect(ic_has_version(&ic, 3, 1));
	cr_expect(ic_has_version(&ic, 1, 9));
	cr_expect_not(ic_has_version(&ic, 3, 2));
	cr_expect_not(ic_has_version(&ic, 4, 0));
	ic_request(&ic, "body", 4, 5, 100);
	cr_assert(guest_take(&g));
	cr_expect_eq(g.header.type, IC_SHUTDOWN);
	cr_expect_eq(g.header.framework.major, 3);
	cr_expect_eq(g.header.message.major, 3);
	cr_expect_eq(g.header.message.minor, 1);
}

Test(icmsg, a_guest_that_matches_nothing_is_left_alone)
{
	negotiate((uint16_t[8]){ 0, 0, 0, 0, 3, 0, 3, 1 });
	cr_expect_eq(ic.state, IC_REFUSED);
	cr_expect_not(ic_idle(&ic));
	cr_expect_eq(seen.ready, 0);
}

Test(icmsg, versions_that_were_not_offered_are_refused)
{
	negotiate((uint16_t[8]){ 1, 1, 0, 0, 3, 0, 3, 2 });
	cr_expect_eq(ic.state, IC_REFUSED);
	ic_close(&ic, 0);
	negotiate((uint16_t[8]){ 1, 1, 0, 0, 4, 0, 3, 1 });
	cr_expect_eq(ic.state, IC_REFUSED);
	ic_close(&ic, 0);
	negotiate((uint16_t[8]){ 1, 1, 0, 0, 1, 0, 1, 0 });
	cr_expect_eq(ic.state, IC_READY);
}

Test(icmsg, negotiation_may_be_answered_at_any_time)
{
	ic_open(&ic);
	cr_expect_eq(ic_deadline(&ic), IC_NEVER);
	ic_tick(&ic, 3600 * IC_SECOND);
	cr_expect_eq(ic.state, IC_NEGOTIATING);
	cr_expect_eq(seen.missed, 0);
}

Test(icmsg, answer_ends_the_request)
{
	guest_open(&g, &ic, 0);
	ic_request(&ic, "body", 4, 0, 100);
	cr_expect_not(ic_idle(&ic));
	cr_assert(guest_take(&g));
	cr_expect_not(guest_take(&g));
	memcpy(g.body, "ydob", 4);
	guest_answer(&g, 7);
	cr_expect_eq(seen.answered, 1);
	cr_expect_eq(seen.last.status, 7);
	cr_expect_eq(seen.last.size, 4);
	cr_expect_not(seen.last.late);
	cr_expect_arr_eq(seen.body, "ydob", 4);
	cr_expect_eq(ic_deadline(&ic), IC_NEVER);
}

Test(icmsg, late_answer_frees_the_channel)
{
	guest_open(&g, &ic, 0);
	ic_request(&ic, "body", 4, 0, 100);
	cr_assert(guest_take(&g));
	cr_expect_eq(ic_deadline(&ic), 100);
	ic_tick(&ic, 99);
	cr_expect_eq(seen.missed, 0);
	ic_tick(&ic, 100);
	ic_tick(&ic, 5000);
	cr_expect_eq(seen.missed, 1);
	cr_expect_not(ic_idle(&ic));
	guest_answer(&g, 0);
	cr_expect_eq(seen.answered, 1);
	cr_expect(seen.last.late);
	cr_expect(ic_idle(&ic));
}

Test(icmsg, wake_comes_once)
{
	ic_wake(&ic, 10);
	cr_expect_eq(ic_deadline(&ic), 10);
	ic_tick(&ic, 9);
	ic_tick(&ic, 10);
	ic_tick(&ic, 11);
	cr_expect_eq(seen.woken, 1);
	cr_expect_eq(ic_deadline(&ic), IC_NEVER);
}

Test(icmsg, closing_forgets_all_but_the_service)
{
	guest_open(&g, &ic, 0);
	ic_request(&ic, "body", 4, 0, 100);
	ic_close(&ic, 1);
	cr_expect_eq(seen.closed, 1);
	cr_expect_eq(ic.state, IC_CLOSED);
	cr_expect_not(guest_take(&g));
	cr_expect_eq(ic_deadline(&ic), IC_NEVER);
	guest_open(&g, &ic, 2);
	cr_expect(ic_idle(&ic));
}

/* An answer as it should be, with one thing wrong. */
static void
expect_odd(size_t offset, uint8_t value, size_t size)
{
	uint64_t odd = ic.odd;
	uint8_t packet[64];

	g.header.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
	memcpy(packet, &g.header, sizeof(g.header));
	memcpy(packet + sizeof(g.header), "body", 4);
	packet[offset] = value;
	ic_receive(&ic, packet, size, 1);
	cr_expect_eq(ic.odd, odd + 1, "offset %zu, value %u", offset, value);
	cr_expect_eq(seen.answered, 0);
	cr_expect_not(ic_idle(&ic));
}

Test(icmsg, packets_that_make_no_sense_are_counted)
{
	guest_open(&g, &ic, 0);
	ic_request(&ic, "body", 4, 0, 100);
	/* Nothing can be answered before it is sent. */
	expect_odd(0, 1, 32);
	cr_assert(guest_take(&g));
	expect_odd(0, 2, 32);		     /* not data */
	expect_odd(0, 1, 27);		     /* too short */
	expect_odd(0, 1, 0);		     /* nothing at all */
	expect_odd(4, 25, 32);		     /* more than there is */
	expect_odd(4, 19, 32);		     /* less than a header */
	expect_odd(12, IC_HEARTBEAT, 32);    /* of another service */
	expect_odd(12, IC_NEGOTIATE, 32);    /* which is over */
	expect_odd(18, 5, 32);		     /* body beyond the packet */
	expect_odd(24, ic.transaction + 1, 32); /* of another request */
	expect_odd(25, 3, 32);		     /* a request */
	guest_answer(&g, 0);
	cr_expect_eq(seen.answered, 1);
	guest_answer(&g, 0);
	cr_expect_eq(seen.answered, 1, "answered twice");
}

Test(icmsg, a_packet_waits_until_it_is_sent)
{
	size_t size, again;
	const uint8_t *packet;

	guest_open(&g, &ic, 0);
	ic_request(&ic, "body", 4, 0, 100);
	packet = ic_unsent(&ic, &size);
	cr_assert_not_null(packet);
	cr_expect_eq(size, 32);
	cr_expect_eq(ic_unsent(&ic, &again), packet);
	cr_expect_eq(again, size);
	ic_sent(&ic);
	cr_expect_null(ic_unsent(&ic, &size));
}
