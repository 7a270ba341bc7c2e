/* SPDX-License-Identifier: Apache-2.0 */
/* A guest is frozen, and always thawed again. */
#include <criterion/criterion.h>
#include <errno.h>

#include "guest.h"
#include "integration/vss.h"

static struct vss v;
static struct guest g;
static struct err e;

static void
set_up(void)
{
	vss_init(&v);
	guest_open(&g, &v.ic, 0);
}

TestSuite(vss, .init = set_up);

static void
expect_op(enum wire_vss_op op)
{
	cr_assert(guest_take(&g), "operation %d", op);
	cr_assert_eq(g.size, sizeof(struct wire_vss));
	cr_assert_eq(g.body[0], op);
}

/* The guest does what it is told. */
static void
step(enum wire_vss_op op, uint32_t status)
{
	expect_op(op);
	guest_answer(&g, status);
}

static void
begin(unsigned seconds)
{
	cr_assert_eq(vss_freeze(&v, seconds, g.now, &e), 0);
	step(WIRE_VSS_HOT_BACKUP, 0);
	step(WIRE_VSS_GET_INFO, 0);
}

static void
expect_thawing(void)
{
	step(WIRE_VSS_THAW, 0);
	step(WIRE_VSS_COMPLETE, 0);
	cr_expect_not(guest_take(&g));
	cr_expect_eq(v.state, VSS_THAWED);
}

static int
freeze_code(void)
{
	return vss_report_freeze(&v, &e) == 0 ? 0 : e.code;
}

static int
thaw_code(void)
{
	return vss_report_thaw(&v, &e) == 0 ? 0 : e.code;
}

Test(vss, frozen_then_thawed_on_demand)
{
	begin(60);
	cr_expect_eq(freeze_code(), EINPROGRESS);
	step(WIRE_VSS_FREEZE, 0);
	cr_expect_eq(freeze_code(), 0);
	cr_expect_eq(thaw_code(), EINPROGRESS);
	guest_wait(&g, 59 * IC_SECOND);
	cr_expect_not(guest_take(&g));
	vss_thaw(&v, g.now);
	expect_thawing();
	cr_expect_eq(thaw_code(), 0);
	cr_expect_eq(ic_deadline(&v.ic), IC_NEVER);
	cr_expect_eq(vss_freeze(&v, 60, g.now, &e), 0, "and again");
}

Test(vss, thawed_when_the_time_is_up)
{
	begin(10);
	step(WIRE_VSS_FREEZE, 0);
	guest_wait(&g, 10 * IC_SECOND);
	expect_thawing();
	cr_expect_eq(thaw_code(), ERR_TIMEOUT);
	cr_expect_eq(v.overdue, 1);
	vss_thaw(&v, g.now);
	cr_expect_not(guest_take(&g));
}

Test(vss, freeze_that_fails_is_thawed_all_the_same)
{
	begin(10);
	step(WIRE_VSS_FREEZE, IC_STATUS_FAILED);
	cr_expect_eq(freeze_code(), EIO);
	expect_thawing();
	cr_expect_eq(thaw_code(), EIO);
}

Test(vss, guest_without_its_daemon_is_not_frozen)
{
	cr_assert_eq(vss_freeze(&v, 10, 0, &e), 0);
	step(WIRE_VSS_HOT_BACKUP, IC_STATUS_FAILED);
	cr_expect_not(guest_take(&g), "nothing was frozen");
	cr_expect_eq(freeze_code(), EIO);
	cr_expect_eq(v.state, VSS_THAWED);
}

Test(vss, slow_freeze_is_thawed_once_it_answers)
{
	begin(10);
	expect_op(WIRE_VSS_FREEZE);
	guest_wait(&g, 600 * IC_SECOND);
	cr_expect_eq(freeze_code(), ERR_TIMEOUT);
	cr_expect_eq(thaw_code(), ERR_TIMEOUT, "nobody waits for ever");
	cr_expect_not(guest_take(&g));
	guest_answer(&g, 0);
	expect_thawing();
}

Test(vss, thaw_before_the_freeze_is_done_undoes_it)
{
	begin(60);
	expect_op(WIRE_VSS_FREEZE);
	vss_thaw(&v, g.now);
	cr_expect_eq(freeze_code(), ECANCELED);
	guest_answer(&g, 0);
	expect_thawing();
	cr_assert_eq(vss_freeze(&v, 60, g.now, &e), 0);
	expect_op(WIRE_VSS_HOT_BACKUP);
	vss_thaw(&v, g.now);
	guest_answer(&g, 0);
	cr_expect_not(guest_take(&g), "nothing was frozen");
	cr_expect_eq(v.state, VSS_THAWED);
}

Test(vss, thaw_that_fails_is_told_and_completed)
{
	begin(60);
	step(WIRE_VSS_FREEZE, 0);
	vss_thaw(&v, g.now);
	step(WIRE_VSS_THAW, IC_STATUS_FAILED);
	step(WIRE_VSS_COMPLETE, 0);
	cr_expect_eq(thaw_code(), EIO);
}

Test(vss, closing_ends_it)
{
	begin(60);
	step(WIRE_VSS_FREEZE, 0);
	ic_close(&v.ic, g.now);
	cr_expect_eq(v.state, VSS_THAWED);
	cr_expect_eq(thaw_code(), ENOTCONN);
	cr_expect_eq(vss_freeze(&v, 60, g.now, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(vss, one_freeze_at_a_time_and_for_a_time)
{
	cr_expect_eq(vss_freeze(&v, 0, 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_eq(vss_freeze(&v, VSS_SECONDS_MAX + 1, 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	begin(60);
	cr_expect_eq(vss_freeze(&v, 60, 0, &e), -1);
	cr_expect_eq(e.code, EBUSY);
}
