/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets at which programs of the parent ask for channels. */
#ifndef MULLION_SERVICES_RAW_DOORS_H
#define MULLION_SERVICES_RAW_DOORS_H

#include <sys/types.h>

#include "manager/err.h"

/*
 * The folder "channels" in @run_dir, made if it is not there, without the
 * sockets of a run before. Returns a descriptor, or -1.
 */
int doors_open(const char *run_dir, struct err *e);

/*
 * Listen in it at @name, where only @user, and root, may connect. Returns a
 * descriptor that does not block, or -1.
 */
int door_listen(int doors_fd, const char *name, uid_t user, struct err *e);

/* The next that has connected, or -1. */
int door_accept(int fd);

#endif
