/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports: who has them, and what packets are told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manager/publish.h"

static struct config config;
static struct publish_state states[CONFIG_NETWORKS_MAX];
static char rules[PUBLISH_RULES_MAX];
static struct err e;

static void
set_up(void)
{
	memset(&config, 0, sizeof(config));
	memset(states, 0, sizeof(states));
	config.network_count = 2;
	cr_assert_eq(config_network_parse("br0,publish=8080:80,"
	    "publish=53:5353/udp", &config.networks[0], &e), 0);
	cr_assert_eq(config_network_parse("br1,publish=22:2222",
	    &config.networks[1], &e), 0);
	memcpy(states[0].address, (uint8_t[]){ 10, 94, 0, 23 }, 4);
	states[0].reserved = 3;
}

TestSuite(publish, .init = set_up);

static void
expect_rule(const char *rule, bool wanted)
{
	cr_expect_eq(strstr(rules, rule) != NULL, wanted, "%s\n%s", rule,
	    rules);
}

Test(publish, ports_lead_to_the_guest)
{
	cr_expect_eq(publish_rules("web", &config, states, rules), 2);
	expect_rule("table ip mullion-web\ndelete table ip mullion-web\n",
	    true);
	expect_rule("\t\tfib daddr type local tcp dport 8080 dnat to "
	    "10.94.0.23:80\n", true);
	expect_rule("\t\tfib daddr type local ip daddr != 127.0.0.0/8 udp "
	    "dport 53 dnat to 10.94.0.23:5353\n", true);
	expect_rule("2222", false);
}

Test(publish, ports_of_others_are_left_alone)
{
	states[0].reserved = 2;
	cr_expect_eq(publish_rules("web", &config, states, rules), 1);
	expect_rule("8080", false);
	publish_rules("web", NULL, NULL, rules);
	cr_expect_str_eq(rules,
	    "table ip mullion-web\ndelete table ip mullion-web\n");
}

Test(publish, most_that_can_be_said_fits)
{
	config.network_count = CONFIG_NETWORKS_MAX;
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++) {
		cr_assert_eq(config_network_parse("br0,publish=50001:60001,"
		    "publish=50002:60001,publish=50003:60001,"
		    "publish=50004:60001,publish=50005:60001,"
		    "publish=50006:60001,publish=50007:60001,"
		    "publish=50008:60001", &config.networks[i], &e), 0);
		memcpy(states[i].address, (uint8_t[]){ 192, 168, 101, 102 },
		    4);
		states[i].reserved = 0xff;
	}
	cr_expect_eq(publish_rules("a-name-of-thirty-two-characters0", &config,
	    states, rules), 64);
	cr_expect_str_eq(rules + strlen(rules) - 5, "\t}\n}\n");
}

Test(publish, file_is_read_as_it_was_written)
{
	struct publish_state got[CONFIG_NETWORKS_MAX];
	char text[PUBLISH_FILE_SIZE + 1];

	memcpy(states[7].address, (uint8_t[]){ 192, 168, 101, 102 }, 4);
	states[7].reserved = 0xff;
	publish_print(states, text);
	cr_assert_eq(strlen(text), PUBLISH_FILE_SIZE);
	cr_assert(publish_parse(text, PUBLISH_FILE_SIZE, got));
	cr_expect_arr_eq(got, states, sizeof(states));
	cr_expect_not(publish_parse(text, PUBLISH_FILE_SIZE - 1, got));
	text[3] = ';';
	cr_expect_not(publish_parse(text, PUBLISH_FILE_SIZE, got));
	cr_expect_eq(got[7].reserved, 0, "nothing is known then");
}

/* A port of ours that nobody else uses now; *@fd holds it. */
static uint16_t
port_take(int type, int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	*fd = socket(AF_INET, type, 0);
	cr_assert_eq(bind(*fd, (struct sockaddr *)&a, len), 0);
	cr_assert_eq(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

static void
expect_taken_until_closed(int type)
{
	struct config_publish *p = &config.networks[0].publish[0];
	int fd;

	config.network_count = config.networks[0].publish_count = 1;
	p->udp = type == SOCK_DGRAM;
	p->port = port_take(type, &fd);
	cr_expect_eq(publish_check(&config, &e), -1);
	cr_expect_eq(e.code, EADDRINUSE);
	cr_expect_not_null(strstr(e.text, "ss -lntup"));
	close(fd);
	cr_expect_eq(publish_check(&config, &e), 0, "%s", e.text);
	fd = publish_reserve(p, &e);
	cr_assert_geq(fd, 0);
	cr_expect_eq(publish_check(&config, &e), -1);
	close(fd);
}

Test(publish, taken_ports_are_told)
{
	expect_taken_until_closed(SOCK_STREAM);
	expect_taken_until_closed(SOCK_DGRAM);
}
