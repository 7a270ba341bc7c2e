/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up privileges, step by step, for processes that serve a guest. */
#ifndef MULLION_VMBUS_SANDBOX_H
#define MULLION_VMBUS_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "manager/err.h"

/*
 * Become @uid and @gid for good, in no other group and with an empty bounding
 * set. To be called as root, before there are threads.
 */
int sandbox_become(uid_t uid, gid_t gid, struct err *e);

/* Have @dir be the root of all names, and be in it. */
int sandbox_root(const char *dir, struct err *e);

/* Give up all capabilities, and every way to get any. */
int sandbox_no_capabilities(struct err *e);

/* Landlock keeps who is in one from such of those outside. */
#define SANDBOX_SCOPE_SOCKETS 1u /* that have no file */
#define SANDBOX_SCOPE_SIGNALS 2u

/*
 * A new ruleset of Landlock for the access @files to files, and for @scoped if
 * the kernel knows of that. -1: none, and errno tells why.
 */
int sandbox_ruleset(uint64_t files, uint64_t scoped);

/*
 * Open, make, remove no file from now on, except that those in the folder
 * @dir_fd, unless it is -1, can be replaced; and reach no socket of others that
 * has no file, if the kernel can see to that.
 */
int sandbox_no_files(int dir_fd, struct err *e);

/* What somebody needs beside what all need. */
struct sandbox_calls {
	const int *calls;	/* SCMP_SYS numbers; socket: Unix sockets */
	size_t call_count;
	const unsigned long *ioctls;	/* requests, the only ones */
	size_t ioctl_count;
};

/*
 * Allow the system calls of an event loop with memory, sockets, timers and
 * descriptors that are open, and those in @more, to all threads. Every other
 * fails with EPERM; no memory can become code, and no signal goes to others.
 */
int sandbox_filter(const struct sandbox_calls *more, struct err *e);

#endif
