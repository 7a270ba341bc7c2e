/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a number in a text of counters. */
#include <ctype.h>
#include <string.h>

#include "worker/counters.h"

/* The number behind the colon of a line. */
static bool
value_parse(const char *p, const char *end, uint64_t *value)
{
	uint64_t v = 0;

	while (p < end && *p == ' ')
		p++;
	if (p == end || *p++ != ':')
		return false;
	while (p < end && *p == ' ')
		p++;
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p) ||
		    __builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	}
	*value = v;
	return true;
}

bool
counters_find(const char *text, size_t len, const char *name, uint64_t *value)
{
	size_t name_len = strlen(name);
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));

		if (eol == NULL)
			eol = end;
		if ((size_t)(eol - text) > name_len &&
		    memcmp(text, name, name_len) == 0 &&
		    (text[name_len] == ' ' || text[name_len] == ':'))
			return value_parse(text + name_len, eol, value);
		text = eol == end ? end : eol + 1;
	}
	return false;
}
