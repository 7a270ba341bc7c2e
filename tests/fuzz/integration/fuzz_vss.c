/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind to freezing; none may stay frozen. */
#include <assert.h>

#include "integration/vss.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vss v;

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	struct err e = { 0 };

	(void)ic;
	if (choice % 2 == 0)
		vss_thaw(&v, now);
	else if (vss_freeze(&v, choice / 2, now, &e) < 0)
		assert(e.text[0] != '\0');
}

static void
check(struct ic *ic)
{
	struct err e = { 0 };

	/* Frozen, the end is set; on the way there, something is awaited. */
	if (v.state == VSS_FROZEN)
		assert(ic->wake != IC_NEVER && vss_report_freeze(&v, &e) == 0);
	else if (v.state != VSS_THAWED)
		assert(ic->waiting);
	assert(vss_report_thaw(&v, &e) == 0 || e.text[0] != '\0');
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vss_init(&v);
	play(&v.ic, &ops, data, size);
	return 0;
}
