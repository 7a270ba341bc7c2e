/* SPDX-License-Identifier: Apache-2.0 */
/* A process that starts, and ends, those that know formats of images. */
#ifndef MULLION_STORAGE_KEEPER_H
#define MULLION_STORAGE_KEEPER_H

#include <stdint.h>
#include <sys/types.h>

#include "manager/config_disk.h"
#include "manager/err.h"
#include "storage/nbd.h"

/*
 * The process of the disks can start nothing once it serves a guest. So it has
 * a second one, the keeper, from before that: it hands over an image and is
 * given a connection to a qemu-storage-daemon of its own for it. The keeper
 * sees nothing of the guest, does one thing at a time, and has no image written
 * whose descriptor cannot write it.
 *
 * Messages are packets of this form, some with a descriptor.
 */
enum keeper_kind {
	/* To the keeper: */
	KEEPER_USER,	/* become @uid; the first message */
	KEEPER_START,	/* with the image */
	KEEPER_STOP,
	KEEPER_RESIZE,	/* with the image: make the disk @size bytes large, */
			/* and start, or tell that there is no daemon now */
	/* From the keeper: */
	KEEPER_STARTED,	/* with the connection; @text is set: not resized */
	KEEPER_FAILED,	/* not started; @text tells why */
	KEEPER_ENDED,	/* @cleanly: with all flushed that it had answered */
	KEEPER_KINDS,
};

#define KEEPER_NUMBERS 64 /* disks, by LUN */
#define KEEPER_TEXT_MAX 240

struct keeper_message {
	uint32_t kind;
	uint32_t number;	/* of the disk */
	uint32_t format;	/* enum config_disk_format */
	uint32_t readonly;
	uint32_t uid;
	uint32_t cleanly;
	struct nbd_export export;
	uint64_t size;
	char text[KEEPER_TEXT_MAX];
};

/*
 * Begin one, which puts sockets into @run_dir for moments. It ends all that it
 * has started, and itself, when the socket is closed that is returned, or shut.
 * Who is to be ended is made to flush before, by a connection of the keeper's
 * own; when that was answered well, that one of @marks is set to 0, which are
 * shared memory. To be called while there is one thread. -1: failed.
 */
int keeper_begin(const char *run_dir, volatile uint8_t *marks, struct err *e);

/* Send @m, and @fd unless it is -1, which stays the caller's. */
int keeper_send(int socket, const struct keeper_message *m, int fd,
    struct err *e);

/*
 * Receive a message; @fd is -1, or the descriptor that came with it and is the
 * caller's. 0: there is none now, or the other end has gone (ECONNRESET); 1.
 */
int keeper_receive(int socket, struct keeper_message *m, int *fd,
    struct err *e);

#endif
