/* SPDX-License-Identifier: Apache-2.0 */
/* Switching a terminal to raw mode and back. */
#include "cli/terminal.h"

void
terminal_raw(struct terminal *t, int fd)
{
	struct termios raw;

	t->fd = fd;
	t->changed = false;
	if (tcgetattr(fd, &t->before) < 0)
		return;
	raw = t->before;
	cfmakeraw(&raw);
	t->changed = tcsetattr(fd, TCSADRAIN, &raw) == 0;
}

void
terminal_restore(struct terminal *t)
{
	if (t->changed)
		tcsetattr(t->fd, TCSADRAIN, &t->before);
	t->changed = false;
}
