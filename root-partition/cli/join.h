/* SPDX-License-Identifier: Apache-2.0 */
/* Input and output, joined to a socket. */
#ifndef MULLION_CLI_JOIN_H
#define MULLION_CLI_JOIN_H

#include "manager/err.h"

/*
 * Pass bytes from @in to @sock and from @sock to @out, and the end of each
 * direction, until both have ended, or until that from @sock has and @in is a
 * terminal. -1: input or output failed.
 */
int join_run(int sock, int in, int out, struct err *e);

#endif
