/* SPDX-License-Identifier: Apache-2.0 */
/* The keyboard of a guest that never stops sending. */
#include <criterion/criterion.h>

#include "endless.h"
#include "keyboard/provider.h"

Test(turns, a_keyboard_leaves_packets_for_later)
{
	static struct keyboard_provider k;
	sd_event *event;
	char dir[32];
	struct err e;

	endless_begin(&event, dir);
	cr_assert_eq(keyboard_provider_begin(&k, event, dir, &e), 0, "%s",
	    e.text);
	endless_open();
	endless_turn();
	endless_turn();
	keyboard_provider_end(&k);
	endless_end(event, dir, KEYBOARD_SOCKET);
}
