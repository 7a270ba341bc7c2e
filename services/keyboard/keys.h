/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by their names, and what a keyboard sends for them. */
#ifndef MULLION_KEYBOARD_KEYS_H
#define MULLION_KEYBOARD_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define KEY_BREAK	UINT32_C(2)	/* it is let go of */
#define KEY_E0		UINT32_C(4)	/* one of the later keys */

/* Scan code set 1, as PC keyboards are read. */
struct key_event {
	uint16_t code;
	uint32_t flags;
};

/* So many keys at once, each of which goes down and up. */
#define KEYS_CHORD_MAX	8u
#define KEYS_EVENTS_MAX	512u

/*
 * Read keys: words with spaces between, each of them a key or several at
 * once, as in "ctrl-alt-del l s enter". *@count events go to @out. EINVAL,
 * with what is wrong, if there is an unknown one, none, or too many.
 */
int keys_parse(const char *text, struct key_event out[KEYS_EVENTS_MAX],
    size_t *count, struct err *e);

#endif
