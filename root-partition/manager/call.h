/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its reply, over a socket of a partition's processes. */
#ifndef MULLION_MANAGER_CALL_H
#define MULLION_MANAGER_CALL_H

#include <stddef.h>

#include "manager/err.h"
#include "manager/site.h"

#define CALL_REPLY_MAX 131072

/* Whom to ask, and how. */
struct call {
	const char *socket; /* in the folder of the run, like control.sock */
	const char *peer;   /* for messages, like "the worker" */
	unsigned seconds;   /* to wait for the reply; 0: as long as it takes */
	int fd;		    /* goes with the request; -1: none */
};

/* Connect to a socket of @name; returns a descriptor, or -1 with ENOTCONN. */
int call_connect(const struct site *site, const char *name,
    const struct call *c, int type, struct err *e);

/*
 * Send @request and receive a reply, whatever it says, of *@len bytes. Else
 * ENOTCONN when nobody listens, ERR_TIMEOUT when there is no reply in time,
 * EPROTO when there is too much of it.
 */
int call_make(const struct site *site, const char *name, const struct call *c,
    const char *request, char reply[CALL_REPLY_MAX], size_t *len,
    struct err *e);

#endif
