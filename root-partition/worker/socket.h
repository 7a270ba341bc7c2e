/* SPDX-License-Identifier: Apache-2.0 */
/* The Unix sockets that a worker listens on. */
#ifndef MULLION_WORKER_SOCKET_H
#define MULLION_WORKER_SOCKET_H

#include "manager/err.h"

/*
 * Listen at @dir/@name, in place of whatever is left there of a run before.
 * @type is SOCK_STREAM or SOCK_SEQPACKET. Returns a descriptor, or -1.
 */
int socket_listen(const char *dir, const char *name, int type,
    struct err *e);

/* Take one who connects; -1 when there is none. Never waits. */
int socket_accept(int listen_fd);

#endif
