/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the guest, between keys that are pressed and taken. */
#include <assert.h>

#include "keyboard/keyboard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(struct keyboard *k)
{
	uint8_t packet[KEYBOARD_PACKET_MAX];
	size_t len = keyboard_unsent(k, packet);

	assert(len == 0 || len == 8 || len == 12);
	if (len > 0)
		keyboard_sent(k);
}

/* Steps: one byte that says what, and a packet of as many bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct key_event events[100] = { { 1, 0 } };
	struct keyboard k;
	struct err e;

	keyboard_open(&k);
	while (size > 0) {
		uint8_t op = *data++;
		size_t len = op / 4;

		size--;
		if (len > size)
			len = size;
		switch (op % 4) {
		case 0:
			keyboard_press(&k, events, len, &e);
			len = 0;
			break;
		case 1:
			take(&k);
			len = 0;
			break;
		default:
			keyboard_receive(&k, data, len);
			break;
		}
		data += len;
		size -= len;
		assert(k.count <= KEYBOARD_QUEUE);
	}
	return 0;
}
