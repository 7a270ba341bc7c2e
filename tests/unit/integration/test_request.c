/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as they come in. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "integration/request.h"

static struct request r;
static struct err e;

static int
parse(const char *json)
{
	memset(&e, 0, sizeof(e));
	return request_parse((const uint8_t *)json, strlen(json), &r, &e);
}

Test(request, each_op_is_known)
{
	static const char *const names[REQUEST_OPS] = { "status", "shutdown",
		"restart", "kvp-get", "kvp-set", "kvp-delete", "addresses",
		"copy", "freeze", "thaw", "sync-time" };

	for (unsigned i = 0; i < REQUEST_OPS; i++) {
		char json[64];

		snprintf(json, sizeof(json), "{\"op\":\"%s\"}", names[i]);
		cr_expect_eq(parse(json), 0, "%s", json);
		cr_expect_eq(r.op, i);
	}
	cr_expect_eq(r.seconds, REQUEST_FREEZE_SECONDS);
	cr_expect_not(r.force || r.overwrite || r.make_path);
}

Test(request, members_are_taken)
{
	cr_assert_eq(parse("{\"op\":\"kvp-set\",\"pool\":1,\"key\":\"k\","
	    "\"value\":\"\\u00e9\",\"force\":true,\"overwrite\":true,"
	    "\"make_path\":true,\"seconds\":5,\"path\":\"/a\",\"mac\":\"m\","
	    "\"new\":[]}"), 0, "%s", e.text);
	cr_expect_eq(r.pool, 1);
	cr_expect_str_eq(r.key, "k");
	cr_expect_str_eq(r.value, "\xc3\xa9");
	cr_expect(r.force && r.overwrite && r.make_path);
	cr_expect_eq(r.seconds, 5);
	cr_expect_str_eq(r.path, "/a");
	cr_expect_str_eq(r.mac, "m");
}

Test(request, anything_else_is_refused)
{
	static const char *const bad[] = { "", "{", "[]", "null", "{}",
		"{\"op\":1}", "{\"op\":\"Status\"}", "{\"op\":\"\"}",
		"{\"op\":\"kvp-get\",\"key\":1}",
		"{\"op\":\"kvp-get\",\"pool\":2}",
		"{\"op\":\"kvp-get\",\"pool\":-1}",
		"{\"op\":\"kvp-get\",\"key\":\"a\\u0000b\"}",
		"{\"op\":\"freeze\",\"seconds\":\"1\"}",
		"{\"op\":\"shutdown\",\"force\":1}",
		"{\"op\":\"addresses\",\"mac\":"
		"\"0123456789012345678901234567890123\"}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(parse(bad[i]), -1, "%s", bad[i]);
		cr_expect_eq(e.code, EPROTO, "%s", bad[i]);
	}
}
