/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what workers say, well-formed or not. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manager/status.h"

static int
status(const char *json, struct status *s, struct err *e)
{
	return status_parse((const uint8_t *)json, strlen(json), s, e);
}

static int
stats(const char *json, struct partition_stats *s, struct err *e)
{
	return stats_parse((const uint8_t *)json, strlen(json), s, e);
}

static int
reply(const char *json, struct err *e)
{
	return reply_parse((const uint8_t *)json, strlen(json), e);
}

Test(status, all_fields_are_read)
{
	struct err e = { 0 };
	struct status s;

	cr_assert_eq(status("{\"state\":\"failed\",\"reason\":\"VP 1: triple "
			    "fault\",\"pid\":12,\"started\":1700000000,"
			    "\"ended\":1700000001,\"later\":[1]}\n",
			 &s, &e), 0, "%s", e.text);
	cr_expect_eq(s.state, STATUS_FAILED);
	cr_expect_str_eq(s.reason, "VP 1: triple fault");
	cr_expect_eq(s.pid, 12);
	cr_expect_eq(s.started, 1700000000);
	cr_expect_eq(s.ended, 1700000001);
}

Test(status, each_state_has_its_name)
{
	static const enum status_state states[] = { STATUS_STARTING,
		STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED, STATUS_FAILED };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct err e = { 0 };
		struct status s;
		char json[64];

		snprintf(json, sizeof(json), "{\"state\":\"%s\"}",
		    status_state_name(states[i]));
		cr_assert_eq(status(json, &s, &e), 0, "%s", e.text);
		cr_expect_eq(s.state, states[i]);
		cr_expect_eq(s.pid, 0);
		cr_expect_str_eq(s.reason, "");
	}
}

Test(status, nonsense_is_refused)
{
	static const char *const cases[] = { "", "{", "[]", "null", "1",
		"\"running\"", "{}", "{\"state\":1}", "{\"state\":\"odd\"}",
		"{\"state\":\"running\"}{}", "{\"state\":\"running\"} x",
		"{\"state\":\"running\",\"a\":[[[[[[[[1]]]]]]]]}" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct status s;

		cr_expect_eq(status(cases[i], &s, &e), -1, "%s", cases[i]);
		cr_expect_eq(e.code, EPROTO);
	}
}

Test(status, numbers_of_another_kind_are_not_taken)
{
	struct err e = { 0 };
	struct status s;

	cr_assert_eq(status("{\"state\":\"running\",\"pid\":-1,"
			    "\"started\":\"now\",\"ended\":1.5}",
			 &s, &e), 0);
	cr_expect_eq(s.pid, 0);
	cr_expect_eq(s.started, 0);
	cr_expect_eq(s.ended, 0);
}

Test(status, reason_cannot_command_a_terminal)
{
	struct err e = { 0 };
	struct status s;

	cr_assert_eq(status("{\"state\":\"failed\",\"reason\":"
			    "\"a\\u001b[2Jb\\nc\\u009b\"}", &s, &e), 0);
	cr_expect_str_eq(s.reason, "a?[2Jb?c??");
}

Test(status, long_reason_is_cut)
{
	char json[1024];
	struct err e = { 0 };
	struct status s;

	snprintf(json, sizeof(json), "{\"state\":\"failed\",\"reason\":"
	    "\"%0900d\"}", 0);
	cr_assert_eq(status(json, &s, &e), 0);
	cr_expect_eq(strlen(s.reason), STATUS_REASON_MAX - 1);
}

