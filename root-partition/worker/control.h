/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: packets in, packets out. */
#ifndef MULLION_WORKER_CONTROL_H
#define MULLION_WORKER_CONTROL_H

#include "manager/err.h"
#include "worker/loop.h"
#include "worker/report.h"
#include "worker/request.h"

#define CONTROL_CLIENTS 8

struct control {
	struct loop *loop;
	int listen_fd;
	int clients[CONTROL_CLIENTS];	/* -1: none */
};

int control_open(struct control *c, struct loop *l, const char *run_dir,
    struct err *e);
void control_accept(struct control *c);

/*
 * Take the packet of client @index. True when it is a request: control_reply()
 * has to follow. What is none has been answered, and who left has been
 * forgotten.
 */
bool control_receive(struct control *c, unsigned index, struct request *out);
void control_reply(struct control *c, unsigned index, const char *text,
    size_t len);

#endif
