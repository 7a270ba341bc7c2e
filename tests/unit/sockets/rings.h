/* SPDX-License-Identifier: Apache-2.0 */
/* A channel and a guest that speaks as its driver of sockets does. */
#ifndef TESTS_SOCKETS_RINGS_H
#define TESTS_SOCKETS_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/channel.h"

#define RINGS_BYTES (7 * RING_PAGE)	/* as Linux has them */
#define RINGS_GUEST_MAX 4088u		/* in one packet of the guest */

struct rings {
	_Alignas(RING_PAGE) uint8_t memory[2 * RINGS_BYTES];
	struct ring_writer out;		/* the guest's ends */
	struct ring_reader in;
	struct channel *channel;
	int call_fd, kick_fd;
	bool ended;			/* the guest was told the end */
	unsigned signals;		/* of the guest, which nobody hears */
};

void rings_create(struct rings *r);
void rings_destroy(struct rings *r);

/* The guest sends one packet; false if there is no room. */
bool rings_send(struct rings *r, const void *bytes, size_t len);

/* The same with a head that says what it likes. */
bool rings_send_as(struct rings *r, uint32_t type, uint32_t size,
    const void *bytes, size_t len);

/* The guest reads one packet, of at most @room bytes; -1: there is none. */
int rings_receive(struct rings *r, void *out, size_t room);

/* How often a bell was rung since the last look. */
uint64_t rings_bell(int fd);

#endif
