/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to systemd, against one that is made up. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "fake_systemd.h"
#include "manager/systemd.h"

static struct test_root root;
static struct fake_systemd fake;
static struct systemd *bus;

static void
set_up(void)
{
	test_root_make(&root);
	memset(&fake, 0, sizeof(fake));
	fake.active = "inactive";
	fake.after_start = "active";
	fake.start_result = "done";
}

static void
tear_down(void)
{
	systemd_close(bus);
	fake_systemd_stop(&fake);
	test_root_remove(&root);
}

static void
connect_to_fake(void)
{
	struct err e = { 0 };

	fake_systemd_start(&fake, &root);
	bus = systemd_open(&root.site, &e);
	cr_assert_not_null(bus, "%s", e.text);
}

TestSuite(systemd, .init = set_up, .fini = tear_down, .timeout = 30);

Test(systemd, unit_that_was_never_loaded_is_inactive)
{
	struct unit_facts u;
	struct err e = { 0 };

	fake.active = NULL;
	connect_to_fake();
	cr_assert_eq(unit_query(bus, "demo", &u, &e), 0, "%s", e.text);
	cr_expect_eq(u.active, UNIT_INACTIVE);
	cr_expect_str_eq(u.result, "success");
}

Test(systemd, facts_of_a_unit_are_read)
{
	struct unit_facts u;
	struct err e = { 0 };

	fake.active = "failed";
	strcpy(fake.facts.result, "signal");
	fake.facts.exit_code = CLD_KILLED;
	fake.facts.exit_status = SIGKILL;
	fake.facts.pid = 3;
	fake.facts.last_pid = 4;
	connect_to_fake();
	cr_assert_eq(unit_query(bus, "demo", &u, &e), 0, "%s", e.text);
	cr_expect_eq(u.active, UNIT_FAILED);
	cr_expect_str_eq(u.result, "signal");
	cr_expect_eq(u.exit_code, CLD_KILLED);
	cr_expect_eq(u.exit_status, SIGKILL);
	cr_expect_eq(u.pid, 3);
	cr_expect_eq(u.last_pid, 4);
}

Test(systemd, start_waits_for_its_own_job)
{
	struct err e = { 0 };

	connect_to_fake();
	cr_expect_eq(unit_start(bus, "demo", &e), 0, "%s", e.text);
	cr_expect_str_eq(fake.active, "active");
	cr_expect_eq(unit_stop(bus, "demo", &e), 0, "%s", e.text);
	cr_expect_str_eq(fake.calls, "StartUnit StopUnit ");
}

Test(systemd, failed_start_is_told)
{
	struct err e = { 0 };

	fake.start_result = "failed";
	connect_to_fake();
	cr_expect_eq(unit_start(bus, "demo", &e), -1);
	cr_expect_str_eq(e.text, "the start failed");
}

Test(systemd, slow_start_is_told)
{
	struct err e = { 0 };

	fake.start_result = "timeout";
	connect_to_fake();
	cr_expect_eq(unit_start(bus, "demo", &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
}

Test(systemd, enabling_happens_only_when_needed)
{
	struct err e = { 0 };

	connect_to_fake();
	cr_expect_eq(unit_enable(bus, "demo", false, &e), 0);
	cr_expect_eq(unit_enable(bus, "demo", true, &e), 0);
	cr_expect_eq(unit_enable(bus, "demo", true, &e), 0);
	cr_expect_eq(unit_enable(bus, "demo", false, &e), 0);
	cr_expect_str_eq(fake.calls, "EnableUnitFiles DisableUnitFiles ");
}

Test(systemd, words_of_systemd_reach_the_user)
{
	struct err e = { 0 };

	fake.refuses_enabling = true;
	connect_to_fake();
	cr_expect_eq(unit_enable(bus, "demo", true, &e), -1);
	cr_expect_str_eq(e.text, "systemd: read-only file system");
}

Test(systemd, end_of_the_unit_is_noticed)
{
	struct err e = { 0 };

	fake.active = "active";
	connect_to_fake();
	fake_systemd_end_unit(&fake);
	cr_expect_eq(unit_wait_end(bus, "demo", 20, &e), 0, "%s", e.text);
}

Test(systemd, waiting_for_the_end_is_limited)
{
	struct err e = { 0 };

	fake.active = "active";
	connect_to_fake();
	cr_expect_eq(unit_wait_end(bus, "demo", 1, &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
	cr_expect_str_eq(e.text, "still running after 1 seconds");
}
