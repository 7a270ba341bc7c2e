/* SPDX-License-Identifier: Apache-2.0 */
/* What clients may ask, and how the ports are described to them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network/request.h"

static struct request_asked r;
static struct err e;
static char reply[REQUEST_REPLY_MAX];

static int
parse(const char *json)
{
	memset(&e, 0, sizeof(e));
	return request_parse((const uint8_t *)json, strlen(json), &r, &e);
}

Test(request, each_op)
{
	cr_assert_eq(parse("{\"op\":\"list\"}"), 0);
	cr_expect_eq(r.op, REQUEST_LIST);
	cr_assert_eq(parse("{\"op\":\"stats\"}"), 0);
	cr_expect_eq(r.op, REQUEST_STATS);
	cr_assert_eq(parse("{\"op\":\"detach\",\"port\":7}"), 0);
	cr_expect_eq(r.port, 7);
	cr_assert_eq(parse("{\"op\":\"link\",\"port\":1,\"up\":true}"), 0);
	cr_expect_eq(r.port, 1);
	cr_expect(r.up);
	cr_assert_eq(parse("{\"op\":\"attach\",\"network\":\"br0,vlan=7\","
	    "\"mtu\":9000}"), 0);
	cr_expect_eq(r.mtu, 9000);
	cr_expect_str_eq(r.network.bridge, "br0");
	cr_expect_eq(r.network.vlan, 7);
}

Test(request, what_is_none)
{
	static const char *const wrong[] = {
		"", "x", "[]", "{}", "{\"op\":1}", "{\"op\":\"fly\"}",
		"{\"op\":\"detach\"}", "{\"op\":\"detach\",\"port\":8}",
		"{\"op\":\"detach\",\"port\":-1}",
		"{\"op\":\"link\",\"port\":0}",
		"{\"op\":\"link\",\"port\":0,\"up\":1}",
		"{\"op\":\"attach\",\"mtu\":1500}",
		"{\"op\":\"attach\",\"network\":\"br0\"}",
		"{\"op\":\"attach\",\"network\":\"br0\",\"mtu\":9001}",
		"[[[[[[[[]]]]]]]]",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_expect_eq(parse(wrong[i]), -1, "%s", wrong[i]);
		cr_expect_eq(e.code, EPROTO, "%s", wrong[i]);
	}
	cr_expect_eq(parse("{\"op\":\"attach\",\"network\":\"a/b\","
	    "\"mtu\":1500}"), -1);
	cr_expect_eq(e.code, EINVAL);
}

/* The text of one member of the first object in array @array of the reply. */
static const char *
first(const char *array, const char *key)
{
	static char text[64];
	json_object *o = json_tokener_parse(reply), *all, *v;

	cr_assert_not_null(o);
	cr_assert(json_object_object_get_ex(o, array, &all));
	cr_assert(json_object_object_get_ex(
	    json_object_array_get_idx(all, 0), key, &v));
	snprintf(text, sizeof(text), "%s", json_object_get_string(v));
	json_object_put(o);
	return text;
}

Test(request, ports_are_described)
{
	struct port *p = calloc(1, sizeof(*p));
	struct port *ports[CONFIG_NETWORKS_MAX] = { NULL, p };

	cr_assert_not_null(p);
	strcpy(p->config.bridge, "default");
	strcpy(p->tap.name, "mtap3");
	p->tap.mtu = 1500;
	p->adapter.config.mac[0] = 2;
	p->adapter.config.queues = 2;
	p->adapter.link_up = true;
	p->adapter.queues[0].stats.sent_bytes = 12345;
	cr_expect_eq(reply_list(ports, reply), strlen(reply));
	cr_expect_str_eq(first("networks", "port"), "1");
	cr_expect_str_eq(first("networks", "bridge"), "mullion0");
	cr_expect_str_eq(first("networks", "device"), "mtap3");
	cr_expect_str_eq(first("networks", "mac"), "02:00:00:00:00:00");
	cr_expect_str_eq(first("networks", "up"), "true");
	cr_expect_eq(reply_stats(ports, reply), strlen(reply));
	cr_expect_str_eq(first("queues", "sent_bytes"), "12345");
	err_set(&e, EINVAL, "no \"x\"");
	cr_expect_eq(reply_refused(&e, reply), strlen(reply));
	cr_expect_str_eq(reply, "{\"ok\":false,\"error\":\"no \\\"x\\\"\"}");
	reply_done(4, reply);
	cr_expect_str_eq(reply, "{\"ok\":true,\"port\":4}");
	free(p);
}
