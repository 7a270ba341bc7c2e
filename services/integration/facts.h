/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest tells of itself: names, versions, addresses. */
#ifndef MULLION_INTEGRATION_FACTS_H
#define MULLION_INTEGRATION_FACTS_H

#define FACTS_TEXT_MAX 256
#define FACTS_ADDRESSES_MAX 16
#define FACTS_ADDRESS_MAX 46

/* Empty texts are not known. */
struct facts {
	char fqdn[FACTS_TEXT_MAX];
	char os_name[FACTS_TEXT_MAX];
	char os_major[FACTS_TEXT_MAX];
	char os_minor[FACTS_TEXT_MAX];
	char kernel[FACTS_TEXT_MAX];
	char architecture[FACTS_TEXT_MAX];
	unsigned address_count;
	char address[FACTS_ADDRESSES_MAX][FACTS_ADDRESS_MAX];
};

/*
 * Take over what @key and @value, both UTF-8, say; keys that are not known and
 * values that make no sense are passed over.
 */
void facts_take(struct facts *f, const char *key, const char *value);

/* Name and version of the system, as in "Debian GNU/Linux 13"; may be "". */
void facts_os(const struct facts *f, char out[3 * FACTS_TEXT_MAX]);

#endif
