/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of keyboard.sock. */
#include "manager/keyboard.h"

#include "manager/call.h"
#include "manager/json_read.h"
#include "manager/json_write.h"

#define ANSWER_SECONDS 10

int
keyboard_send(const struct site *site, const char *name, const char *keys,
    struct err *e)
{
	static const struct call c = { .socket = "keyboard.sock",
		.peer = "the partition's keyboard",
		.seconds = ANSWER_SECONDS };
	AUTO_JSON json_object *reply = NULL;
	json_object *request = call_request("send");

	json_add_text(request, "keys", keys);
	reply = call_ask(site, name, &c, request, e);
	return reply != NULL ? 0 : -1;
}
