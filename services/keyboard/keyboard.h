/* SPDX-License-Identifier: Apache-2.0 */
/* A keyboard: the words between it and the guest's driver. */
#ifndef MULLION_KEYBOARD_KEYBOARD_H
#define MULLION_KEYBOARD_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyboard/keys.h"

/* The longest packet of ours. */
#define KEYBOARD_PACKET_MAX 12u
/* Events that wait for the guest to take them. */
#define KEYBOARD_QUEUE 1024u

/* No input or output of its own: packets go in, and out. */
struct keyboard {
	bool open;
	bool answer_due, accepts;	/* to the guest's first word */
	bool agreed;			/* it may be sent events */
	struct key_event queue[KEYBOARD_QUEUE];
	unsigned first, count;
};

/* The guest has opened the channel, or closed it: what waited is gone. */
void keyboard_open(struct keyboard *k);
void keyboard_close(struct keyboard *k);

/* The guest has sent a packet of @len bytes; one that means nothing is lost. */
void keyboard_receive(struct keyboard *k, const uint8_t *packet, size_t len);

/*
 * Have events sent. ENOTCONN if the guest has no driver for it, EAGAIN if it
 * does not take those that were there before.
 */
int keyboard_press(struct keyboard *k, const struct key_event *events,
    size_t count, struct err *e);

/* The packet that is to be sent next: its length, 0 if there is none. */
size_t keyboard_unsent(const struct keyboard *k,
    uint8_t packet[KEYBOARD_PACKET_MAX]);

/* It was sent. */
void keyboard_sent(struct keyboard *k);

#endif
