/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what a worker does not need once its child is built. */
#ifndef MULLION_WORKER_SANDBOX_H
#define MULLION_WORKER_SANDBOX_H

#include <sys/types.h>

#include "manager/err.h"

/*
 * Become @user and its group, when we are root, with no capability and no way
 * to get one, and see no file but those in the folder @run_dir_fd. That folder
 * and the open file @log_fd become the user's. To be called before there are
 * threads.
 */
int sandbox_drop_privileges(uid_t user, int run_dir_fd, int log_fd,
    struct err *e);

/*
 * Allow the system calls that running a child takes, and no others, to all
 * threads.
 */
int sandbox_filter_calls(struct err *e);

#endif
