/* SPDX-License-Identifier: Apache-2.0 */
/* Whole small files: read at once, replaced at once. */
#ifndef MULLION_MANAGER_FILE_H
#define MULLION_MANAGER_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "manager/err.h"

/*
 * Read the regular file @path whole into @out of @size bytes, and its length
 * into *@len. EFBIG when it has @size bytes or more.
 */
int file_read(const char *path, char *out, size_t size, size_t *len,
    struct err *e);

/*
 * Make @path hold @text, wholly or not at all, whatever it held before; on the
 * disk when this returns.
 */
int file_replace(const char *path, const char *text, size_t len,
    struct err *e);

/* The same, but EEXIST when there is a @path already; its mode is @mode. */
int file_create(const char *path, const char *text, size_t len, mode_t mode,
    struct err *e);

/* Write all of @len bytes to @fd; a message begins with @what. */
int fd_write(int fd, const void *bytes, size_t len, const char *what,
    struct err *e);

#endif
