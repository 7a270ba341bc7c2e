/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the key that detaches; making control characters visible. */
#include "cli/keys.h"

#include <string.h>

size_t
keys_for_guest(const uint8_t *typed, size_t len, bool *detach)
{
	const uint8_t *key = len > 0 ? memchr(typed, KEY_DETACH, len) : NULL;

	*detach = key != NULL;
	return key != NULL ? (size_t)(key - typed) : len;
}

size_t
output_tame(const uint8_t *in, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = in[i];

		if (c == '\r')
			continue;
		if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') {
			out[n++] = c;
			continue;
		}
		out[n++] = '^';
		out[n++] = c ^ 0x40;
	}
	return n;
}
