/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the command line names. */
#ifndef MULLION_CLI_PATH_H
#define MULLION_CLI_PATH_H

#include "manager/err.h"

/*
 * @text with the current folder before it, unless it begins with / or is empty;
 * what follows the path, like options of a disk, stays. The caller frees it.
 * NULL on an error.
 */
char *path_absolute(const char *text, struct err *e);

#endif
