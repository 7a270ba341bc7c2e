/* SPDX-License-Identifier: Apache-2.0 */
/* Setting a clock, sampling it, and the clock that stood still. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"
#include "integration/timesync.h"

#define TICKS_PER_SECOND 10000000 /* of 100 ns */

static struct timesync t;
static struct guest g;
static struct timesync_reading clock_now;

static void
clock_read(void *context, struct timesync_reading *out)
{
	*out = *(const struct timesync_reading *)context;
}

static const struct timesync_clock test_clock = { clock_read };

static void
set_up(void)
{
	clock_now = (struct timesync_reading){ .host = UINT64_C(1) << 57,
		.reference = 500, .has_reference = true };
	timesync_init(&t, &test_clock, &clock_now);
	timesync_use_reference(&t, true);
}

TestSuite(timesync, .init = set_up);

/* Time passes, for both clocks. */
static void
pass(uint64_t seconds)
{
	clock_now.host += seconds * TICKS_PER_SECOND;
	clock_now.reference += seconds * TICKS_PER_SECOND;
	guest_wait(&g, seconds * IC_SECOND);
}

static struct wire_time
taken(void)
{
	struct wire_time body;

	cr_assert(guest_take(&g));
	cr_assert_eq(g.size, sizeof(body));
	memcpy(&body, g.body, sizeof(body));
	return body;
}

Test(timesync, clock_is_set_at_open_and_sampled_afterwards)
{
	struct wire_time body;

	guest_open(&g, &t.ic, 0);
	cr_expect(ic_has_version(&t.ic, 4, 0));
	body = taken();
	cr_expect_eq(body.flags, WIRE_TIME_SYNC);
	cr_expect_eq(body.host, clock_now.host);
	cr_expect_eq(body.reference, clock_now.reference);
	guest_answer(&g, 0);
	for (int i = 0; i < 10; i++) {
		cr_expect_not(guest_take(&g));
		pass(5);
		body = taken();
		cr_expect_eq(body.flags, WIRE_TIME_SAMPLE);
		cr_expect_eq(body.host, clock_now.host);
		guest_answer(&g, 0);
	}
	cr_expect_eq(t.steps, 1);
	cr_expect(t.has_drift);
	cr_expect_eq(t.drift, 0);
}

Test(timesync, drift_is_what_the_reference_lost_since_the_clock_was_set)
{
	guest_open(&g, &t.ic, 0);
	guest_echo(&g, 0);
	clock_now.reference -= 300;
	pass(5);
	guest_echo(&g, 0);
	cr_expect_eq(t.drift, -300);
	clock_now.reference += 1000;
	pass(5);
	guest_echo(&g, 0);
	cr_expect_eq(t.drift, 700);
	cr_expect_eq(t.steps, 1);
}

Test(timesync, clock_that_is_far_off_is_set_anew)
{
	guest_open(&g, &t.ic, 0);
	guest_echo(&g, 0);
	/* The parent's clock went ahead without the guest's. */
	clock_now.host += 60 * TICKS_PER_SECOND;
	pass(5);
	cr_expect_eq(taken().flags, WIRE_TIME_SYNC);
	guest_answer(&g, 0);
	cr_expect_eq(t.steps, 2);
	cr_expect_eq(t.drift, 0);
	/* And back again. */
	clock_now.host -= 60 * TICKS_PER_SECOND;
	pass(5);
	cr_expect_eq(taken().flags, WIRE_TIME_SYNC);
}

Test(timesync, guest_that_stood_still_has_its_clock_set)
{
	guest_open(&g, &t.ic, 0);
	guest_echo(&g, 0);
	pass(5);
	cr_assert(guest_take(&g));
	pass(30);
	cr_expect_not(guest_take(&g), "on top of an unanswered one");
	guest_answer(&g, 0);
	cr_expect_eq(taken().flags, WIRE_TIME_SYNC);
	guest_answer(&g, 0);
	cr_expect_not(guest_take(&g));
	pass(5);
	cr_expect_eq(taken().flags, WIRE_TIME_SAMPLE);
}

Test(timesync, step_on_demand)
{
	timesync_step(&t, 0);
	cr_expect_eq(t.steps, 0, "nobody to tell");
	guest_open(&g, &t.ic, 0);
	guest_echo(&g, 0);
	timesync_step(&t, 1);
	cr_expect_eq(taken().flags, WIRE_TIME_SYNC);
	timesync_step(&t, 2);
	cr_expect_not(guest_take(&g));
	guest_answer(&g, 0);
	cr_expect_eq(taken().flags, WIRE_TIME_SYNC);
}

Test(timesync, without_a_reference_the_older_version_serves)
{
	struct wire_time_old body;

	clock_now.has_reference = false;
	timesync_use_reference(&t, false);
	guest_open(&g, &t.ic, 0);
	cr_expect_not(ic_has_version(&t.ic, 4, 0));
	cr_assert(guest_take(&g));
	cr_assert_eq(g.size, sizeof(body));
	memcpy(&body, g.body, sizeof(body));
	cr_expect_eq(body.host, clock_now.host);
	cr_expect_eq(body.flags, WIRE_TIME_SYNC);
	guest_answer(&g, 0);
	pass(5);
	guest_echo(&g, 0);
	cr_expect_not(t.has_drift);
}

Test(timesync, version_in_use_does_not_change)
{
	guest_open(&g, &t.ic, 0);
	guest_echo(&g, 0);
	timesync_use_reference(&t, false);
	clock_now.has_reference = false;
	pass(20);
	cr_expect_not(guest_take(&g), "there is nothing to tell");
	clock_now.has_reference = true;
	pass(5);
	taken();
	ic_close(&t.ic, g.now);
	timesync_use_reference(&t, false);
	guest_open(&g, &t.ic, g.now);
	cr_expect_not(ic_has_version(&t.ic, 4, 0));
}
