/* SPDX-License-Identifier: Apache-2.0 */
/* What the main thread waits for. */
#ifndef MULLION_WORKER_LOOP_H
#define MULLION_WORKER_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"

enum loop_source {
	LOOP_MACHINE,
	LOOP_SIGNAL,
	LOOP_FLUSH_TIMER,
	LOOP_PATIENCE_TIMER,
	LOOP_CONSOLE_LISTEN,
	LOOP_CONSOLE_CLIENT,
	LOOP_CONTROL_LISTEN,
	LOOP_CONTROL_CLIENT,
	LOOP_VMBUS_LISTEN,
	LOOP_VMBUS_CLIENT,
	LOOP_VMBUS_BELL,	/* a provider signals the guest */
	LOOP_VMBUS_TIMER,
	LOOP_VMBUS_KEPT_TIMER,
};

struct loop_event {
	enum loop_source source;
	unsigned index;		/* which of several clients */
	bool readable;		/* or closed, or broken */
	bool writable;
};

struct loop {
	int epoll_fd;
};

int loop_create(struct loop *l, struct err *e);

/* Tell of @fd when it can be read, and written if @writable. */
int loop_add(struct loop *l, int fd, enum loop_source source, unsigned index,
    struct err *e);

/* Tell of @fd each time that it is written to; it need not be read. */
int loop_add_edge(struct loop *l, int fd, enum loop_source source,
    unsigned index, struct err *e);

/* No more of @fd. One whose last descriptor is closed goes by itself. */
void loop_remove(struct loop *l, int fd);

/* Tell of these instead; of nothing, not even its end, if neither. */
void loop_change(struct loop *l, int fd, enum loop_source source,
    unsigned index, bool readable, bool writable);

/* Wait for the next event. */
void loop_next(struct loop *l, struct loop_event *event);

#endif
