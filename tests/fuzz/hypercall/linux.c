/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls that /dev/mshv passes on, made up from the grammar. The verdict is
 * survival: a new guest works at the end. The guest of the calls is not run, for
 * QEMU's own processor does not survive every state that it is then in.
 *
 *	fuzz-mshv [CALLS [SEED]]	CALLS 0 goes on for ever
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "guest.h"
#include "tally.h"

#define DEFAULT_CALLS 100000u
#define DEFAULT_SEED 1u
#define GUEST_CALLS 2000u	/* with one guest; then it is made anew */

GUEST_BLOB(out8);

static const uint16_t codes[] = {
	0x44, 0x45, 0x4d, 0x50, 0x51, 0x52, 0x56, 0x91, 0x94, 0xc0, 0xc1, 0xc9,
	0xf4, 0x101,
};
#define CODE_COUNT (sizeof(codes) / sizeof(codes[0]))

static struct fuzz_world world;
static struct fuzz_call call;
static struct fuzz_tally tally;

/* False if the hypervisor answered what it must not. */
static bool
call_make(struct guest *g)
{
	static uint64_t output[512];
	struct mshv_call_request r;
	const char *wrong;
	uint64_t result;

	fuzz_next_of(&world, &call, codes[fuzz_below(&world, CODE_COUNT)]);
	r = (struct mshv_call_request){
		.code = (uint16_t)call.control,
		.reps = (uint16_t)(call.control >> 32 & 0xfff),
		.in_size = FUZZ_PAGE,
		.out_size = FUZZ_PAGE,
		.in = (uintptr_t)call.input,
		.out = (uintptr_t)output,
	};
	(void)ioctl(g->partition, MSHV_ROOT_HVCALL, &r);
	result = r.status | (uint64_t)(r.reps & 0xfff) << 32;
	/* The driver makes no call that it does not allow: nothing to judge. */
	call.control &= UINT64_C(0xfff0000ffff);
	wrong = r.status == 0 ? NULL : fuzz_judge(&call, result);
	fuzz_count(&tally, result);
	if (wrong != NULL)
		printf("not ok fuzz/mshv call %" PRIu64 ", %s: %s\n",
		    tally.calls, fuzz_name(&call), wrong);
	return wrong == NULL;
}

static bool
guest_is_fuzzed(uint64_t calls)
{
	struct guest g;
	bool good = guest_make(&g, GUEST_VP) == 0;

	if (!good)
		printf("not ok fuzz/mshv no guest after %" PRIu64 " calls: "
		    "%s\n", tally.calls, strerrorname_np(errno));
	for (uint64_t i = 0; i < calls && good; i++)
		good = call_make(&g);
	guest_remove(&g);
	return good;
}

static bool
guest_works(void)
{
	struct guest g;
	bool good = guest_make(&g, GUEST_VP) == 0 &&
	    GUEST_LOAD(&g, out8) == 0 && guest_run(&g) == 0 &&
	    (guest_io(&g)->rax & 0xff) == 0x42;

	guest_remove(&g);
	if (!good)
		printf("not ok fuzz/mshv no guest runs afterwards: %s\n",
		    strerrorname_np(errno));
	return good;
}

int
main(int argc, char **argv)
{
	uint64_t calls = argc > 1 ? strtoull(argv[1], NULL, 0) : DEFAULT_CALLS;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_SEED;

	world = (struct fuzz_world){
		.random = seed * 2 + 1,
		.partitions = { UINT64_MAX },
		.partition_count = 1,
		.vps = 1,
		.pfn_count = 0x1000,
	};
	printf("fuzz: %" PRIu64 " calls through /dev/mshv, seed %" PRIu64 "\n",
	    calls, seed);
	while (calls == 0 || tally.calls < calls) {
		if (!guest_is_fuzzed(GUEST_CALLS))
			return 1;
	}
	FUZZ_TALLY_SAY(&tally, printf);
	if (!guest_works())
		return 1;
	printf("ok fuzz/mshv\n");
	return 0;
}
