/* SPDX-License-Identifier: Apache-2.0 */
/* The user's terminal, handed to a guest for a while. */
#ifndef MULLION_CLI_TERMINAL_H
#define MULLION_CLI_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int fd;
	bool changed;
	struct termios before;
};

/* Pass every key on unchanged, if @fd is a terminal at all. */
void terminal_raw(struct terminal *t, int fd);

/* As it was before terminal_raw(). */
void terminal_restore(struct terminal *t);

#define AUTO_TERMINAL __attribute__((cleanup(terminal_restore)))

#endif
