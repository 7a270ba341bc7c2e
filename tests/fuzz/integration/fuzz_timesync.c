/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind, and clocks of any kind, to time sync. */
#include <assert.h>

#include "integration/timesync.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct timesync t;
static struct timesync_reading reading;

static void
clock_read(void *context, struct timesync_reading *out)
{
	*out = *(const struct timesync_reading *)context;
}

static const struct timesync_clock test_clock = { clock_read };

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	(void)ic;
	reading.host += (uint64_t)choice << choice % 56;
	reading.reference += (uint64_t)choice << choice / 8;
	reading.has_reference = choice % 5 != 0;
	timesync_use_reference(&t, choice % 3 != 0);
	if (choice % 7 == 0)
		timesync_step(&t, now);
}

static void
check(struct ic *ic)
{
	assert(!t.has_drift || ic->state == IC_READY);
	assert(!t.step_due || ic->state == IC_READY);
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reading = (struct timesync_reading){ .has_reference = true };
	timesync_init(&t, &test_clock, &reading);
	timesync_use_reference(&t, true);
	play(&t.ic, &ops, data, size);
	return 0;
}
