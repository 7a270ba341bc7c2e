/* SPDX-License-Identifier: Apache-2.0 */
/* The user's editor, run on a copy of a text. */
#ifndef MULLION_CLI_EDITOR_H
#define MULLION_CLI_EDITOR_H

#include <stddef.h>

#include "manager/err.h"
#include "manager/site.h"

/*
 * Put @text into a new file whose path, in $TMPDIR or /tmp, goes to @path and
 * ends in .conf. The caller unlinks it, or tells the user that it is there.
 */
int editor_copy(const char *name, const char *text, size_t len,
    char path[SITE_PATH_MAX], struct err *e);

/* Run $VISUAL, $EDITOR or else `editor` on @path; EIO when it fails. */
int editor_run(const char *path, struct err *e);

#endif
