/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls from a child, made up from the grammar, on two VPs at once. The
 * verdict is survival: at the end both VPs still do what they should.
 */
#include "generate.h"
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lib/trap.h"
#include "tally.h"

#define DEFAULT_CALLS 100000u
#define DEFAULT_SEED 1u
#define ARENA UINT64_C(0x1000000)	/* memory that calls may write to */
#define ARENA_PAGES 0x1000u
#define VPS 2u
#define VECTOR FUZZ_VECTOR_SAFE
#define MINUTE 60000u

struct fuzzer {
	struct fuzz_world world;
	struct fuzz_call call;
	struct fuzz_tally tally;
	uint64_t limit;			/* 0: for ever */
	uint64_t input[2 * FUZZ_PAGE / 8] __attribute__((aligned(4096)));
};

static struct fuzzer fuzzers[VPS] __attribute__((aligned(4096)));

/* Where the input is: mostly well placed, else unaligned or nowhere. */
static uint64_t
place_input(struct fuzzer *f)
{
	uint64_t at = (uintptr_t)f->input;

	memory_copy(f->input, f->call.input, FUZZ_PAGE);
	/* A shifted IPI call could have the vector of an exception. */
	if (fuzz_chance(&f->world, 97) || fuzz_is_ipi(&f->call))
		return at;
	if (fuzz_chance(&f->world, 50))
		return at + fuzz_below(&f->world, FUZZ_PAGE);
	return fuzz_random(&f->world) >> fuzz_below(&f->world, 64);
}

static uint64_t
place_output(struct fuzzer *f)
{
	uint64_t at = ARENA + fuzz_below(&f->world, ARENA_PAGES) * FUZZ_PAGE;

	if (fuzz_chance(&f->world, 97))
		return at;
	if (fuzz_chance(&f->world, 50))
		return at + fuzz_below(&f->world, FUZZ_PAGE);
	/* Above all memory: what is not the guest's must not be written. */
	return UINT64_C(1) << (33 + fuzz_below(&f->world, 31));
}

static void
call_make(struct fuzzer *f)
{
	struct fuzz_call *c = &f->call;
	const char *wrong;
	uint64_t result;

	fuzz_next(&f->world, c);
	fuzz_make_ipi_safe(c);
	if (c->fast)
		result = hyperv_call(c->control, c->input[0], c->input[1]);
	else
		result = hyperv_call(c->control, place_input(f),
		    place_output(f));
	fuzz_count(&f->tally, result);
	wrong = fuzz_judge(c, result);
	if (wrong != NULL)
		payload_fail("call %lu, %s, control 0x%lx, result 0x%lx: %s",
		    f->tally.calls, fuzz_name(c), c->control, result, wrong);
}

static void
fuzzer_run(void *argument)
{
	struct fuzzer *f = argument;

	while (f->limit == 0 || f->tally.calls < f->limit) {
		call_make(f);
		interrupts_on();
		interrupts_off();
	}
}

static void
liveness_check(void)
{
	uint64_t time = hyperv_time(), seen;

	CHECK_EQ(HV_STATUS(hyperv_call(HV_CALL_LONG_SPIN | HV_FAST, 1, 0)),
	    HV_OK);
	CHECK(WAIT(hyperv_time() > time), "time stands still");
	seen = interrupts_seen[VECTOR];
	interrupts_on();
	apic_send(apic_id(), VECTOR);
	CHECK(WAIT(interrupts_seen[VECTOR] > seen), "no self-IPI");
	interrupts_off();
	CHECK(smp_start_one(1), "VP 1 does not start again");
}

void
payload_run(void)
{
	uint64_t calls = payload_number("calls", DEFAULT_CALLS);
	uint64_t seed = payload_number("seed", DEFAULT_SEED);

	hyperv_enable();
	say("fuzz: %lu calls on %u VPs, seed %lu\n", calls, VPS, seed);
	smp_start();
	for (uint32_t i = 0; i < VPS; i++) {
		fuzzers[i].limit = calls / VPS;
		fuzzers[i].world = (struct fuzz_world){
			.random = (seed * VPS + i) * 2 + 1,
			.partitions = { UINT64_MAX, 1, 2 },
			.partition_count = 3,
			.vps = VPS,
			.first_pfn = ARENA / FUZZ_PAGE,
			.pfn_count = ARENA_PAGES,
			.child = true,
		};
	}
	smp_run(1, fuzzer_run, &fuzzers[1]);
	fuzzer_run(&fuzzers[0]);
	CHECK(WAIT_MS(smp_is_free(1), MINUTE), "VP 1 does not end");
	for (uint32_t i = 0; i < VPS; i++)
		FUZZ_TALLY_SAY(&fuzzers[i].tally, say);
	liveness_check();
}
