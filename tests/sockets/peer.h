/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of a guest and of its parent, named alike. */
#ifndef MULLION_TESTS_SOCKETS_PEER_H
#define MULLION_TESTS_SOCKETS_PEER_H

#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * An address: "vsock:PORT", in a guest, of the parent or of ours;
 * "unix:PATH"; "via:PATH:PORT", in the parent, of the guest behind PATH.
 */

/* Connect and listen; they end the program if they fail. */
int peer_listen(const char *address);
int peer_connect(const char *address);

/* The same; -1 if it is refused. */
int peer_try(const char *address);

/* End the program with status 1 and a word about it. */
void die(const char *what) __attribute__((noreturn));

/* What stream @number has at @at, so that nothing looks like anything else. */
uint8_t pattern(unsigned number, uint64_t at);
void pattern_fill(uint8_t *out, size_t len, unsigned number, uint64_t at);
/* Ends the program if it is anything else. */
void pattern_check(const uint8_t *in, size_t len, unsigned number,
    uint64_t at);

/* Wait for @events; ends the program after @seconds. */
void wait_for(int fd, short events, int seconds);

#endif
