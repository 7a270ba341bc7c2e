/* SPDX-License-Identifier: Apache-2.0 */
/* Anything at any time: no page is ever used and given away at once. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "guest.h"

#define STEPS 400

static unsigned seed = 1;

static uint64_t
below(uint64_t n)
{
	return (uint64_t)rand_r(&seed) % n;
}

/* Some of what is on its way arrives. */
static void
something_arrives(void)
{
	for (uint64_t n = below(6); n > 0; n--)
		if (below(2) == 0 ? !worker_answers() : !guest_answers())
			break;
}

/* The driver goes and comes; what it had not read is lost. */
static void
driver_comes_back(void)
{
	dm_close(&guest.dm);
	all_answer();
	guest_connect();
}

static void
step(void)
{
	struct err e;

	switch (below(16)) {
	case 0:
		driver_comes_back();
		break;
	case 1:
		guest_reset();
		guest_connect();
		break;
	case 2:
		guest.refuses_to_add = below(2) == 0;
		guest.floor = below(80) * MIB_PAGES;
		break;
	case 3:
		guest.ranges_at_once = 1 + (unsigned)below(500);
		break;
	default:
		dm_set(&guest.dm, below(600) * MIB_PAGES + below(256),
		    guest.now, &e);
		something_arrives();
		break;
	}
	if (below(2) == 0)
		all_answer();
}

Test(dm_model, no_page_is_used_and_given_away_at_once)
{
	guest_begin();
	guest_connect();
	for (int i = 0; i < STEPS; i++) {
		step();
		cr_assert_neq(guest.dm.state, DM_BROKEN, "step %d", i);
	}
	all_answer();
	guest_check();
	balloon_destroy(&guest.ledger);
}
