/* SPDX-License-Identifier: Apache-2.0 */
/* What state a partition is in, given what systemd and its worker say. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "manager/partition.h"

static struct unit_facts
unit(enum unit_active active)
{
	struct unit_facts u = { .active = active, .result = "success" };

	return u;
}

static struct unit_facts
failed_unit(const char *result, int code, int status)
{
	struct unit_facts u = unit(UNIT_FAILED);

	strcpy(u.result, result);
	u.exit_code = code;
	u.exit_status = status;
	u.last_pid = 100;
	return u;
}

static struct status
said(enum status_state state, const char *reason)
{
	struct status s = { .state = state, .pid = 100, .started = 5,
		.ended = state >= STATUS_STOPPED ? 9 : 0 };

	strcpy(s.reason, reason);
	return s;
}

Test(judge, never_started_is_stopped)
{
	struct unit_facts u = unit(UNIT_INACTIVE);
	struct partition p = { 0 };

	partition_judge(&p, &u, NULL);
	cr_expect_eq(p.state, PARTITION_STOPPED);
	cr_expect_str_eq(p.reason, "");
	cr_expect_eq(p.started, 0);
}

Test(judge, active_unit_is_what_the_worker_says)
{
	struct unit_facts u = unit(UNIT_ACTIVE);
	struct partition p = { 0 };
	struct status s;

	u.pid = u.last_pid = 100;
	s = said(STATUS_RUNNING, "");
	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_RUNNING);
	cr_expect_eq(p.pid, 100);
	cr_expect_eq(p.started, 5);
	s = said(STATUS_PAUSED, "");
	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_PAUSED);
	s = said(STATUS_STARTING, "");
	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_RUNNING);
	partition_judge(&p, &u, NULL);
	cr_expect_eq(p.state, PARTITION_RUNNING);
}

Test(judge, starting_and_stopping_follow_the_unit)
{
	struct status s = said(STATUS_FAILED, "of the run before");
	struct unit_facts u = unit(UNIT_ACTIVATING);
	struct partition p = { 0 };

	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_STARTING);
	cr_expect_str_eq(p.reason, "");
	u = unit(UNIT_DEACTIVATING);
	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_STOPPING);
}

Test(judge, good_end_keeps_the_reason)
{
	struct status s = said(STATUS_STOPPED, "the guest powered off");
	struct unit_facts u = unit(UNIT_INACTIVE);
	struct partition p = { 0 };

	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_STOPPED);
	cr_expect_str_eq(p.reason, "the guest powered off");
	cr_expect_eq(p.ended, 9);
}

Test(judge, failure_has_the_words_of_the_worker)
{
	struct unit_facts u = failed_unit("exit-code", CLD_EXITED, 1);
	struct status s = said(STATUS_FAILED, "VP 0: triple fault");
	struct partition p = { 0 };

	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_FAILED);
	cr_expect_str_eq(p.reason, "VP 0: triple fault");
}

Test(judge, killed_worker_is_told_by_its_signal)
{
	struct unit_facts u = failed_unit("signal", CLD_KILLED, SIGKILL);
	struct status s = said(STATUS_RUNNING, "");
	struct partition p = { 0 };

	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_FAILED);
	cr_expect_str_eq(p.reason, "worker killed by signal 9 (Killed)");
	cr_expect_eq(p.ended, 0);
	u = failed_unit("core-dump", CLD_DUMPED, SIGSEGV);
	partition_judge(&p, &u, NULL);
	cr_expect_not_null(strstr(p.reason, "signal 11"));
}

Test(judge, status_of_an_earlier_worker_is_not_believed)
{
	struct unit_facts u = failed_unit("exit-code", CLD_EXITED, 203);
	struct status s = said(STATUS_STOPPED, "the guest powered off");
	struct partition p = { 0 };

	u.last_pid = 200;
	partition_judge(&p, &u, &s);
	cr_expect_eq(p.state, PARTITION_FAILED);
	cr_expect_str_eq(p.reason, "worker ended with exit status 203");
}

Test(judge, systemd_knows_of_ends_without_a_status)
{
	static const struct {
		const char *result, *part;
		int code;
	} cases[] = {
		{ "timeout", "too long", CLD_EXITED },
		{ "watchdog", "hung", CLD_KILLED },
		{ "oom-kill", "out of memory", CLD_KILLED },
		{ "resources", "did not start (resources)", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unit_facts u = failed_unit(cases[i].result,
		    cases[i].code, 0);
		struct partition p = { 0 };

		partition_judge(&p, &u, NULL);
		cr_expect_eq(p.state, PARTITION_FAILED);
		cr_expect_not_null(strstr(p.reason, cases[i].part), "%s",
		    p.reason);
	}
}

Test(judge, states_have_the_documented_names)
{
	cr_expect_str_eq(partition_state_name(PARTITION_STOPPED), "stopped");
	cr_expect_str_eq(partition_state_name(PARTITION_STARTING), "starting");
	cr_expect_str_eq(partition_state_name(PARTITION_RUNNING), "running");
	cr_expect_str_eq(partition_state_name(PARTITION_PAUSED), "paused");
	cr_expect_str_eq(partition_state_name(PARTITION_STOPPING), "stopping");
	cr_expect_str_eq(partition_state_name(PARTITION_FAILED), "failed");
}
