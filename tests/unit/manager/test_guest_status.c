/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken of the integration's answers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/guest_status.h"

static struct guest_status s;
static struct err e;

static int
parse(const char *json)
{
	return guest_status_parse((const uint8_t *)json, strlen(json), &s, &e);
}

Test(guest_status, all_is_read)
{
	cr_assert_eq(parse("{\"ok\":true,\"heartbeat\":\"lost\","
	    "\"missed\":7,\"services\":[\"time\"],\"os\":\"Debian\","
	    "\"kernel\":\"6.12\",\"fqdn\":\"web\","
	    "\"architecture\":\"x86_64\",\"addresses\":[\"10.0.0.2\",1,"
	    "\"::2\"],\"drift_ns\":-5,\"frozen\":true,\"new\":{}}"), 0);
	cr_expect_str_eq(s.heartbeat, "lost");
	cr_expect_eq(s.missed, 7);
	cr_expect_eq(s.service_count, 1);
	cr_expect_str_eq(s.service[0], "time");
	cr_expect_str_eq(s.os, "Debian");
	cr_expect_str_eq(s.kernel, "6.12");
	cr_expect_str_eq(s.fqdn, "web");
	cr_expect_str_eq(s.architecture, "x86_64");
	cr_expect_eq(s.address_count, 2);
	cr_expect_str_eq(s.address[1], "::2");
	cr_expect(s.has_drift);
	cr_expect_eq(s.drift_ns, -5);
	cr_expect(s.frozen);
}

Test(guest_status, little_is_enough)
{
	cr_assert_eq(parse("{\"ok\":true,\"heartbeat\":\"none\"}"), 0);
	cr_expect_str_eq(s.os, "");
	cr_expect_eq(s.address_count, 0);
	cr_expect_not(s.has_drift);
	cr_expect_not(s.frozen);
}

Test(guest_status, guest_cannot_command_a_terminal)
{
	cr_assert_eq(parse("{\"ok\":true,\"heartbeat\":\"ok\","
	    "\"os\":\"a\\u001b[2Jb\\u00e9\"}"), 0);
	cr_expect_str_eq(s.os, "a?[2Jb??");
}

Test(guest_status, too_many_addresses_are_cut_off)
{
	char json[2048] = "{\"ok\":true,\"heartbeat\":\"ok\","
			  "\"addresses\":[";

	for (int i = 0; i < 3 * GUEST_ADDRESSES_MAX; i++)
		strcat(json, "\"10.0.0.1\",");
	strcat(json, "\"x\"]}");
	cr_assert_eq(parse(json), 0);
	cr_expect_eq(s.address_count, GUEST_ADDRESSES_MAX);
}

Test(guest_status, refusal_has_its_code_and_words)
{
	cr_expect_eq(parse("{\"ok\":false,\"error\":\"no\",\"code\":107}"),
	    -1);
	cr_expect_eq(e.code, ENOTCONN);
	cr_expect_str_eq(e.text, "no");
	cr_expect_eq(parse("{\"ok\":false,\"code\":-3}"), -1);
	cr_expect_eq(e.code, EIO);
	cr_expect_eq(parse("{\"ok\":false,\"code\":99999}"), -1);
	cr_expect_eq(e.code, EIO);
}

Test(guest_status, anything_else_is_not_understood)
{
	static const char *const bad[] = { "", "{}", "[]", "{\"ok\":1}",
		"{\"ok\":true}", "{\"ok\":true,\"heartbeat\":1}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(parse(bad[i]), -1, "%s", bad[i]);
		cr_expect_eq(e.code, EPROTO, "%s", bad[i]);
	}
}
