/* SPDX-License-Identifier: Apache-2.0 */
/* The line by which a program asks for a port of the guest. */
#ifndef MULLION_SOCKETS_GREETING_H
#define MULLION_SOCKETS_GREETING_H

#include <stddef.h>
#include <stdint.h>

/* "CONNECT 4294967294\n" is the longest. */
#define GREETING_MAX 20

/* "OK 4294967294\n" and a NUL. */
#define GREETING_ANSWER_MAX 16

struct greeting {
	char text[GREETING_MAX];
	size_t len;
};

enum greeting_result {
	GREETING_MORE,	/* it has not ended */
	GREETING_DONE,	/* *@port is asked for */
	GREETING_WRONG,	/* it is no such line */
};

/*
 * Take of the @len bytes at @bytes what belongs to the line, *@used bytes:
 * what follows is the connection's already.
 */
enum greeting_result greeting_feed(struct greeting *g, const char *bytes,
    size_t len, size_t *used, uint32_t *port);

/* What a program is told once it is connected; returns the length. */
size_t greeting_answer(uint32_t port, char out[GREETING_ANSWER_MAX]);

#endif
