/* SPDX-License-Identifier: Apache-2.0 */
/* What is believed of what a guest tells of itself. */
#include <criterion/criterion.h>
#include <string.h>

#include "integration/facts.h"

static struct facts f;

Test(facts, names_and_versions_are_kept)
{
	char os[3 * FACTS_TEXT_MAX];

	facts_os(&f, os);
	cr_expect_str_eq(os, "");
	facts_take(&f, "FullyQualifiedDomainName", "web.example");
	facts_take(&f, "OSName", "Debian GNU/Linux");
	facts_take(&f, "OSMajorVersion", "13");
	facts_take(&f, "OSBuildNumber", "6.12.1-cloud-amd64");
	facts_take(&f, "ProcessorArchitecture", "x86_64");
	cr_expect_str_eq(f.fqdn, "web.example");
	cr_expect_str_eq(f.kernel, "6.12.1-cloud-amd64");
	cr_expect_str_eq(f.architecture, "x86_64");
	facts_os(&f, os);
	cr_expect_str_eq(os, "Debian GNU/Linux 13");
	facts_take(&f, "OSMinorVersion", "2");
	facts_os(&f, os);
	cr_expect_str_eq(os, "Debian GNU/Linux 13.2");
}

Test(facts, addresses_are_those_others_can_reach)
{
	facts_take(&f, "NetworkAddressIPv4", "127.0.0.1;10.0.0.2;nonsense;"
	    "10.0.0.300;192.168.1.7;");
	facts_take(&f, "NetworkAddressIPv6", "::1;fe80::1;2001:db8::2;::");
	cr_assert_eq(f.address_count, 3);
	cr_expect_str_eq(f.address[0], "10.0.0.2");
	cr_expect_str_eq(f.address[1], "192.168.1.7");
	cr_expect_str_eq(f.address[2], "2001:db8::2");
}

Test(facts, no_more_addresses_than_there_is_room)
{
	for (int i = 0; i < 3 * FACTS_ADDRESSES_MAX; i++)
		facts_take(&f, "NetworkAddressIPv4", ";;10.0.0.1;;10.0.0.2");
	cr_expect_eq(f.address_count, FACTS_ADDRESSES_MAX);
}

Test(facts, errors_strange_keys_and_long_values_are_passed_over)
{
	static const struct facts none;
	char value[FACTS_TEXT_MAX + 1] = "";

	memset(value, 'x', FACTS_TEXT_MAX);
	facts_take(&f, "FullyQualifiedDomainName",
	    "getaddrinfo failed: 0xfffffffe Name or service not known");
	facts_take(&f, "OSVersion", "6.12.1");
	facts_take(&f, "", "x");
	facts_take(&f, "OSName", value);
	cr_expect_arr_eq(&f, &none, sizeof(f));
	value[FACTS_TEXT_MAX - 1] = '\0';
	facts_take(&f, "OSName", value);
	cr_expect_str_eq(f.os_name, value);
}
