/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind to the heartbeat. */
#include <assert.h>

#include "integration/heartbeat.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct heartbeat h;

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	(void)ic;
	(void)choice;
	(void)now;
	assert(heartbeat_state_name(h.state)[0] != '\0');
}

static void
check(struct ic *ic)
{
	assert(h.missed <= HEARTBEAT_MISSES);
	assert(h.state == HEARTBEAT_NONE || ic->state == IC_READY);
	assert(h.state != HEARTBEAT_LOST || h.missed == HEARTBEAT_MISSES);
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	heartbeat_init(&h);
	play(&h.ic, &ops, data, size);
	return 0;
}
