/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers of control sockets. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/json_request.h"
#include "manager/json_write.h"

static const char *const names[] = { "list", "detach" };

static json_object *
read_text(const char *text, unsigned *op, struct err *e)
{
	return json_request_read((const uint8_t *)text, strlen(text), names, 2,
	    op, e);
}

Test(json, a_request_is_told_by_its_op)
{
	struct err e = { 0 };
	unsigned op = 0;
	json_object *o = read_text("{\"op\":\"detach\",\"lun\":3}", &op, &e);

	cr_assert_not_null(o);
	cr_assert_eq(op, 1);
	cr_assert_eq(json_object_get_int(json_request_member(o, "lun",
	    json_type_int)), 3);
	cr_assert_null(json_request_member(o, "lun", json_type_string));
	cr_assert_null(json_request_member(o, "disk", json_type_string));
	json_object_put(o);
}

Test(json, what_is_no_request_is_refused)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "null", "{}", "{\"op\":1}",
		"{\"op\":\"resize\"}", "{\"op\":[[[[[\"list\"]]]]]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		unsigned op = 9;

		cr_assert_null(read_text(bad[i], &op, &e), "%s", bad[i]);
		cr_assert_eq(e.code, EPROTO, "%s", bad[i]);
		cr_assert_eq(op, 9);
	}
}

Test(json, an_answer_is_printed)
{
	char out[128];
	json_object *o = json_answer(true);

	json_add_text(o, "path", "/a \"b\"");
	json_add_number(o, "n", UINT64_MAX);
	json_add_signed(o, "by", -2);
	cr_assert_eq(json_print(o, out, sizeof(out)), strlen(out));
	cr_assert_str_eq(out, "{\"ok\":true,\"path\":\"/a \\\"b\\\"\","
	    "\"n\":18446744073709551615,\"by\":-2}");
}

Test(json, an_answer_that_does_not_fit_is_a_refusal)
{
	char out[64];
	json_object *o = json_answer(true);

	json_add_text(o, "text", "as long as it takes to be more than fits "
	    "into sixty-four bytes");
	cr_assert_eq(json_print(o, out, sizeof(out)), strlen(out));
	cr_assert_not_null(strstr(out, "\"ok\":false"));
}
