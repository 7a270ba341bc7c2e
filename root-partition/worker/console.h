/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of the serial port: a socket and a log file. */
#ifndef MULLION_WORKER_CONSOLE_H
#define MULLION_WORKER_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"
#include "worker/loop.h"
#include "worker/machine.h"

#define CONSOLE_CLIENTS 8

/* The log starts anew, with what the ring holds, when it got this long. */
#define CONSOLE_LOG_MAX (UINT64_C(4) << 20)

struct console_client {
	int fd;			/* -1: none */
	uint64_t position;	/* of the next byte of output */
	bool behind;		/* the socket takes no more for now */
	bool deaf;		/* nor ever: but what was typed counts */
};

struct console {
	struct machine *machine;
	struct loop *loop;
	int listen_fd;		/* -1: the child has no serial port */
	int log_fd;
	uint64_t log_size;
	uint64_t log_position;
	bool input_held;	/* the port is full: clients are not read */
	struct console_client clients[CONSOLE_CLIENTS];
};

/* Open log and, if the child has a serial port, socket. */
int console_open(struct console *c, struct machine *m, struct loop *l,
    const char *run_dir, const char *log_path, struct err *e);

/* Pass on output that is new. */
void console_flush(struct console *c);

/* Add a line of the worker's own to the output. */
void console_say(struct console *c, const char *text);

/* The port has room for input again. */
void console_input_wanted(struct console *c);

/* Events of the loop. */
void console_accept(struct console *c);
void console_client_event(struct console *c, const struct loop_event *event);

#endif
