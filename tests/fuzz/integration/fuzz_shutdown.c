/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind to the shutdown service. */
#include <assert.h>

#include "integration/shutdown.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct shutdown s;

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	bool idle = ic_idle(ic);
	struct err e = { 0 };

	if (shutdown_ask(&s, (choice & 1) != 0, (choice & 2) != 0, now,
		&e) == 0)
		assert(idle && s.result == SHUTDOWN_ASKED);
	else
		assert(!idle && e.code != 0);
}

static void
check(struct ic *ic)
{
	struct err e = { 0 };

	assert(shutdown_report(&s, &e) == 0 || e.text[0] != '\0');
	assert(s.result != SHUTDOWN_ASKED || (ic->waiting && !ic->late));
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	shutdown_init(&s);
	play(&s.ic, &ops, data, size);
	return 0;
}
