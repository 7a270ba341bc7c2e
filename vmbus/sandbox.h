/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up privileges, step by step, for processes that serve a guest. */
#ifndef MULLION_VMBUS_SANDBOX_H
#define MULLION_VMBUS_SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

#include "manager/err.h"

/*
 * Become @uid and @gid for good, in no other group and with an empty bounding
 * set. To be called as root, before there are threads.
 */
int sandbox_become(uid_t uid, gid_t gid, struct err *e);

/* Give up all capabilities, and every way to get any. */
int sandbox_no_capabilities(struct err *e);

/* Open, make, remove no file from now on. */
int sandbox_no_files(struct err *e);

/*
 * Allow the system calls of an event loop with memory, sockets, timers and
 * descriptors that are open, and those in @calls (SCMP_SYS numbers), to all
 * threads. Every other fails with EPERM; no memory can become code.
 */
int sandbox_filter(const int *calls, size_t count, struct err *e);

#endif