Test(stats, all_figures_are_read)
{
	struct partition_stats *s = malloc(sizeof(*s));
	struct err e = { 0 };

	cr_assert_eq(stats("{\"ok\":true,\"memory\":268435456,"
			   "\"deposited\":3145728,\"in_use\":2957312,\"vps\":["
			   "{\"index\":0,\"run_time_ns\":5000000000000,"
			   "\"hypercalls\":7,\"exits\":{\"cpuid\":1,"
			   "\"msr\":18446744073709551615}},{\"index\":1}]}",
			 s, &e), 0, "%s", e.text);
	cr_expect_eq(s->memory, 268435456);
	cr_expect(s->has_deposited);
	cr_expect_eq(s->deposited, 3145728);
	cr_expect(s->has_in_use);
	cr_expect_eq(s->in_use, 2957312);
	cr_assert_eq(s->vps, 2);
	cr_expect_eq(s->vp[0].run_time_ns, UINT64_C(5000000000000));
	cr_expect_eq(s->vp[0].hypercalls, 7);
	cr_assert_eq(s->vp[0].exit_kinds, 2);
	cr_expect_str_eq(s->vp[0].exits[0].name, "cpuid");
	cr_expect_eq(s->vp[0].exits[0].count, 1);
	cr_expect_eq(s->vp[0].exits[1].count, UINT64_MAX);
	cr_expect_eq(s->vp[1].index, 1);
	cr_expect_eq(s->vp[1].exit_kinds, 0);
	free(s);
}

Test(stats, what_the_hypervisor_does_not_tell_is_not_zero)
{
	struct partition_stats *s = malloc(sizeof(*s));
	struct err e = { 0 };

	cr_assert_eq(stats("{\"ok\":true,\"vps\":[]}", s, &e), 0);
	cr_expect_not(s->has_deposited);
	cr_expect_not(s->has_in_use);
	free(s);
}

Test(stats, more_kinds_of_exits_than_fit_are_cut)
{
	struct partition_stats *s = malloc(sizeof(*s));
	char json[2048];
	struct err e = { 0 };
	size_t n;

	n = (size_t)snprintf(json, sizeof(json),
	    "{\"vps\":[{\"index\":0,\"exits\":{");
	for (int i = 0; i < STATUS_EXITS_MAX + 5; i++)
		n += (size_t)snprintf(json + n, sizeof(json) - n,
		    "%s\"kind-%d-of-a-very-long-name\":%d", i ? "," : "", i,
		    i);
	snprintf(json + n, sizeof(json) - n, "}}]}");
	cr_assert_eq(stats(json, s, &e), 0, "%s", e.text);
	cr_expect_eq(s->vp[0].exit_kinds, STATUS_EXITS_MAX);
	cr_expect_eq(strlen(s->vp[0].exits[0].name), STATUS_EXIT_NAME_MAX - 1);
	free(s);
}

Test(stats, nonsense_is_refused)
{
	static const char *const cases[] = { "{}", "{\"vps\":1}",
		"{\"vps\":[1]}", "{\"vps\":[{}]}", "{\"vps\":[null]}" };
	struct partition_stats *s = malloc(sizeof(*s));

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };

		cr_expect_eq(stats(cases[i], s, &e), -1, "%s", cases[i]);
		cr_expect_eq(e.code, EPROTO);
	}
	free(s);
}

Test(stats, too_many_vps_are_refused)
{
	struct partition_stats *s = malloc(sizeof(*s));
	char json[2048] = "{\"vps\":[{\"index\":0}";
	struct err e = { 0 };

	for (int i = 0; i < STATUS_VPS_MAX; i++)
		strcat(json, ",{\"index\":1}");
	strcat(json, "]}");
	cr_expect_eq(stats(json, s, &e), -1);
	cr_expect_eq(e.code, EPROTO);
	free(s);
}

Test(reply, yes_no_and_neither_are_told_apart)
{
	struct err e = { 0 };

	cr_expect_eq(reply("{\"ok\":true}", &e), 0);
	cr_expect_eq(e.code, 0);
	cr_expect_eq(reply("{\"ok\":false,\"error\":\"the guest has no power "
			   "button\"}", &e), -1);
	cr_expect_eq(e.code, EIO);
	cr_expect_str_eq(e.text, "the guest has no power button");
	cr_expect_eq(reply("{\"ok\":false}", &e), -1);
	cr_expect_eq(e.code, EIO);
	cr_expect_eq(reply("{\"ok\":1}", &e), -1);
	cr_expect_eq(e.code, EPROTO);
	cr_expect_eq(reply("yes", &e), -1);
	cr_expect_eq(e.code, EPROTO);
}
