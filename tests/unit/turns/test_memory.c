/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic memory of a guest that never stops sending. */
#include <criterion/criterion.h>

#include "endless.h"
#include "memory/memory.h"

Test(turns, dynamic_memory_leaves_packets_for_later)
{
	static struct memory_service s;
	static struct config config;
	sd_event *event;
	char dir[32];
	struct err e;

	endless_begin(&event, dir);
	cr_assert_eq(memory_service_begin(&s, event, &config, dir, &e), 0,
	    "%s", e.text);
	endless_open();
	endless_turn();
	endless_turn();
	memory_service_end(&s);
	endless_end(event, dir, MEMORY_SOCKET);
}
