/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing amounts of memory. */
#include "manager/size.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char units[] = "KMGT";

int
size_parse(const char *text, uint64_t *bytes, struct err *e)
{
	const char *p = text, *unit;
	uint64_t n = 0;
	unsigned shift;

	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(n, UINT64_C(10), &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			goto too_large;
	if (p == text || (*p != '\0' && p[1] != '\0'))
		goto malformed;
	if (*p == '\0')
		return err_set(e, EINVAL,
		    "%.40s has no unit: write %.40sM for MiB or %.40sG for GiB",
		    text, text, text);
	unit = strchr(units, toupper((unsigned char)*p));
	if (unit == NULL)
		goto malformed;
	shift = 10 * (unsigned)(unit - units + 1);
	if (n > UINT64_MAX >> shift)
		goto too_large;
	*bytes = n << shift;
	return 0;

too_large:
	return err_set(e, EINVAL, "%.40s is too large to be a size", text);
malformed:
	return err_set(e, EINVAL,
	    "\"%.40s\" is not a size: write a whole number and K, M, G or T, "
	    "like 256M", text);
}

void
size_format(uint64_t bytes, char out[SIZE_TEXT_MAX])
{
	unsigned unit = 0;

	while (unit < sizeof(units) - 1 && bytes != 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(out, SIZE_TEXT_MAX, "%" PRIu64, bytes);
	else
		snprintf(out, SIZE_TEXT_MAX, "%" PRIu64 "%c", bytes,
		    units[unit - 1]);
}
