/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting out the pairs that a guest's daemon tells. */
#include "integration/facts.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Where the daemon of Linux wrote an error into the value. */
#define NAME_FAILED "getaddrinfo failed"

static const struct {
	const char *key;
	size_t offset;
} fields[] = {
	{ "FullyQualifiedDomainName", offsetof(struct facts, fqdn) },
	{ "OSName", offsetof(struct facts, os_name) },
	{ "OSMajorVersion", offsetof(struct facts, os_major) },
	{ "OSMinorVersion", offsetof(struct facts, os_minor) },
	{ "OSBuildNumber", offsetof(struct facts, kernel) },
	{ "ProcessorArchitecture", offsetof(struct facts, architecture) },
};

/* One that somebody else could reach the guest by. */
static bool
is_address(const char *text)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1)
		return ntohl(four.s_addr) >> 24 != IN_LOOPBACKNET;
	return inet_pton(AF_INET6, text, &six) == 1 &&
	    !IN6_IS_ADDR_LOOPBACK(&six) && !IN6_IS_ADDR_LINKLOCAL(&six) &&
	    !IN6_IS_ADDR_UNSPECIFIED(&six);
}

/* A list with semicolons between, or behind, its members. */
static void
addresses_take(struct facts *f, const char *list)
{
	while (*list != '\0' && f->address_count < FACTS_ADDRESSES_MAX) {
		char *to = f->address[f->address_count];
		size_t len = strcspn(list, ";");

		if (len < FACTS_ADDRESS_MAX) {
			memcpy(to, list, len);
			to[len] = '\0';
			if (is_address(to))
				f->address_count++;
		}
		list += len + (list[len] == ';');
	}
}

void
facts_take(struct facts *f, const char *key, const char *value)
{
	size_t len = strlen(value);

	if (strcmp(key, "NetworkAddressIPv4") == 0 ||
	    strcmp(key, "NetworkAddressIPv6") == 0) {
		addresses_take(f, value);
		return;
	}
	if (len >= FACTS_TEXT_MAX ||
	    strncmp(value, NAME_FAILED, strlen(NAME_FAILED)) == 0)
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(key, fields[i].key) == 0)
			memcpy((char *)f + fields[i].offset, value, len + 1);
}

void
facts_os(const struct facts *f, char out[3 * FACTS_TEXT_MAX])
{
	snprintf(out, 3 * FACTS_TEXT_MAX, "%s%s%s%s%s", f->os_name,
	    f->os_major[0] != '\0' ? " " : "", f->os_major,
	    f->os_minor[0] != '\0' ? "." : "", f->os_minor);
}
