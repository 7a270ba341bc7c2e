/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of what somebody wants a guest to have. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"

static struct err e;

static void
setup(void)
{
	guest_begin();
	guest_connect();
}

static void
teardown(void)
{
	balloon_destroy(&guest.ledger);
}

TestSuite(dm, .init = setup, .fini = teardown);

/* Returns what dm_outcome() says in the end. */
static int
set(uint64_t mib)
{
	cr_assert_eq(dm_set(&guest.dm, mib * MIB_PAGES, guest.now, &e), 0,
	    "%s", e.text);
	all_answer();
	return dm_outcome(&guest.dm, &e);
}

Test(dm, shrinks_a_guest_by_what_it_gives_up)
{
	cr_expect_eq(set(40), 0);
	cr_expect_eq(guest.used, 40 * MIB_PAGES);
	guest_check();
}

Test(dm, gives_the_same_pages_back)
{
	cr_assert_eq(set(40), 0);
	cr_expect_eq(set(64), 0);
	cr_expect_eq(guest.used, 64 * MIB_PAGES);
	cr_expect_eq(guest.ledger.given_up_pages, 0);
	guest_check();
}

Test(dm, adds_blocks_and_takes_back_what_is_too_much)
{
	cr_expect_eq(set(300), 0);
	cr_expect_eq(guest.used, 300 * MIB_PAGES);
	cr_expect_eq(guest.dm.present, (64 + 2 * 128) * MIB_PAGES);
	/* It begins at a multiple of a block. */
	cr_expect_not(guest.uses[100 * MIB_PAGES]);
	cr_expect(guest.uses[128 * MIB_PAGES]);
	guest_check();
}

Test(dm, grows_to_all_there_may_be)
{
	cr_expect_eq(set(512), 0);
	cr_expect_eq(guest.used, 512 * MIB_PAGES);
	guest_check();
}

Test(dm, respects_what_the_guest_keeps)
{
	guest.floor = 50 * MIB_PAGES;
	cr_expect_eq(set(20), -1);
	cr_expect_eq(e.code, ENOSPC);
	cr_expect_str_eq(e.text,
	    "the guest needs the rest itself: it has 50M now, not 20M");
	guest_check();
	cr_expect_eq(set(64), 0, "it can be set anew");
}

Test(dm, refuses_what_is_not_within_the_limits)
{
	cr_expect_eq(dm_set(&guest.dm, 8 * MIB_PAGES, 0, &e), -1);
	cr_expect_str_eq(e.text, "less than memory-min, 16M");
	cr_expect_eq(dm_set(&guest.dm, 1024 * MIB_PAGES, 0, &e), -1);
	cr_expect_str_eq(e.text, "more than memory-max, 512M");
	cr_expect_eq(dm_outcome(&guest.dm, &e), 0);
}

Test(dm, tells_when_the_guest_takes_no_more)
{
	guest.refuses_to_add = true;
	cr_expect_eq(set(200), -1);
	cr_expect_eq(e.code, ENOSPC);
	cr_expect_eq(guest.dm.present, GUEST_START);
	guest_check();
}

Test(dm, does_one_change_at_a_time)
{
	cr_assert_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 0, &e), 0);
	cr_expect_eq(dm_set(&guest.dm, 50 * MIB_PAGES, 0, &e), -1);
	cr_expect_eq(e.code, EBUSY);
	cr_expect_eq(dm_outcome(&guest.dm, &e), -1);
	cr_expect_eq(e.code, EINPROGRESS);
}

Test(dm, needs_a_driver)
{
	dm_close(&guest.dm);
	cr_expect_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 0, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(dm, does_not_wait_for_ever)
{
	cr_assert_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 5, &e), 0);
	cr_expect_eq(dm_deadline(&guest.dm), 5 + DM_STEP_LIMIT);
	dm_tick(&guest.dm, 5 + DM_STEP_LIMIT);
	cr_expect_eq(dm_outcome(&guest.dm, &e), -1);
	cr_expect_eq(e.code, ENOSPC);
	/* What comes late counts all the same. */
	all_answer();
	cr_expect_eq(guest.used, 40 * MIB_PAGES);
	guest_check();
}

Test(dm, knows_what_was_given_up_when_the_driver_comes_back)
{
	cr_assert_eq(set(40), 0);
	dm_close(&guest.dm);
	guest_connect();
	cr_expect_eq(set(64), 0);
	guest_check();
}

