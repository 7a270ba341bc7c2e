/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of a provider in that of its worker, while it still is root. */
#ifndef MULLION_SERVICES_FOLDER_H
#define MULLION_SERVICES_FOLDER_H

#include <sys/types.h>

#include "manager/err.h"

/*
 * Open folder @name in @run_dir, made if it is not there, and give it @mode.
 * @run_dir belongs to the worker's user, who is not trusted: no link in it is
 * followed, and what is another's is refused. Returns a descriptor, or -1.
 */
int folder_open(const char *run_dir, const char *name, mode_t mode,
    struct err *e);

#endif
