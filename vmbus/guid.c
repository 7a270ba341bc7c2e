/* SPDX-License-Identifier: Apache-2.0 */
/* GUIDs as text. */
#include "vmbus/guid.h"

/* Which byte each pair of digits is; -1 for a dash between them. */
static const int8_t order[] = {
	3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15,
};
#define ORDER_COUNT (sizeof(order) / sizeof(order[0]))

void
guid_format(const struct guid *g, char text[GUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < ORDER_COUNT; i++) {
		if (order[i] < 0) {
			*text++ = '-';
			continue;
		}
		*text++ = digits[g->bytes[order[i]] >> 4];
		*text++ = digits[g->bytes[order[i]] & 15];
	}
	*text = '\0';
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
guid_parse(const char *text, struct guid *g)
{
	struct guid out;

	for (size_t i = 0; i < ORDER_COUNT; i++) {
		int high, low;

		if (order[i] < 0) {
			if (*text++ != '-')
				return false;
			continue;
		}
		high = digit_value(text[0]);
		low = high < 0 ? -1 : digit_value(text[1]);
		if (low < 0)
			return false;
		out.bytes[order[i]] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text != '\0')
		return false;
	*g = out;
	return true;
}
