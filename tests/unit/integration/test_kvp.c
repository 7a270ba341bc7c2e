/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest tells of itself, and pairs written and read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"
#include "integration/kvp.h"
#include "integration/utf16.h"

static struct kvp k;
static struct guest g;
static struct wire_kvp body;
static struct err e;

static const char *const told[][2] = {
	{ "FullyQualifiedDomainName", "web.example" },
	{ "IntegrationServicesVersion", "3.1" },
	{ "NetworkAddressIPv4", "10.0.0.2;127.0.0.1" },
	{ "OSBuildNumber", "6.12.1-amd64" },
	{ "OSName", "Debian GNU/Linux" },
	{ "OSMajorVersion", "13" },
};

#define TOLD (sizeof(told) / sizeof(told[0]))

static const struct kvp_entry entry = {
	.pool = KVP_POOL_EXTERNAL, .key = "role", .value = "w\xc3\xa9" "b",
};

static void
set_up(void)
{
	kvp_init(&k);
}

TestSuite(kvp, .init = set_up);

static void
take(void)
{
	cr_assert(guest_take(&g));
	cr_assert_eq(g.size, sizeof(body), "a guest copies all of it");
	memcpy(&body, g.body, sizeof(body));
}

static void
answer(uint32_t status)
{
	memcpy(g.body, &body, sizeof(body));
	guest_answer(&g, status);
}

static void
pair_put(struct wire_kvp_pair *p, const char *key, const char *value)
{
	p->value_type = WIRE_KVP_STRING;
	p->key_size = (uint32_t)utf16_write(key, p->key, sizeof(p->key));
	p->value_size = (uint32_t)utf16_write(value, p->value,
	    sizeof(p->value));
}

/* Answer enumeration until it ends. */
static void
enumerate(void)
{
	for (;;) {
		take();
		cr_assert_eq(body.op, WIRE_KVP_ENUMERATE);
		cr_assert_eq(body.pool, KVP_POOL_AUTO);
		if (body.u.pair_at.index >= TOLD)
			break;
		pair_put(&body.u.pair_at.pair,
		    told[body.u.pair_at.index][0],
		    told[body.u.pair_at.index][1]);
		answer(0);
	}
	answer(IC_STATUS_NO_MORE);
}

static void
open_and_enumerate(void)
{
	guest_open(&g, &k.ic, 0);
	enumerate();
}

Test(kvp, guest_tells_of_itself_again_and_again)
{
	open_and_enumerate();
	cr_expect(k.known);
	cr_expect_str_eq(k.facts.fqdn, "web.example");
	cr_expect_str_eq(k.facts.kernel, "6.12.1-amd64");
	cr_expect_eq(k.facts.address_count, 1);
	cr_expect_str_eq(k.facts.address[0], "10.0.0.2");
	guest_wait(&g, KVP_PERIOD_LONG - 1);
	cr_expect_not(guest_take(&g));
	guest_wait(&g, 1);
	enumerate();
	cr_expect_eq(k.facts.address_count, 1, "not one more each time");
}

Test(kvp, guest_without_an_address_is_asked_soon)
{
	guest_open(&g, &k.ic, 0);
	take();
	answer(IC_STATUS_NO_MORE);
	cr_expect(k.known);
	guest_wait(&g, KVP_PERIOD_SHORT);
	enumerate();
}

Test(kvp, enumeration_that_fails_leaves_what_was_known)
{
	open_and_enumerate();
	guest_wait(&g, KVP_PERIOD_LONG);
	take();
	answer(IC_STATUS_FAILED);
	cr_expect_str_eq(k.facts.fqdn, "web.example");
	guest_wait(&g, KVP_PERIOD_LONG);
	take();
	g.header.size = 100;
	answer(0);
	cr_expect_str_eq(k.facts.fqdn, "web.example");
	ic_close(&k.ic, g.now);
	cr_expect_str_eq(k.facts.fqdn, "");
}

Test(kvp, guest_that_never_ends_is_not_listened_to_for_ever)
{
	guest_open(&g, &k.ic, 0);
	for (unsigned i = 0; i < KVP_INDEX_MAX; i++) {
		take();
		pair_put(&body.u.pair_at.pair, "OSName", "Endless");
		answer(0);
	}
	cr_expect_not(guest_take(&g));
	cr_expect_str_eq(k.facts.os_name, "Endless");
}

Test(kvp, pairs_that_cannot_be_read_are_passed_over)
{
	struct wire_kvp_pair *p = &body.u.pair_at.pair;

	guest_open(&g, &k.ic, 0);
	take();
	pair_put(p, "OSName", "x");
	p->key_size = WIRE_KVP_KEY + 1;
	answer(0);
	take();
	pair_put(p, "OSName", "x");
	p->value_size = UINT32_MAX;
	answer(0);
	take();
	pair_put(p, "OSName", "x");
	p->value_type = 3;
	answer(0);
	take();
	pair_put(p, "OSName", "x");
	p->value[1] = 0xdc;
	answer(0);
	cr_expect_eq(k.ic.odd, 4);
	take();
	pair_put(p, "OSMajorVersion", "");
	p->value_type = WIRE_KVP_U32;
	memcpy(p->value, &(uint32_t){ 4000000000 }, 4);
	answer(0);
	take();
	answer(IC_STATUS_NO_MORE);
	cr_expect_str_eq(k.facts.os_name, "");
	cr_expect_str_eq(k.facts.os_major, "4000000000");
}

