/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of a utility channel, as a kernel would play it. */
#ifndef MULLION_TESTS_INTEGRATION_GUEST_H
#define MULLION_TESTS_INTEGRATION_GUEST_H

#include "integration/icmsg.h"

struct guest {
	struct ic *ic;
	uint64_t now;
	struct ic_header header; /* of the packet taken last */
	size_t size;		 /* of its body */
	uint8_t body[IC_BODY_MAX];
};

/*
 * Open the channel at @now and agree on the framework 3.0 and the newest
 * version that is offered.
 */
void guest_open(struct guest *g, struct ic *ic, uint64_t now);

/* Take what was sent; false when nothing was. */
bool guest_take(struct guest *g);

/* Answer the packet taken last, with .body as it is by now. */
void guest_answer(struct guest *g, uint32_t status);

/* Take a packet, which there has to be, and answer it unchanged. */
void guest_echo(struct guest *g, uint32_t status);

/* Let @microseconds pass. */
void guest_wait(struct guest *g, uint64_t microseconds);

#endif
