/* SPDX-License-Identifier: Apache-2.0 */
/* Clients and what becomes of their requests. */
#include <criterion/criterion.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "guest.h"
#include "integration/desk.h"
#include "integration/utf16.h"

#define FILE_FD 77
#define FILE_SIZE 7000u

static struct services s;
static struct desk d;
static struct guest g;
static unsigned closed;
static int read_code;
static struct timesync_reading reading;

static void
clock_read(void *context, struct timesync_reading *out)
{
	*out = *(const struct timesync_reading *)context;
}

static const struct timesync_clock test_clock = { clock_read };

static int
source_size(int fd, uint64_t *out, struct err *e)
{
	if (fd != FILE_FD)
		return err_set(e, EINVAL, "no file");
	*out = FILE_SIZE;
	return 0;
}

static int
source_read(int fd, uint64_t offset, uint8_t *out, uint32_t size,
    struct err *e)
{
	cr_expect_eq(fd, FILE_FD);
	if (read_code != 0)
		return err_set(e, read_code, "unreadable");
	memset(out, (int)(offset & 0xff), size);
	return 0;
}

static void
source_close(int fd)
{
	(void)fd;
	closed++;
}

static const struct desk_source source = {
	source_size, source_read, source_close,
};

static void
set_up(void)
{
	services_init(&s, &test_clock, &reading);
	desk_init(&d, &s, &source);
}

TestSuite(desk, .init = set_up);

static size_t
ask(unsigned client, const char *json, int fd)
{
	struct request r;
	struct err e = { 0 };

	cr_assert_eq(request_parse((const uint8_t *)json, strlen(json), &r,
	    &e), 0, "%s", e.text);
	return desk_ask(&d, client, &r, fd, g.now);
}

static void
expect_reply(size_t len, const char *part)
{
	cr_assert_eq(len, strlen(d.reply));
	cr_assert_gt(len, 0);
	cr_expect_not_null(strstr(d.reply, part), "\"%s\" is not in %s", part,
	    d.reply);
}

Test(desk, status_without_a_guest_says_so)
{
	expect_reply(ask(0, "{\"op\":\"status\"}", -1),
	    "{\"ok\":true,\"heartbeat\":\"none\",\"missed\":0,"
	    "\"services\":[],\"clock_set\":0,\"frozen\":false}");
}

Test(desk, status_tells_what_is_known)
{
	guest_open(&g, &s.heartbeat.ic, 0);
	guest_open(&g, &s.kvp.ic, 0);
	s.heartbeat.state = HEARTBEAT_OK;
	s.timesync.has_drift = true;
	s.timesync.drift = -5;
	s.kvp.known = true;
	facts_take(&s.kvp.facts, "OSName", "Debian");
	facts_take(&s.kvp.facts, "OSBuildNumber", "6.12");
	facts_take(&s.kvp.facts, "NetworkAddressIPv4", "10.0.0.2;10.0.0.3");
	expect_reply(ask(0, "{\"op\":\"status\"}", -1),
	    "\"services\":[\"heartbeat\",\"pairs\"],\"os\":\"Debian\","
	    "\"kernel\":\"6.12\",\"addresses\":[\"10.0.0.2\",\"10.0.0.3\"],"
	    "\"drift_ns\":-500");
}

Test(desk, shutdown_waits_for_the_guest)
{
	expect_reply(ask(1, "{\"op\":\"shutdown\"}", -1),
	    "{\"ok\":false,\"error\":\"the guest has no shutdown service\"");
	guest_open(&g, &s.shutdown.ic, 0);
	cr_expect_eq(ask(1, "{\"op\":\"restart\",\"force\":true}", -1), 0);
	expect_reply(ask(1, "{\"op\":\"status\"}", -1),
	    "one request at a time");
	cr_expect_eq(desk_outcome(&d, 1), 0);
	cr_expect_eq(desk_outcome(&d, 2), 0);
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 1), "{\"ok\":true}");
	cr_expect_eq(desk_outcome(&d, 1), 0, "given out once");
}

Test(desk, pairs_are_read_for_one_client_at_a_time)
{
	struct wire_kvp body;

	guest_open(&g, &s.kvp.ic, 0);
	guest_echo(&g, IC_STATUS_NO_MORE);
	cr_expect_eq(ask(0, "{\"op\":\"kvp-get\",\"key\":\"a\"}", -1), 0);
	expect_reply(ask(1, "{\"op\":\"kvp-get\",\"key\":\"b\"}", -1),
	    "another request");
	cr_assert(guest_take(&g));
	memcpy(&body, g.body, sizeof(body));
	body.u.pair.value_size = (uint32_t)utf16_write("web",
	    body.u.pair.value, WIRE_KVP_VALUE);
	memcpy(g.body, &body, sizeof(body));
	guest_answer(&g, 0);
	expect_reply(desk_outcome(&d, 0), "{\"ok\":true,\"value\":\"web\"}");
	cr_expect_eq(ask(1, "{\"op\":\"kvp-set\",\"key\":\"b\"}", -1), 0);
	guest_echo(&g, IC_STATUS_FAILED);
	expect_reply(desk_outcome(&d, 1), "\"ok\":false");
}