Test(kvp, value_is_read)
{
	open_and_enumerate();
	cr_assert_eq(kvp_get(&k, &entry, 0, &e), 0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_GET);
	cr_expect_eq(body.pool, KVP_POOL_EXTERNAL);
	cr_expect_eq(body.u.pair.key_size, 10);
	cr_expect_arr_eq(body.u.pair.key, "r\0o\0l\0e\0\0\0", 10);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, EINPROGRESS);
	pair_put(&body.u.pair, "role", entry.value);
	answer(0);
	cr_expect_eq(kvp_report(&k, &e), 0);
	cr_expect_str_eq(k.job.value, entry.value);
}

Test(kvp, key_that_is_not_there_is_told)
{
	open_and_enumerate();
	cr_assert_eq(kvp_get(&k, &entry, 0, &e), 0);
	take();
	answer(IC_STATUS_NO_MORE);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, ENOENT);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, ENOENT);
}

Test(kvp, value_is_written_and_deleted)
{
	open_and_enumerate();
	cr_assert_eq(kvp_set(&k, &entry, 0, &e), 0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_SET);
	cr_expect_eq(body.u.pair.value_type, WIRE_KVP_STRING);
	cr_expect_eq(body.u.pair.value_size, 8);
	cr_expect_arr_eq(body.u.pair.value, "w\0\xe9\0b\0\0\0", 8);
	answer(0);
	cr_expect_eq(kvp_report(&k, &e), 0);
	cr_assert_eq(kvp_delete(&k, &entry, 0, &e), 0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_DELETE);
	cr_expect_eq(body.u.key.key_size, 10);
	cr_expect_arr_eq(body.u.key.key, "r\0o\0l\0e\0\0\0", 10);
	answer(IC_STATUS_FAILED);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, EIO);
}

Test(kvp, request_has_its_turn_amid_an_enumeration)
{
	guest_open(&g, &k.ic, 0);
	cr_assert_eq(kvp_get(&k, &entry, 0, &e), 0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_ENUMERATE);
	pair_put(&body.u.pair_at.pair, told[0][0], told[0][1]);
	answer(0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_GET);
	pair_put(&body.u.pair, "role", "web");
	answer(0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_ENUMERATE);
	cr_expect_eq(body.u.pair_at.index, 1);
	cr_expect_eq(kvp_report(&k, &e), 0);
}

Test(kvp, what_does_not_fit_is_refused)
{
	static char big[WIRE_KVP_VALUE / 2 + 1];
	struct kvp_entry bad = { .pool = 0, .key = big, .value = "x" };

	cr_expect_eq(kvp_get(&k, &entry, 0, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
	open_and_enumerate();
	memset(big, 'x', sizeof(big) - 1);
	cr_expect_eq(kvp_set(&k, &bad, 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	bad = (struct kvp_entry){ .pool = 0, .key = "x", .value = big };
	cr_expect_eq(kvp_set(&k, &bad, 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	bad = (struct kvp_entry){ .pool = 0, .key = "", .value = "x" };
	cr_expect_eq(kvp_set(&k, &bad, 0, &e), -1);
	bad = (struct kvp_entry){ .pool = KVP_POOL_AUTO, .key = "x" };
	cr_expect_eq(kvp_delete(&k, &bad, 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_not(guest_take(&g));
	cr_expect_eq(kvp_get(&k, &entry, 0, &e), 0, "none of them is kept");
	cr_expect_eq(kvp_get(&k, &entry, 0, &e), -1);
	cr_expect_eq(e.code, EBUSY);
}

Test(kvp, addresses_of_an_adapter)
{
	struct wire_kvp_ip ip;

	open_and_enumerate();
	cr_expect_eq(kvp_get_ip(&k, "00:15:5d:00:00:01", 0, &e), -1);
	cr_expect_eq(kvp_get_ip(&k, "00:15:5D:00:00:0", 0, &e), -1);
	cr_expect_eq(kvp_get_ip(&k, "00-15-5D-00-00-01", 0, &e), -1);
	cr_expect_eq(e.code, EINVAL);
	cr_assert_eq(kvp_get_ip(&k, "00:15:5D:00:00:01", 0, &e), 0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_GET_IP);
	memcpy(&ip, &body, sizeof(ip));
	cr_expect_arr_eq(ip.adapter, "0\0000\0:\0001\0005\0:\0", 12);
	utf16_write("10.0.0.2;", ip.addresses, sizeof(ip.addresses));
	utf16_write("10.0.0.1", ip.gateways, sizeof(ip.gateways));
	ip.dhcp = 1;
	memcpy(&body, &ip, sizeof(ip));
	answer(0);
	cr_expect_eq(kvp_report(&k, &e), 0);
	cr_expect_str_eq(k.job.value, "10.0.0.2;");
	cr_expect_str_eq(k.job.gateways, "10.0.0.1");
	cr_expect_str_eq(k.job.masks, "");
	cr_expect(k.job.dhcp);
}

Test(kvp, silence_ends_a_request_and_a_late_answer_is_nobodys)
{
	open_and_enumerate();
	cr_assert_eq(kvp_get(&k, &entry, 0, &e), 0);
	take();
	guest_wait(&g, KVP_LIMIT);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
	cr_expect_eq(kvp_get(&k, &entry, g.now, &e), -1);
	cr_expect_eq(e.code, ERR_TIMEOUT);
	answer(0);
	take();
	cr_expect_eq(body.op, WIRE_KVP_ENUMERATE, "it goes on");
}

Test(kvp, closing_ends_a_request)
{
	open_and_enumerate();
	cr_assert_eq(kvp_get(&k, &entry, 0, &e), 0);
	ic_close(&k.ic, 1);
	cr_expect_eq(kvp_report(&k, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}
