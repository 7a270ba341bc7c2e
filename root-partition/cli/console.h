/* SPDX-License-Identifier: Apache-2.0 */
/* An attached console: bytes between a terminal and a worker's socket. */
#ifndef MULLION_CLI_CONSOLE_H
#define MULLION_CLI_CONSOLE_H

#include "manager/err.h"

enum console_end {
	CONSOLE_DETACHED, /* by the key */
	CONSOLE_CLOSED,	  /* by the worker */
	CONSOLE_SIGNAL,	  /* we are to end */
};

/*
 * Copy @in to @sock and @sock to @out until one of the above. The terminal
 * behind @in is raw meanwhile and restored on every way out. The end of @in
 * alone does not end it: output goes on. Owns none of the descriptors.
 */
int console_run(int sock, int in, int out, enum console_end *end,
    struct err *e);

#endif
