/* SPDX-License-Identifier: Apache-2.0 */
/* The names of device classes and devices. */
#ifndef MULLION_VMBUS_GUID_H
#define MULLION_VMBUS_GUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define GUID_TEXT_SIZE 37	/* with the final NUL */

/* As it travels: the first three groups are little endian. */
struct guid {
	uint8_t bytes[16];
};
_Static_assert(sizeof(struct guid) == 16, "wire layout");

/* GUID(0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, ...) */
#define GUID(a, b, c, ...) { { \
	(uint8_t)((a) & 0xff), (uint8_t)((a) >> 8 & 0xff), \
	(uint8_t)((a) >> 16 & 0xff), (uint8_t)((a) >> 24 & 0xff), \
	(uint8_t)((b) & 0xff), (uint8_t)((b) >> 8 & 0xff), \
	(uint8_t)((c) & 0xff), (uint8_t)((c) >> 8 & 0xff), __VA_ARGS__ } }

static inline int
guid_compare(const struct guid *a, const struct guid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* "f8615163-df3e-46c5-913f-f2d2f965ed0e" */
void guid_format(const struct guid *g, char text[GUID_TEXT_SIZE]);

/* The same, back, in either case; false if @text is anything else. */
bool guid_parse(const char *text, struct guid *g);

#endif
