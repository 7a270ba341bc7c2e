/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its reply, over a socket of a partition's processes. */
#ifndef MULLION_MANAGER_CALL_H
#define MULLION_MANAGER_CALL_H

#include <json-c/json.h>
#include <stddef.h>

#include "manager/err.h"
#include "manager/site.h"

#define CALL_REPLY_MAX 131072
#define CALL_FDS_MAX 16

/* Whom to ask, and how. */
struct call {
	const char *socket; /* in the folder of the run, like control.sock */
	const char *peer;   /* for messages, like "the worker" */
	unsigned seconds;   /* to wait for the reply; 0: as long as it takes */
	const int *fds;	    /* go with the request, and stay the caller's */
	unsigned fd_count;  /* up to CALL_FDS_MAX */
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

/*
 * Take over @request, send it, and return a reply that says that it was done,
 * which the caller puts back. NULL: as above, or json_read_reply().
 */
json_object *call_ask(const struct site *site, const char *name,
    const struct call *c, json_object *request, struct err *e);

/* A request to do @op, to be gone on with. */
json_object *call_request(const char *op);

#endif
