/* SPDX-License-Identifier: Apache-2.0 */
/* What clients say, and what they are told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/dynamic_memory.h"
#include "memory/report.h"
#include "memory/request.h"

static struct request r;
static struct err e;

static int
parse(const char *json)
{
	return request_parse((const uint8_t *)json, strlen(json), &r, &e);
}

Test(words, both_requests_are_understood)
{
	cr_assert_eq(parse("{\"op\":\"status\"}"), 0);
	cr_expect_eq(r.op, REQUEST_STATUS);
	cr_assert_eq(parse("{\"op\":\"set\",\"bytes\":8388608}"), 0);
	cr_expect_eq(r.op, REQUEST_SET);
	cr_expect_eq(r.bytes, 8388608);
}

Test(words, odd_amounts_are_refused)
{
	cr_expect_eq(parse("{\"op\":\"set\"}"), -1);
	cr_expect_eq(parse("{\"op\":\"set\",\"bytes\":\"8388608\"}"), -1);
	cr_expect_eq(parse("{\"op\":\"set\",\"bytes\":8388609}"), -1);
	cr_expect_eq(parse("{\"op\":\"set\",\"bytes\":-8388608}"), -1);
	cr_expect_eq(e.code, EPROTO);
}

Test(words, status_is_read_as_it_was_written)
{
	static struct dm d;
	char text[REPORT_MAX];
	struct memory_state s;
	size_t len;

	dm_init(&d, 16, 1024);
	d.state = DM_READY;
	d.has_figures = d.has_pressure = true;
	d.present = 512;
	d.given_up = 128;
	d.committed = 200;
	d.available = 300;
	len = report_status(&d, 12345, text);
	cr_assert_eq(dynamic_memory_parse((const uint8_t *)text, len, &s, &e),
	    0);
	cr_expect_str_eq(s.driver, "ready");
	cr_expect_eq(s.assigned, 384 * 4096);
	cr_expect_eq(s.given_up, 128 * 4096);
	cr_expect_eq(s.demanded, 72 * 4096);
	cr_expect_eq(s.available, 300 * 4096);
	cr_expect_eq(s.resident, 12345);
	cr_expect_eq(s.min, 16 * 4096);
	cr_expect_eq(s.max, 1024 * 4096);
}

Test(words, what_is_not_known_is_not_told)
{
	static struct dm d;
	char text[REPORT_MAX];
	struct memory_state s;
	size_t len;

	dm_init(&d, 16, 1024);
	len = report_status(&d, 0, text);
	cr_assert_eq(dynamic_memory_parse((const uint8_t *)text, len, &s, &e),
	    0);
	cr_expect_str_eq(s.driver, "none");
	cr_expect_not(s.has_assigned);
	cr_expect_not(s.has_demanded);
}

Test(words, refusal_has_its_code)
{
	char text[REPORT_MAX];
	struct memory_state s;
	size_t len;

	err_set(&e, ENOTCONN, "no driver");
	len = report_refused(&e, text);
	cr_expect_eq(dynamic_memory_parse((const uint8_t *)text, len, &s, &e),
	    -1);
	cr_expect_eq(e.code, ENOTCONN);
	cr_expect_str_eq(e.text, "no driver");
}