Test(dm, knows_it_also_after_it_was_started_anew)
{
	cr_assert_eq(set(40), 0);
	dm_init(&guest.dm, 0, GUEST_MAX);
	all_answer();
	guest_connect();
	cr_expect_eq(dm_assigned(&guest.dm), 40 * MIB_PAGES);
	cr_expect_eq(set(64), 0);
	guest_check();
}

Test(dm, a_new_guest_has_all_its_memory)
{
	cr_assert_eq(set(40), 0);
	guest_reset();
	guest_connect();
	cr_expect_eq(dm_assigned(&guest.dm), GUEST_START);
	cr_expect_eq(set(200), 0);
	guest_check();
}

Test(dm, pages_that_were_not_yet_returned_stay_given_up)
{
	cr_assert_eq(set(40), 0);
	cr_assert_eq(dm_set(&guest.dm, 64 * MIB_PAGES, 0, &e), 0);
	/* The worker has taken them off the ledger; the guest is not told. */
	cr_assert(worker_answers());
	cr_assert_lt(guest.ledger.given_up_pages, 24 * MIB_PAGES);
	dm_close(&guest.dm);
	all_answer();
	cr_expect_eq(dm_outcome(&guest.dm, &e), -1);
	cr_expect_eq(guest.ledger.given_up_pages, 24 * MIB_PAGES);
	guest_check();
}

Test(dm, shows_the_pressure_without_what_was_given_up)
{
	const struct dm_wire_status m = {
		.head = { DM_WIRE_STATUS, sizeof(m), 3 },
		.available = 7, .committed = 30 * MIB_PAGES,
	};
	uint64_t pages;

	cr_assert_eq(set(40), 0);
	cr_expect_not(dm_demanded(&guest.dm, &pages));
	guest_send(&m, sizeof(m));
	cr_expect(dm_demanded(&guest.dm, &pages));
	cr_expect_eq(pages, 6 * MIB_PAGES);
	cr_expect_eq(guest.dm.available, 7);
}

/* Returns what dm_receive() does. */
static int
receive(const void *message, size_t size)
{
	return dm_receive(&guest.dm, message, size, guest.now, &e);
}

Test(dm, pages_that_nobody_asked_for_are_not_given_away)
{
	const struct {
		struct dm_wire_balloon_response m;
		uint64_t range;
	} r = {
		.m = {
			.head = { DM_WIRE_BALLOON_RESPONSE, sizeof(r), 7 },
			.more_and_count = 2,
		},
		.range = 5 | UINT64_C(1) << DM_WIRE_PFN_BITS,
	};

	cr_expect_eq(receive(&r, sizeof(r)), -1);
	cr_expect_null(dm_request(&guest.dm));
	cr_expect_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 0, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(dm, the_same_page_twice_is_none)
{
	const struct {
		struct dm_wire_balloon_response m;
		uint64_t range[2];
	} r = {
		.m = {
			.head = { DM_WIRE_BALLOON_RESPONSE, sizeof(r), 7 },
			.more_and_count = 4,
		},
		.range = { 5 | UINT64_C(1) << DM_WIRE_PFN_BITS,
		    5 | UINT64_C(1) << DM_WIRE_PFN_BITS },
	};
	size_t size;

	cr_assert_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 0, &e), 0);
	cr_assert_not_null(dm_unsent(&guest.dm, &size));
	dm_sent(&guest.dm, 0);
	guest.uses[5] = false;
	cr_assert_eq(receive(&r, sizeof(r)), 0);
	all_answer();
	cr_expect_eq(guest.ledger.given_up_pages, 0);
	cr_expect_eq(dm_outcome(&guest.dm, &e), -1);
	cr_expect_eq(guest.dm.state, DM_BROKEN);
}

Test(dm, more_pages_than_asked_for_are_refused)
{
	const struct {
		struct dm_wire_balloon_response m;
		uint64_t range;
	} r = {
		.m = {
			.head = { DM_WIRE_BALLOON_RESPONSE, sizeof(r), 7 },
			.more_and_count = 2,
		},
		.range = 25 * MIB_PAGES << DM_WIRE_PFN_BITS,
	};
	size_t size;

	cr_assert_eq(dm_set(&guest.dm, 40 * MIB_PAGES, 0, &e), 0);
	cr_assert_not_null(dm_unsent(&guest.dm, &size));
	dm_sent(&guest.dm, 0);
	cr_expect_eq(receive(&r, sizeof(r)), -1);
	cr_expect_eq(guest.dm.state, DM_BROKEN);
	cr_expect_null(dm_request(&guest.dm));
}
