/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of NBD: greeting, requests and simple replies. */
#ifndef MULLION_STORAGE_NBD_H
#define MULLION_STORAGE_NBD_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define NBD_REQUEST_SIZE 28
#define NBD_REPLY_SIZE 16

enum nbd_command {
	NBD_READ = 0,
	NBD_WRITE = 1,
	NBD_FLUSH = 3,
	NBD_WRITE_ZEROES = 6,
};

#define NBD_COMMAND_FUA 0x0001

/* What a server can do with an export. */
#define NBD_CAN_ANYTHING 0x0001
#define NBD_IS_READONLY 0x0002
#define NBD_CAN_FLUSH 0x0004
#define NBD_CAN_FUA 0x0008
#define NBD_CAN_WRITE_ZEROES 0x0040

struct nbd_export {
	uint64_t size;	/* bytes */
	uint16_t flags;
};

struct nbd_request {
	enum nbd_command command;
	uint16_t flags;
	uint64_t cookie;
	uint64_t offset;
	uint32_t length;
};

struct nbd_reply {
	int error;	/* 0 or an errno number */
	uint64_t cookie;
};

/*
 * Agree with the server at the other end of @fd, a socket that blocks, on its
 * export @name; requests may follow. EPROTO, or what the socket says.
 */
int nbd_begin(int fd, const char *name, struct nbd_export *out,
    struct err *e);

/*
 * Have what the server answered written for good, whomever it answered, and
 * wait for that; nothing else is under way at @fd, which is as above.
 */
int nbd_flush_ask(int fd, const struct nbd_export *x, struct err *e);
int nbd_flush_wait(int fd, const struct nbd_export *x, struct err *e);

void nbd_request_print(const struct nbd_request *r,
    uint8_t out[NBD_REQUEST_SIZE]);

/* -1: that is no simple reply. */
int nbd_reply_parse(const uint8_t bytes[NBD_REPLY_SIZE],
    struct nbd_reply *out);

#endif
