/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of clients, and the answers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "keyboard/request.h"

static struct request r;
static struct err e;

static int
parse(const char *text)
{
	return request_parse((const uint8_t *)text, strlen(text), &r, &e);
}

Test(request, presses_keys)
{
	cr_expect_eq(parse("{\"op\":\"send\",\"keys\":\"ctrl-c\"}"), 0);
	cr_expect_eq(r.count, 4);
}

Test(request, is_refused_if_it_makes_no_sense)
{
	cr_expect_eq(parse("{\"op\":\"send\"}"), -1);
	cr_expect_eq(e.code, EPROTO);
	cr_expect_eq(parse("{\"op\":\"send\",\"keys\":1}"), -1);
	cr_expect_eq(parse("{\"op\":\"type\",\"keys\":\"a\"}"), -1);
	cr_expect_eq(parse("{\"op\":\"send\",\"keys\":\"any\"}"), -1);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_eq(parse("keys"), -1);
}

Test(request, is_answered)
{
	char out[REQUEST_REPLY_MAX];

	cr_expect_eq(reply_done(out), strlen(out));
	cr_expect_str_eq(out, "{\"ok\":true}");
	err_set(&e, 107, "no \"keyboard\"");
	reply_refused(&e, out);
	cr_expect_str_eq(out, "{\"ok\":false,\"error\":"
	    "\"no \\\"keyboard\\\"\",\"code\":107}");
}
