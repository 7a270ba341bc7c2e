/* SPDX-License-Identifier: Apache-2.0 */
/* Running programs that are not ours on images that we do not trust. */
#ifndef MULLION_STORAGE_CONFINE_H
#define MULLION_STORAGE_CONFINE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "manager/err.h"

/*
 * Become user @uid, if we are root, and keep one right to pass on: to open the
 * image whoever owns it. On a kernel that cannot keep a program to its image
 * (Landlock), not even that: the user must be allowed to open it.
 */
int confine_user(uid_t uid, struct err *e);

/* What ends it: a SIGTERM for all of a service would not leave it the time. */
#define CONFINE_END SIGHUP

/*
 * In a child process: become @argv with descriptors 0 to @fd_last and no other,
 * 3 being the image. It reads what is below /usr, opens the image once more by
 * its descriptor, to write it unless @readonly, and reaches no other file, no
 * network, no other process. Returns when that is not possible.
 */
void confine_run(char *const argv[], int fd_last, bool readonly,
    struct err *e);

#endif
