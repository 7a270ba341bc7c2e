/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked over the control socket, and how answers look. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"
#include "storage/request.h"

static char reply[REQUEST_REPLY_MAX];

static int
parse(const char *text, struct request_asked *r, struct err *e)
{
	return request_parse((const uint8_t *)text, strlen(text), r, e);
}

static void
expect_refused(const char *text, const char *part)
{
	struct request_asked r;
	struct err e = { 0 };

	cr_expect_eq(parse(text, &r, &e), -1, "accepted: %s", text);
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(request, each_operation_is_read)
{
	struct request_asked r;
	struct err e = { 0 };

	cr_assert_eq(parse("{\"op\":\"list\"}", &r, &e), 0, "%s", e.text);
	cr_expect_eq(r.op, REQUEST_LIST);
	cr_assert_eq(parse("{\"op\":\"attach\",\"disk\":\"/a,id=x\"}", &r,
	    &e), 0, "%s", e.text);
	cr_expect_eq(r.op, REQUEST_ATTACH);
	cr_expect_eq(r.lun, REQUEST_LUN_ANY);
	cr_expect_str_eq(r.disk.path, "/a");
	cr_expect_str_eq(r.disk.id, "x");
	cr_assert_eq(parse("{\"op\":\"attach\",\"disk\":\"/a\",\"lun\":63}",
	    &r, &e), 0);
	cr_expect_eq(r.lun, 63);
	cr_assert_eq(parse("{\"op\":\"detach\",\"lun\":0}", &r, &e), 0);
	cr_expect_eq(r.op, REQUEST_DETACH);
	cr_expect_eq(r.lun, 0);
	cr_assert_eq(parse("{\"op\":\"resize\",\"lun\":1,\"size\":4096}",
	    &r, &e), 0);
	cr_expect_eq(r.size, 4096);
	cr_expect_eq(parse("{\"op\":\"resize\",\"lun\":1,\"size\":0}", &r,
	    &e), -1);
	cr_expect_eq(parse("{\"op\":\"resize\",\"lun\":1,\"size\":\"4G\"}",
	    &r, &e), -1);
	cr_assert_eq(parse("{\"op\":\"resize\",\"lun\":1}", &r, &e), 0);
	cr_expect_eq(r.op, REQUEST_RESIZE);
}

Test(request, all_else_is_refused)
{
	expect_refused("", "{\"op\":\"...\"} is expected");
	expect_refused("[]", "{\"op\":\"...\"} is expected");
	expect_refused("{\"op\":1}", "{\"op\":\"...\"} is expected");
	expect_refused("{\"op\":\"eat\"}", "op \"eat\"");
	expect_refused("{\"op\":\"detach\"}", "\"lun\" is missing");
	expect_refused("{\"op\":\"detach\",\"lun\":64}", "from 0 to 63");
	expect_refused("{\"op\":\"detach\",\"lun\":-1}", "from 0 to 63");
	expect_refused("{\"op\":\"detach\",\"lun\":\"0\"}", "from 0 to 63");
	expect_refused("{\"op\":\"attach\"}", "\"disk\" is missing");
	expect_refused("{\"op\":\"attach\",\"disk\":\"a\"}",
	    "not an absolute path");
}

Test(request, answers_say_whether_it_went_well)
{
	struct err e = { .code = 16, .text = "no \"disk\"" };

	cr_expect_eq(reply_done(3, reply), strlen(reply));
	cr_expect_str_eq(reply, "{\"ok\":true,\"lun\":3}");
	cr_expect_eq(reply_refused(&e, reply), strlen(reply));
	cr_expect_str_eq(reply, "{\"ok\":false,"
	    "\"error\":\"no \\\"disk\\\"\",\"code\":16}");
}

Test(request, list_has_each_disk_with_its_figures)
{
	static struct config_disk made_of[CONTROLLER_LUNS];
	static struct guest g;

	guest_init_with_disk(&g);
	strcpy(made_of[0].path, "/srv/web.img");
	GUEST_RUN(&g, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	cr_expect_eq(reply_list(&g.controller, made_of, reply), strlen(reply));
	cr_expect_str_eq(reply, "{\"ok\":true,\"disks\":[{\"lun\":0,"
	    "\"path\":\"/srv/web.img\",\"format\":\"raw\","
	    "\"readonly\":false,\"full\":\"pause\",\"id\":\"demo-0\","
	    "\"size\":131072,\"waiting\":0,\"reads\":0,\"read_bytes\":0,"
	    "\"writes\":1,\"written_bytes\":512,\"flushes\":0,"
	    "\"discards\":0,\"errors\":0}]}");
	guest_free(&g);
}
