/* SPDX-License-Identifier: Apache-2.0 */
/* A guest whose every move is taken from the fuzzer's bytes. */
#ifndef MULLION_TESTS_INTEGRATION_PLAYER_H
#define MULLION_TESTS_INTEGRATION_PLAYER_H

#include "integration/icmsg.h"

struct player_ops {
	/* Have the service do something, which of its ways @choice tells. */
	void (*act)(struct ic *ic, uint8_t choice, uint64_t now);
	/* Whatever must hold at any time. */
	void (*check)(struct ic *ic);
};

/* Open the channel, then play @data to its end, and close it. */
void play(struct ic *ic, const struct player_ops *ops, const uint8_t *data,
    size_t size);

#endif