Test(desk, outcome_for_a_client_that_left_blocks_nobody)
{
	guest_open(&g, &s.kvp.ic, 0);
	guest_echo(&g, IC_STATUS_NO_MORE);
	cr_expect_eq(ask(0, "{\"op\":\"kvp-delete\",\"key\":\"a\"}", -1), 0);
	desk_forget(&d, 0, g.now);
	expect_reply(ask(1, "{\"op\":\"kvp-delete\",\"key\":\"b\"}", -1),
	    "another request");
	guest_echo(&g, 0);
	cr_expect_eq(desk_outcome(&d, 0), 0);
	cr_expect_eq(ask(1, "{\"op\":\"kvp-delete\",\"key\":\"b\"}", -1), 0);
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 1), "{\"ok\":true}");
}

Test(desk, addresses_come_as_lists)
{
	struct wire_kvp_ip ip;

	guest_open(&g, &s.kvp.ic, 0);
	guest_echo(&g, IC_STATUS_NO_MORE);
	cr_expect_eq(ask(0, "{\"op\":\"addresses\","
	    "\"mac\":\"00:15:5D:00:00:01\"}", -1), 0);
	cr_assert(guest_take(&g));
	memcpy(&ip, g.body, sizeof(ip));
	utf16_write("10.0.0.2;;10.0.0.3", ip.addresses, sizeof(ip.addresses));
	memcpy(g.body, &ip, sizeof(ip));
	guest_answer(&g, 0);
	expect_reply(desk_outcome(&d, 0),
	    "{\"ok\":true,\"addresses\":[\"10.0.0.2\",\"10.0.0.3\"],"
	    "\"masks\":[],\"gateways\":[],\"dns\":[],\"dhcp\":false}");
}

#define COPY "{\"op\":\"copy\",\"path\":\"/a/b\"}"

Test(desk, file_is_copied_block_by_block)
{
	guest_open(&g, &s.fcopy.ic, 0);
	cr_expect_eq(ask(0, COPY, FILE_FD), 0);
	guest_echo(&g, 0);
	for (int i = 0; i < 2; i++) {
		desk_feed(&d, g.now);
		desk_feed(&d, g.now);
		cr_expect_eq(desk_outcome(&d, 0), 0);
		guest_echo(&g, 0);
	}
	cr_expect_eq(closed, 0);
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 0), "{\"ok\":true}");
	cr_expect_eq(closed, 1);
}

Test(desk, no_descriptor_is_lost)
{
	expect_reply(ask(0, COPY, -1), "no file came");
	expect_reply(ask(0, COPY, FILE_FD), "does not run");
	cr_expect_eq(closed, 1);
	expect_reply(ask(0, COPY, FILE_FD + 1), "no file");
	cr_expect_eq(closed, 2);
	expect_reply(ask(0, "{\"op\":\"status\"}", FILE_FD), "true");
	cr_expect_eq(closed, 3);
	guest_open(&g, &s.fcopy.ic, 0);
	cr_expect_eq(ask(0, COPY, FILE_FD), 0);
	expect_reply(ask(0, COPY, FILE_FD), "one request");
	cr_expect_eq(closed, 4);
	expect_reply(ask(1, COPY, FILE_FD), "another copy");
	cr_expect_eq(closed, 5);
	desk_forget(&d, 0, g.now);
	cr_expect_eq(closed, 6);
	desk_feed(&d, g.now);
}

Test(desk, unreadable_file_is_told)
{
	guest_open(&g, &s.fcopy.ic, 0);
	cr_expect_eq(ask(0, COPY, FILE_FD), 0);
	guest_echo(&g, 0);
	read_code = EIO;
	desk_feed(&d, g.now);
	cr_expect_eq(desk_outcome(&d, 0), 0);
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 0), "unreadable");
}

static void
freeze(const char *json)
{
	guest_open(&g, &s.vss.ic, 0);
	cr_expect_eq(ask(0, json, -1), 0);
	guest_echo(&g, 0);
	guest_echo(&g, 0);
}

Test(desk, frozen_by_one_and_thawed_by_another)
{
	freeze("{\"op\":\"freeze\",\"seconds\":9}");
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 0), "{\"ok\":true}");
	desk_forget(&d, 0, g.now);
	expect_reply(ask(2, "{\"op\":\"status\"}", -1), "\"frozen\":true");
	cr_expect_eq(ask(1, "{\"op\":\"thaw\"}", -1), 0);
	guest_echo(&g, 0);
	guest_echo(&g, 0);
	expect_reply(desk_outcome(&d, 1), "{\"ok\":true}");
	expect_reply(ask(1, "{\"op\":\"thaw\"}", -1), "{\"ok\":true}");
}

Test(desk, who_leaves_before_it_is_frozen_does_not_want_it)
{
	freeze("{\"op\":\"freeze\"}");
	desk_forget(&d, 0, g.now);
	guest_echo(&g, 0);
	cr_assert(guest_take(&g));
	cr_expect_eq(g.body[0], WIRE_VSS_THAW);
}

Test(desk, clock_is_set_on_demand)
{
	expect_reply(ask(0, "{\"op\":\"sync-time\"}", -1), "cannot be set");
	guest_open(&g, &s.timesync.ic, 0);
	guest_echo(&g, 0);
	expect_reply(ask(0, "{\"op\":\"sync-time\"}", -1), "{\"ok\":true}");
	cr_expect_eq(s.timesync.steps, 2);
}
