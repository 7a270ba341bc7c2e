/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests are handed in, and their outcome is given out. */
#ifndef MULLION_INTEGRATION_DESK_H
#define MULLION_INTEGRATION_DESK_H

#include "integration/request.h"
#include "integration/services.h"

#define DESK_CLIENTS 8
#define DESK_REPLY_MAX 65536

/* Where the bytes of a file come from. */
struct desk_source {
	/* The size of what @fd is; -1 unless it is a file. */
	int (*size)(int fd, uint64_t *out, struct err *e);
	/* All of @size bytes at @offset, or -1. */
	int (*read)(int fd, uint64_t offset, uint8_t *out, uint32_t size,
	    struct err *e);
	void (*close)(int fd);
};

struct desk {
	struct services *services;
	const struct desk_source *source;
	int copy_fd; /* -1: none */
	struct {
		bool waits;
		enum request_op op; /* for whose end it waits */
	} client[DESK_CLIENTS];
	char reply[DESK_REPLY_MAX];
};

void desk_init(struct desk *d, struct services *s,
    const struct desk_source *source);

/*
 * Client @client asks for @r; @fd, which may be -1, is the desk's from now on.
 * Returns the length of the answer in .reply, or 0 when it has to wait for
 * desk_outcome().
 */
size_t desk_ask(struct desk *d, unsigned client, const struct request *r,
    int fd, uint64_t now);

/* The answer to a request that was none. */
size_t desk_refuse(struct desk *d, const struct err *e);

/*
 * Something may have happened. Returns the length of the answer in .reply, or
 * 0 when @client waits for nothing, or still does.
 */
size_t desk_outcome(struct desk *d, unsigned client);

/* Feed the copy that goes on. To be called before desk_outcome(). */
void desk_feed(struct desk *d, uint64_t now);

/* The client has left: what only it wanted is given up. */
void desk_forget(struct desk *d, unsigned client, uint64_t now);

#endif
