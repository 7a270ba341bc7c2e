/* SPDX-License-Identifier: Apache-2.0 */
/* Disks in files and block devices, by io_uring: many requests at a time. */
#ifndef MULLION_STORAGE_URING_H
#define MULLION_STORAGE_URING_H

#include <stdbool.h>

#include "manager/err.h"
#include "storage/backend.h"
#include "storage/image.h"

/* One for all disks of a process, and for one thread. */
struct uring;

/* Only what disks take can be asked of its kernel side. NULL: failed. */
struct uring *uring_create(struct err *e);

/* No disk may be left. */
void uring_destroy(struct uring *u);

/* Readable while something has ended: uring_reap() is due. */
int uring_fd(const struct uring *u);

/* Tell the engine of all that has ended. */
void uring_reap(struct uring *u);

/*
 * Give the kernel what was submitted since, at once. False when it does not
 * take it now: call it again, at the latest a little later.
 */
bool uring_flush(struct uring *u);

/* A disk of @image, which it owns from now on. NULL: out of memory. */
struct backend *uring_disk(struct uring *u, const struct image *image,
    struct err *e);

/* The descriptor of such a disk. */
int uring_disk_fd(const struct backend *b);

#endif
