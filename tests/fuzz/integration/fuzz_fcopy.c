/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind to file copy. */
#include <assert.h>
#include <errno.h>

#include "integration/fcopy.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fcopy f;

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	static const uint8_t block[WIRE_FCOPY_BLOCK];
	const struct fcopy_file file = {
		.path = "/a/b", .size = choice / 8 * UINT64_C(5000),
	};
	struct err e = { .code = ECANCELED, .text = "enough" };
	uint64_t offset;
	uint32_t size;

	(void)ic;
	if (choice % 8 == 0)
		fcopy_cancel(&f, &e, now);
	else if (fcopy_wants(&f, &offset, &size))
		fcopy_block(&f, block, now);
	else if (fcopy_start(&f, &file, now, &e) < 0)
		assert(e.code != ECANCELED);
}

static void
check(struct ic *ic)
{
	struct err e = { 0 };
	uint64_t offset;
	uint32_t size;

	assert(f.offset <= f.size);
	if (fcopy_wants(&f, &offset, &size))
		assert(size > 0 && size <= f.size - offset && ic_idle(ic));
	else
		assert(f.state == FCOPY_NONE || ic->waiting);
	assert(fcopy_report(&f, &e) == 0 || e.text[0] != '\0');
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fcopy_init(&f);
	play(&f.ic, &ops, data, size);
	return 0;
}
