/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as they come in, and reports as the manager reads them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "worker/report.h"
#include "worker/request.h"

static char text[REPORT_SIZE_MAX];

static int
ask(const char *json, struct request *r)
{
	struct err e = { 0 };
	int ret = request_parse((const uint8_t *)json, strlen(json), r, &e);

	if (ret < 0) {
		cr_expect_eq(e.code, EPROTO, "%s", json);
		cr_expect_neq(e.text[0], '\0');
	}
	return ret;
}

Test(request, each_op_is_known)
{
	struct request r;

	cr_expect(ask("{\"op\":\"status\"}", &r) == 0 && r.op == REQUEST_STATUS);
	cr_expect(ask("{\"op\":\"stats\"}", &r) == 0 && r.op == REQUEST_STATS);
	cr_expect(ask("{\"op\":\"pause\"}", &r) == 0 && r.op == REQUEST_PAUSE);
	cr_expect(ask("{\"op\":\"resume\"}", &r) == 0 && r.op == REQUEST_RESUME);
	cr_expect(ask("{\"op\":\"powerbutton\"}", &r) == 0 &&
	    r.op == REQUEST_POWER_BUTTON);
	cr_expect(ask("{\"op\":\"reset\"}", &r) == 0 && r.op == REQUEST_RESET);
	cr_expect(ask("{\"op\":\"quit\",\"x\":1}", &r) == 0 &&
	    r.op == REQUEST_QUIT);
	cr_expect(ask("{\"op\":\"channels\"}", &r) == 0 &&
	    r.op == REQUEST_CHANNELS && r.from == 0);
	cr_expect(ask("{\"op\":\"channels\",\"from\":129}", &r) == 0 &&
	    r.from == 129);
}

Test(request, anything_else_is_refused)
{
	static const char *const bad[] = {
		"", "x", "{", "{}", "[]", "null", "{\"op\":1}",
		"{\"op\":\"\"}", "{\"op\":\"STATUS\"}", "{\"op\":null}",
		"[{\"op\":\"quit\"}]", "{\"op\":{\"op\":\"quit\"}}",
		"{\"op\":\"channels\",\"from\":-1}",
		"{\"op\":\"channels\",\"from\":4294967296}",
		"{\"a\":[[[[[[1]]]]]],\"op\":\"quit\"}",
	};
	struct request r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(ask(bad[i], &r), -1, "%s", bad[i]);
}

Test(request, a_packet_that_is_too_long_is_refused)
{
	static uint8_t packet[REQUEST_SIZE_MAX + 1];
	struct request r;
	struct err e;

	memset(packet, ' ', sizeof(packet));
	memcpy(packet, "{\"op\":\"quit\"}", 13);
	cr_expect_eq(request_parse(packet, sizeof(packet), &r, &e), -1);
}

Test(report, a_status_comes_back_as_it_was)
{
	struct status s = { .state = STATUS_FAILED, .pid = 7, .started = 100,
		.ended = 200, .reason = "kernel \"x\\y\": not there" };
	struct status back;
	struct err e;
	size_t len = report_status(&s, text);

	cr_expect_eq(len, strlen(text));
	cr_assert_eq(status_parse((uint8_t *)text, len, &back, &e), 0);
	cr_expect_eq(back.state, STATUS_FAILED);
	cr_expect_str_eq(back.reason, s.reason);
	cr_expect_eq(back.pid, 7);
	cr_expect_eq(back.started, 100);
	cr_expect_eq(back.ended, 200);
}

Test(report, figures_come_back_as_they_were)
{
	static struct partition_stats s = { .memory = 1 << 28,
		.has_deposited = true, .deposited = 4096, .vps = 2 };
	static struct partition_stats back;
	struct err e;
	size_t len;

	s.vp[1] = (struct vp_stats){ .index = 1, .run_time_ns = 5,
		.hypercalls = 6, .exit_kinds = 1,
		.exits = { { "hlt", 7 } } };
	len = report_stats(&s, text);
	cr_assert_eq(stats_parse((uint8_t *)text, len, &back, &e), 0, "%s",
	    e.text);
	cr_expect_eq(back.memory, 1 << 28);
	cr_expect(back.has_deposited && back.deposited == 4096);
	cr_expect(!back.has_in_use);
	cr_assert_eq(back.vps, 2);
	cr_expect_eq(back.vp[1].hypercalls, 6);
	cr_assert_eq(back.vp[1].exit_kinds, 1);
	cr_expect_str_eq(back.vp[1].exits[0].name, "hlt");
	cr_expect_eq(back.vp[1].exits[0].count, 7);
}

Test(report, the_largest_figures_fit)
{
	static struct partition_stats s = { .memory = UINT64_MAX,
		.vps = STATUS_VPS_MAX };
	static struct partition_stats back;
	struct err e;
	size_t len;

	for (unsigned i = 0; i < STATUS_VPS_MAX; i++) {
		struct vp_stats *vp = &s.vp[i];

		*vp = (struct vp_stats){ .index = i,
			.run_time_ns = INT64_MAX, .hypercalls = INT64_MAX,
			.exit_kinds = 16 };
		for (unsigned k = 0; k < 16; k++) {
			memset(vp->exits[k].name, 'a' + (int)k, 22);
			vp->exits[k].count = INT64_MAX;
		}
	}
	len = report_stats(&s, text);
	cr_assert_eq(stats_parse((uint8_t *)text, len, &back, &e), 0, "%s",
	    e.text);
	cr_expect_eq(back.vps, STATUS_VPS_MAX);
}

Test(report, as_many_channels_as_fit_come_back)
{
	static struct channel_state c[REPORT_CHANNELS_MAX], back[CHANNELS_MAX];
	const struct channel_flow most = { .size = 1 << 26, .fill = 1 << 26,
		.packets = INT64_MAX, .bytes = INT64_MAX,
		.signals = INT64_MAX };
	unsigned count = 0;
	struct err e;
	bool more;
	size_t len;

	for (unsigned i = 0; i < REPORT_CHANNELS_MAX; i++) {
		c[i] = (struct channel_state){ .relid = 1900 + i,
			.sub_channel = UINT16_MAX, .vp = UINT32_MAX,
			.has_vp = true, .full = INT64_MAX,
			.from_guest = most, .to_guest = most };
		memset(c[i].class_id, 'a', CHANNEL_GUID_MAX - 1);
		memset(c[i].instance_id, 'b', CHANNEL_GUID_MAX - 1);
	}
	c[3].to_guest.broken = true;
	c[3].to_guest.fill = 0;
	len = report_channels(c, REPORT_CHANNELS_MAX, true, text);
	cr_assert_eq(channels_parse((uint8_t *)text, len, back, &count, &more,
	    &e), 0, "%s", e.text);
	cr_expect_eq(count, REPORT_CHANNELS_MAX);
	cr_expect(more);
	cr_expect_arr_eq(back, c, sizeof(c));
}

Test(report, yes_and_no)
{
	struct err e;
	size_t len = report_done(text);

	cr_expect_eq(reply_parse((uint8_t *)text, len, &e), 0);
	len = report_refused("it is \"paused\"", text);
	cr_expect_eq(reply_parse((uint8_t *)text, len, &e), -1);
	cr_expect_str_eq(e.text, "it is \"paused\"");
}
