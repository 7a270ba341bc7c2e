/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets to listen on. */
#ifndef MULLION_MANAGER_UNIX_SOCKET_H
#define MULLION_MANAGER_UNIX_SOCKET_H

#include "manager/err.h"

/*
 * Listen at @dir/@name, in place of whatever is left there of a run before.
 * @type is SOCK_STREAM or SOCK_SEQPACKET. Returns a descriptor, or -1.
 */
int unix_socket_listen(const char *dir, const char *name, int type,
    struct err *e);

/* Take one who connects; -1 when there is none. Never waits. */
int unix_socket_accept(int listen_fd);

#endif
