/* SPDX-License-Identifier: Apache-2.0 */
/* The command set: what a partition has while it runs. */
#include <errno.h>
#include <stdio.h>

#include "cli/render.h"
#include "cli/session.h"
#include "manager/size.h"

static int
bytes_take(const struct invocation *inv, uint64_t *bytes, struct err *e)
{
	const char *text = inv->value[OPTION_MEMORY];
	struct config c;

	if (text == NULL)
		return err_set(e, ERR_USAGE,
		    "set needs --memory; try: mullion help set");
	config_default(&c);
	if (config_set(&c, CONFIG_KEY_MEMORY, text, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	*bytes = c.memory;
	return 0;
}

int
cmd_set(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	char text[SIZE_TEXT_MAX];
	uint64_t bytes = 0;

	if (bytes_take(inv, &bytes, e) < 0 ||
	    session_begin(&s, inv, name, e) < 0 ||
	    session_need_running(&s, e) < 0)
		return -1;
	if (dynamic_memory_set(s.site, name, bytes, e) < 0) {
		if (e->code == ENOTCONN)
			e->code = ERR_STATE;
		return err_prefix(e, "%s", name);
	}
	size_format(bytes, text);
	printf("%s: has %s of memory now\n", name, text);
	return 0;
}
