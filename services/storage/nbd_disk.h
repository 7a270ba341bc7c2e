/* SPDX-License-Identifier: Apache-2.0 */
/* Disks whose bytes another process finds: one that speaks NBD. */
#ifndef MULLION_STORAGE_NBD_DISK_H
#define MULLION_STORAGE_NBD_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"
#include "storage/backend.h"
#include "storage/nbd.h"

/*
 * The process is a server that may end and be followed by another. What had
 * not been answered then is asked of the next one; to do it twice is harmless.
 * But what a server had answered and not flushed it may have had in its own
 * memory. If one ends so that this is lost, the disk is broken: every request
 * fails, until the guest begins anew, as after a loss of power.
 */
struct nbd_disk_ops {
	/* The disk was closed: it can be freed when it is not pumped. */
	void (*closed)(void *ctx, unsigned number);
	/* It was given up, and there is a guest that does not know. */
	void (*renewed)(void *ctx, unsigned number);
};

/*
 * A disk without a server. @mark is 1 while there are writes that a server has
 * answered and not flushed; it may be found set from an earlier life of ours,
 * and the disk is broken then. NULL: out of memory.
 */
struct backend *nbd_disk(const struct nbd_disk_ops *ops, void *ctx,
    unsigned number, volatile uint8_t *mark, struct err *e);

/* With its connection, if there is one. */
void nbd_disk_free(struct backend *b);

/* There is a server at @fd, which is the disk's from now on. */
void nbd_disk_connect(struct backend *b, int fd, const struct nbd_export *x);

/* The connection, or -1. */
int nbd_disk_fd(const struct backend *b);

/* Are there bytes that the server does not take at the moment? */
bool nbd_disk_wants_to_send(const struct backend *b);

/*
 * Send and receive what goes without waiting, and tell the engine of what has
 * ended. False: the connection is lost, and closed.
 */
bool nbd_disk_pump(struct backend *b);

/*
 * Send nothing new, and have all that was answered flushed. Then the server can
 * go: nothing is asked before there is another one, or nbd_disk_go_on().
 */
void nbd_disk_settle(struct backend *b);
void nbd_disk_go_on(struct backend *b);

/* Has that come to its end? @error is 0 if all was flushed, or says why not. */
bool nbd_disk_is_settled(const struct backend *b, int *error);

/* Give the connection up, if there is one. */
void nbd_disk_disconnect(struct backend *b);

/*
 * The server has ended. With @cleanly it had flushed all that it answered.
 * False: the disk is broken.
 */
bool nbd_disk_ended(struct backend *b, bool cleanly);

/* There will be no server for this guest: whatever is asked fails. */
void nbd_disk_give_up(struct backend *b);

#endif
