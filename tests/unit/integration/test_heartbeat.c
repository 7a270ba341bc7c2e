/* SPDX-License-Identifier: Apache-2.0 */
/* Beats, misses, and the guest that comes back. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"
#include "integration/heartbeat.h"

static struct heartbeat h;
static struct guest g;

static void
set_up(void)
{
	heartbeat_init(&h);
}

TestSuite(heartbeat, .init = set_up);

/* The guest counts the beat, as it should. */
static void
answer(uint64_t more)
{
	struct wire_heartbeat body;

	memcpy(&body, g.body, sizeof(body));
	body.sequence += more;
	memcpy(g.body, &body, sizeof(body));
	guest_answer(&g, 0);
}

Test(heartbeat, living_guest_is_ok)
{
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	guest_open(&g, &h.ic, 0);
	for (int i = 0; i < 20; i++) {
		cr_assert(guest_take(&g), "%d", i);
		answer(1);
		cr_expect_eq(h.state, HEARTBEAT_OK);
		cr_expect_not(guest_take(&g), "too early");
		guest_wait(&g, HEARTBEAT_PERIOD);
	}
	cr_expect_eq(h.missed_total, 0);
}

Test(heartbeat, one_miss_is_no_loss)
{
	guest_open(&g, &h.ic, 0);
	cr_assert(guest_take(&g));
	answer(1);
	guest_wait(&g, HEARTBEAT_PERIOD);
	cr_assert(guest_take(&g));
	guest_wait(&g, HEARTBEAT_PERIOD);
	cr_expect_eq(h.missed, 1);
	cr_expect_eq(h.state, HEARTBEAT_OK);
	cr_expect_not(guest_take(&g), "on top of an unanswered one");
	answer(1);
	cr_expect_eq(h.missed, 0);
}

Test(heartbeat, dead_guest_is_lost_and_found_again)
{
	guest_open(&g, &h.ic, 0);
	cr_assert(guest_take(&g));
	guest_wait(&g, (HEARTBEAT_MISSES - 1) * HEARTBEAT_PERIOD);
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	guest_wait(&g, HEARTBEAT_PERIOD);
	cr_expect_eq(h.state, HEARTBEAT_LOST);
	guest_wait(&g, 100 * HEARTBEAT_PERIOD);
	cr_expect_eq(h.missed, HEARTBEAT_MISSES);
	cr_expect_eq(h.missed_total, 100 + HEARTBEAT_MISSES);
	answer(1);
	cr_expect_eq(h.state, HEARTBEAT_OK);
	guest_wait(&g, HEARTBEAT_PERIOD);
	cr_expect(guest_take(&g), "it goes on");
}

Test(heartbeat, wrong_answer_is_no_life)
{
	guest_open(&g, &h.ic, 0);
	cr_assert(guest_take(&g));
	answer(0);
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	cr_expect_eq(h.ic.odd, 1);
	guest_wait(&g, HEARTBEAT_PERIOD);
	cr_assert(guest_take(&g));
	g.header.size = 7;
	answer(1);
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	guest_wait(&g, HEARTBEAT_PERIOD);
	guest_echo(&g, IC_STATUS_FAILED);
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	cr_expect_eq(h.ic.odd, 3);
}

Test(heartbeat, closed_channel_has_no_heartbeat)
{
	guest_open(&g, &h.ic, 0);
	cr_assert(guest_take(&g));
	answer(1);
	ic_close(&h.ic, 1);
	cr_expect_eq(h.state, HEARTBEAT_NONE);
	cr_expect_str_eq(heartbeat_state_name(h.state), "none");
	cr_expect_str_eq(heartbeat_state_name(HEARTBEAT_OK), "ok");
	cr_expect_str_eq(heartbeat_state_name(HEARTBEAT_LOST), "lost");
}
