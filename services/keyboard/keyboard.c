/* SPDX-License-Identifier: Apache-2.0 */
/* Agreeing on version 1.0, then events in their order. */
#include "keyboard/keyboard.h"

#include <errno.h>
#include <string.h>

#define VERSION_1_0 UINT32_C(0x00010000)
#define ACCEPTED UINT32_C(1)

enum word_type {
	WORD_REQUEST = 1,
	WORD_RESPONSE = 2,
	WORD_EVENT = 3,
};

/* REQUEST, its version; RESPONSE, the verdict. */
struct word {
	uint32_t type;
	uint32_t value;
};
_Static_assert(sizeof(struct word) == 8, "wire layout");

struct word_event {
	uint32_t type;
	uint16_t code;
	uint16_t reserved;
	uint32_t flags;
};
_Static_assert(sizeof(struct word_event) == KEYBOARD_PACKET_MAX,
    "wire layout");

void
keyboard_open(struct keyboard *k)
{
	*k = (struct keyboard){ .open = true };
}

void
keyboard_close(struct keyboard *k)
{
	*k = (struct keyboard){ .open = false };
}

void
keyboard_receive(struct keyboard *k, const uint8_t *packet, size_t len)
{
	struct word w;

	if (len < sizeof(w))
		return;
	memcpy(&w, packet, sizeof(w));
	if (w.type != WORD_REQUEST)
		return;
	k->answer_due = true;
	k->accepts = w.value == VERSION_1_0;
	k->agreed = false;
}

int
keyboard_press(struct keyboard *k, const struct key_event *events,
    size_t count, struct err *e)
{
	if (!k->agreed)
		return err_set(e, ENOTCONN, "the guest has no keyboard: its "
		    "driver hyperv_keyboard is not loaded");
	if (count > KEYBOARD_QUEUE - k->count)
		return err_set(e, EAGAIN,
		    "the guest does not take what was pressed before");
	for (size_t i = 0; i < count; i++)
		k->queue[(k->first + k->count++) % KEYBOARD_QUEUE] =
		    events[i];
	return 0;
}

size_t
keyboard_unsent(const struct keyboard *k, uint8_t packet[KEYBOARD_PACKET_MAX])
{
	struct word answer = {
		.type = WORD_RESPONSE,
		.value = k->accepts ? ACCEPTED : 0,
	};
	struct word_event event = { .type = WORD_EVENT };

	if (k->answer_due) {
		memcpy(packet, &answer, sizeof(answer));
		return sizeof(answer);
	}
	if (k->count == 0)
		return 0;
	event.code = k->queue[k->first].code;
	event.flags = k->queue[k->first].flags;
	memcpy(packet, &event, sizeof(event));
	return sizeof(event);
}

void
keyboard_sent(struct keyboard *k)
{
	if (k->answer_due) {
		k->answer_due = false;
		k->agreed = k->accepts;
		return;
	}
	k->first = (k->first + 1) % KEYBOARD_QUEUE;
	k->count--;
}
