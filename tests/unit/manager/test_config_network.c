/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said of network adapters, and what is said of wrong ones. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manager/config.h"

static struct err e;
static struct config_network n;

static void
expect_refused(const char *text, const char *part)
{
	struct config_network old = { .bridge = "old" };

	cr_expect_eq(config_network_parse(text, &old, &e), -1,
	    "accepted: %s", text);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_str_eq(old.bridge, "old");
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(config_network, bridge_alone)
{
	cr_assert_eq(config_network_parse("br-0.lan_1", &n, &e), 0);
	cr_expect_str_eq(n.bridge, "br-0.lan_1");
	cr_expect_str_eq(config_network_device(&n), "br-0.lan_1");
	cr_expect_not(n.has_mac || n.spoofing);
	cr_expect_eq(n.vlan, 0);
	cr_expect_eq(n.rate, 0);
	cr_assert_eq(config_network_parse("default", &n, &e), 0);
	cr_expect_str_eq(config_network_device(&n), "mullion0");
}

Test(config_network, options_follow_in_any_order)
{
	static const uint8_t mac[] = { 2, 0, 0, 0xAB, 0xcd, 9 };

	cr_assert_eq(config_network_parse(
	    "br0,spoofing=yes,rate=100M,vlan=4094,mac=02:00:00:AB:cd:09", &n,
	    &e), 0, "%s", e.text);
	cr_expect_arr_eq(n.mac, mac, sizeof(mac));
	cr_expect(n.has_mac && n.spoofing);
	cr_expect_eq(n.vlan, 4094);
	cr_expect_eq(n.rate, 100000000);
}

Test(config_network, ports_are_published)
{
	char text[CONFIG_NETWORK_TEXT_MAX];

	cr_assert_eq(config_network_parse(
	    "br0,publish=8080:80,vlan=3,publish=53:5353/udp,publish=1:2/tcp",
	    &n, &e), 0, "%s", e.text);
	cr_assert_eq(n.publish_count, 3);
	cr_expect_eq(n.publish[0].port, 8080);
	cr_expect_eq(n.publish[0].to, 80);
	cr_expect_not(n.publish[0].udp || n.publish[2].udp);
	cr_expect(n.publish[1].udp);
	config_network_print(&n, text);
	cr_expect_str_eq(text, "br0,vlan=3,publish=8080:80,"
	    "publish=53:5353/udp,publish=1:2");
	cr_assert_eq(config_network_parse("br0,publish=1:1,publish=1:2/udp",
	    &n, &e), 0, "not the same port");
}

Test(config_network, wrong_ports_are_refused)
{
	static const char *const wrong[] = { "", "80", "80:", ":80", "0:80",
		"80:0", "65536:80", "80:65536", "80:80/", "80:80/sctp", "80:80x",
		"8 0:80", "80:80/udp/udp" };
	char text[256];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "br0,publish=%s", wrong[i]);
		expect_refused(text, "not of the form 8080:80");
	}
	expect_refused("br0,publish=1:1,publish=1:2", "published twice");
	expect_refused("br0,publish=1:1,publish=2:1,publish=3:1,publish=4:1,"
	    "publish=5:1,publish=6:1,publish=7:1,publish=8:1,publish=9:1",
	    "more than 8");
}

Test(config_network, wrong_ones_are_told_what_is_right)
{
	expect_refused("", "name of a bridge");
	expect_refused(",vlan=1", "name of a bridge");
	expect_refused("a/b", "name of a bridge");
	expect_refused("..", "name of a bridge");
	expect_refused("sixteen-letters-", "name of a bridge");
	expect_refused("br0,", "rate=, spoofing= and publish=");
	expect_refused("br0,mtu=1", "but not \"mtu=1\"");
	expect_refused("br0,vlan", "but not \"vlan\"");
	expect_refused("br0,vlan=0", "1 to 4094");
	expect_refused("br0,vlan=4095", "1 to 4094");
	expect_refused("br0,vlan=1x", "1 to 4094");
	expect_refused("br0,vlan=", "1 to 4094");
	expect_refused("br0,vlan=1,vlan=1", "twice");
	expect_refused("br0,mac=02:00:00:00:00", "02:00:00:12:34:56");
	expect_refused("br0,mac=02-00-00-00-00-01", "02:00:00:12:34:56");
	expect_refused("br0,mac=02:00:00:00:00:0g", "02:00:00:12:34:56");
	expect_refused("br0,mac=03:00:00:00:00:01", "group");
	expect_refused("br0,rate=", "bits a second");
	expect_refused("br0,rate=10T", "bits a second");
	expect_refused("br0,rate=10MM", "bits a second");
	expect_refused("br0,rate=63999", "64K to 40G");
	expect_refused("br0,rate=41G", "64K to 40G");
	expect_refused("br0,rate=99999999999G", "64K to 40G");
	expect_refused("br0,spoofing=1", "neither");
}

Test(config_network, is_written_as_it_is_read)
{
	static const char *const texts[] = {
		"default",
		"br0,mac=02:00:00:ab:cd:ef,vlan=7,rate=100M,spoofing=yes",
		"br0,rate=1234567",
		"br0,rate=2500K",
	};
	char text[CONFIG_NETWORK_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_assert_eq(config_network_parse(texts[i], &n, &e), 0);
		config_network_print(&n, text);
		cr_expect_str_eq(text, texts[i]);
	}
}

Test(config_network, addresses_are_made_up_and_stay)
{
	uint8_t one[6], again[6], two[6], other[6];

	cr_assert_eq(config_network_parse("br0", &n, &e), 0);
	config_network_mac(&n, "web", 0, one);
	config_network_mac(&n, "web", 0, again);
	config_network_mac(&n, "web", 1, two);
	config_network_mac(&n, "wfb", 0, other);
	cr_expect_arr_eq(one, again, 6);
	cr_expect_neq(memcmp(one, two, 6), 0);
	cr_expect_neq(memcmp(one, other, 6), 0);
	cr_expect_eq(one[0], 2, "locally administered, of no group");
}

Test(config_network, file_has_several)
{
	static const char file[] = "network = br0,mac=02:00:00:00:00:01\n"
	    "network = br0\n";
	static const char same[] = "network = br0,mac=02:00:00:00:00:01\n"
	    "network = br1,mac=02:00:00:00:00:01\n";
	static struct config c;
	char text[CONFIG_TEXT_MAX];

	cr_assert_eq(config_parse((const uint8_t *)file, strlen(file), &c, &e),
	    0, "%s", e.text);
	cr_expect_eq(c.network_count, 2);
	config_format(&c, text);
	cr_expect_not_null(strstr(text, file));
	cr_expect_eq(config_parse((const uint8_t *)same, strlen(same), &c,
	    &e), -1);
	cr_expect_not_null(strstr(e.text, "line 2: network: its mac"));
	config_default(&c);
	for (int i = 0; i < CONFIG_NETWORKS_MAX; i++)
		cr_assert_eq(config_set(&c, CONFIG_KEY_NETWORK, "br0", &e),
		    0);
	cr_expect_eq(config_set(&c, CONFIG_KEY_NETWORK, "br0", &e), -1);
	cr_expect_not_null(strstr(e.text, "more than 8"));
}
