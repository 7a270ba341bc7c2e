/* SPDX-License-Identifier: Apache-2.0 */
/* Power off and restart: done, refused, unheard. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"
#include "integration/shutdown.h"

static struct shutdown s;
static struct guest g;
static struct err e;

static void
set_up(void)
{
	shutdown_init(&s);
}

TestSuite(shutdown, .init = set_up);

static struct wire_shutdown
taken(void)
{
	struct wire_shutdown body;

	cr_assert(guest_take(&g));
	cr_assert_eq(g.size, sizeof(body), "a guest ignores less");
	memcpy(&body, g.body, sizeof(body));
	return body;
}

Test(shutdown, each_way_has_its_flags)
{
	guest_open(&g, &s.ic, 0);
	for (unsigned flags = 0; flags < 4; flags++) {
		cr_assert_eq(shutdown_ask(&s, (flags & 2) != 0,
		    (flags & 1) != 0, 0, &e), 0);
		cr_expect_eq(shutdown_report(&s, &e), -1);
		cr_expect_eq(e.code, EINPROGRESS);
		cr_expect_eq(taken().flags, flags);
		guest_answer(&g, 0);
		cr_expect_eq(shutdown_report(&s, &e), 0);
	}
}

Test(shutdown, guest_without_the_service_is_told)
{
	cr_expect_eq(shutdown_ask(&s, false, false, 0, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
	ic_open(&s.ic);
	cr_expect_eq(shutdown_ask(&s, false, false, 0, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
	cr_expect_str_eq(e.text, "the guest has no shutdown service");
}

Test(shutdown, refusal_is_told)
{
	guest_open(&g, &s.ic, 0);
	cr_assert_eq(shutdown_ask(&s, false, false, 0, &e), 0);
	taken();
	guest_answer(&g, IC_STATUS_FAILED);
	cr_expect_eq(shutdown_report(&s, &e), -1);
	cr_expect_eq(e.code, EPERM);
	cr_expect_str_eq(e.text,
	    "the guest refuses, with status 0x80004005");
}

Test(shutdown, silence_is_told_and_lasts)
{
	guest_open(&g, &s.ic, 0);
	cr_assert_eq(shutdown_ask(&s, false, false, 0, &e), 0);
	taken();
	guest_wait(&g, SHUTDOWN_LIMIT);
	cr_expect_eq(shutdown_report(&s, &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
	cr_expect_eq(shutdown_ask(&s, false, false, g.now, &e), -1);
	cr_expect_eq(e.code, EBUSY);
	guest_answer(&g, 0);
	cr_expect_eq(shutdown_report(&s, &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
	cr_expect_eq(shutdown_ask(&s, false, false, g.now, &e), 0);
}

Test(shutdown, closing_instead_of_answering_is_told)
{
	guest_open(&g, &s.ic, 0);
	cr_assert_eq(shutdown_ask(&s, true, false, 0, &e), 0);
	ic_close(&s.ic, 1);
	cr_expect_eq(shutdown_report(&s, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(shutdown, closing_after_the_answer_is_what_was_asked_for)
{
	guest_open(&g, &s.ic, 0);
	cr_assert_eq(shutdown_ask(&s, false, false, 0, &e), 0);
	taken();
	guest_answer(&g, 0);
	ic_close(&s.ic, 1);
	cr_expect_eq(shutdown_report(&s, &e), 0);
}
