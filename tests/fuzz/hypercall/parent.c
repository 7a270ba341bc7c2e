/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls with the rights of the parent, made up from the grammar, in place
 * of Linux. Partitions, VPs and mappings are made on the way, so that calls
 * meet real objects. At the end everything is deleted: every page that was
 * deposited must come back, and a new partition must run.
 */
#include "generate.h"
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"
#include "pool.h"
#include "tally.h"

#define DEFAULT_CALLS 100000u
#define DEFAULT_SEED 1u
#define CMDLINE_POINTER 0x228
#define LARGE_PAGE UINT64_C(0x200000)
#define PAGE_FLAGS 0x83u
#define TIMER_VECTOR 0xec
#define PARENT_ID 1u
#define VPS 2u
#define DEPOSIT_MAX 500u
#define MAP_PAGES 64u
#define MAP_READ_WRITE_EXECUTE 0xfu
#define CREATE_FLAGS 0x482110u	/* APIC, x2APIC, large pages, message page */
#define COMPATIBILITY 0x609u
#define BUILD_EVERY 500u	/* calls between two partitions that are whole */
#define UNMAP_MAX 4095u
#define UNMAP_LARGE 2u
#define LOST_MORE 16u
#define MADE_MAX 2048u

enum parent_call {
	CALL_CREATE_PARTITION = 0x40,
	CALL_INITIALIZE_PARTITION = 0x41,
	CALL_FINALIZE_PARTITION = 0x42,
	CALL_DELETE_PARTITION = 0x43,
	CALL_DEPOSIT_MEMORY = 0x48,
	CALL_WITHDRAW_MEMORY = 0x49,
	CALL_MAP_GPA_PAGES = 0x4b,
	CALL_UNMAP_GPA_PAGES = 0x4c,
	CALL_CREATE_VP = 0x4e,
	CALL_ENTER_SLEEP_STATE = 0x84,
};

_Noreturn void parent_main(const uint8_t *boot_params);

static struct fuzz_world world;
static struct fuzz_call call;
static struct fuzz_tally tally;
static uint64_t trace_from;
static uint64_t made[MADE_MAX];		/* partitions since all were removed */
static size_t made_count;
static uint64_t input[2 * FUZZ_PAGE / 8] __attribute__((aligned(4096)));
static uint64_t page_tables[6][512] __attribute__((aligned(4096)));

/* The first 4 GiB as themselves; what the loader gave lies somewhere else. */
static void
tables_load(void)
{
	page_tables[0][0] = (uintptr_t)page_tables[1] | 3;
	for (uint64_t i = 0; i < 4; i++)
		page_tables[1][i] = (uintptr_t)page_tables[2 + i] | 3;
	for (uint64_t i = 0; i < 2048; i++)
		page_tables[2 + i / 512][i % 512] = i * LARGE_PAGE |
		    PAGE_FLAGS;
	cr3_write((uintptr_t)page_tables[0]);
}

/* A child that spins for ever must not keep the processor: this ends it. */
static void
timer_start(void)
{
	apic_enable();
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, TIMER_VECTOR | APIC_LVT_PERIODIC);
	apic_write(APIC_TIMER_INITIAL,
	    (uint32_t)(msr_read(HV_MSR_APIC_FREQUENCY) / 500));
	interrupts_on();
}

static uint64_t
place_input(void)
{
	uint64_t at = (uintptr_t)input;

	memory_copy(input, call.input, FUZZ_PAGE);
	if (fuzz_chance(&world, 97))
		return at;
	if (fuzz_chance(&world, 50))
		return at + fuzz_below(&world, FUZZ_PAGE);
	return fuzz_random(&world) >> fuzz_below(&world, 64);
}

static uint64_t
place_output(void)
{
	uint64_t at = (uintptr_t)hyperv_output;

	if (fuzz_chance(&world, 97))
		return at;
	if (fuzz_chance(&world, 50))
		return at + fuzz_below(&world, 4096);
	return UINT64_C(1) << (33 + fuzz_below(&world, 31));
}

/* The one call that rightly ends the machine. */
static bool
call_is_the_end(void)
{
	return (uint16_t)call.control == CALL_ENTER_SLEEP_STATE;
}

static bool
needs_memory(uint64_t result)
{
	uint32_t status = HV_STATUS(result);

	return status == HV_NO_MEMORY || status == HV_NO_ROOT_MEMORY ||
	    status == HV_NO_RUN_OF_MEMORY || status == HV_NO_ROOT_RUN;
}

/* Make a call that is as it should be. */
static uint64_t
call_plainly(uint64_t control, const uint64_t *block, size_t count)
{
	memory_copy(input, block, count * sizeof(*block));
	return hyperv_call_memory(control, input, hyperv_output);
}

static bool
pages_deposit(uint64_t partition, size_t count)
{
	uint64_t block[1 + DEPOSIT_MAX] = { partition };
	size_t got = pool_pick(block + 1, count);

	if (got == 0 || HV_STATUS(call_plainly(CALL_DEPOSIT_MEMORY |
	    HV_REPS(got), block, 1 + got)) != HV_OK)
		return false;
	pool_give(block + 1, got);
	return true;
}

/* Repeat a call for as long as it wants pages and gets them. */
static uint64_t
call_with_pages(uint64_t partition, uint64_t control, const uint64_t *block,
    size_t count)
{
	uint64_t result = call_plainly(control, block, count);

	for (unsigned tries = 0; tries < 64 && needs_memory(result); tries++) {
		if (!pages_deposit(partition, 16))
			break;
		result = call_plainly(control, block, count);
	}
	return result;
}

static void
pages_withdraw(uint64_t partition)
{
	const uint64_t block[2] = { partition, 0 };
	uint64_t done;

	do {
		done = HV_REPS_DONE(call_plainly(CALL_WITHDRAW_MEMORY |
		    HV_REPS(DEPOSIT_MAX), block, 2));
		pool_take_back(hyperv_output, done);
	} while (done != 0);
}

static void
partition_remove(uint64_t id)
{
	uint64_t result;

	(void)hyperv_call(CALL_FINALIZE_PARTITION | HV_FAST, id, 0);
	pages_withdraw(id);
	result = hyperv_call(CALL_DELETE_PARTITION | HV_FAST, id, 0);
	CHECK(HV_STATUS(result) == HV_OK ||
	    HV_STATUS(result) == HV_INVALID_PARTITION,
	    "partition %lu cannot be deleted: status 0x%x", id,
	    HV_STATUS(result));
}

static void
partition_note(uint64_t id)
{
	fuzz_add_partition(&world, id);
	made[made_count++] = id;
}

/* A child as a VMM makes it: two VPs and 64 pages from address 0 on. */
static bool
partition_build(void)
{
	const uint64_t create[7] = { CREATE_FLAGS, 0, COMPATIBILITY };
	uint64_t id, vp[5] = { 0 }, map[3 + MAP_PAGES] = { 0 };

	if (HV_STATUS(call_with_pages(UINT64_MAX, CALL_CREATE_PARTITION,
	    create, 7)) != HV_OK)
		return false;
	id = hyperv_output[0];
	partition_note(id);
	if (HV_STATUS(call_with_pages(id, CALL_INITIALIZE_PARTITION, &id,
	    1)) != HV_OK)
		return false;
	vp[0] = map[0] = id;
	for (vp[1] = 0; vp[1] < world.vps; vp[1]++) {
		if (HV_STATUS(call_with_pages(id, CALL_CREATE_VP, vp,
		    5)) != HV_OK)
			return false;
	}
	map[2] = MAP_READ_WRITE_EXECUTE;
	return HV_STATUS(call_with_pages(id, CALL_MAP_GPA_PAGES |
	    HV_REPS(pool_pick(map + 3, MAP_PAGES)), map,
	    3 + MAP_PAGES)) == HV_OK;
}

/* Keep the books: pages that went and came, partitions that are there. */
static void
call_follow(uint64_t result)
{
	uint64_t start = call.control >> 48 & 0xfff;

	switch ((uint16_t)call.control) {
	case CALL_CREATE_PARTITION:
		if (HV_STATUS(result) == HV_OK)
			partition_note(hyperv_output[0]);
		break;
	case CALL_DEPOSIT_MEMORY:
		if (HV_REPS_DONE(result) > start)
			pool_give(call.input + 1 + start,
			    HV_REPS_DONE(result) - start);
		break;
	case CALL_WITHDRAW_MEMORY:
		if (HV_REPS_DONE(result) > start)
			pool_take_back(hyperv_output + start,
			    HV_REPS_DONE(result) - start);
		break;
	default:
		if (needs_memory(result) && fuzz_chance(&world, 50))
			(void)pages_deposit(fuzz_chance(&world, 90) ?
			    call.input[0] : UINT64_MAX, 16);
		break;
	}
}

/* Pages that change hands must be known: no other place for these blocks. */
static bool
call_moves_pages(void)
{
	return (uint16_t)call.control == CALL_DEPOSIT_MEMORY ||
	    (uint16_t)call.control == CALL_WITHDRAW_MEMORY ||
	    (uint16_t)call.control == CALL_CREATE_PARTITION;
}

static uint64_t
call_send(void)
{
	uint64_t in = place_input(), out = place_output();

	if (call.fast)
		return hyperv_call(call.control, call.input[0], call.input[1]);
	if (call_moves_pages() || fuzz_is_ipi(&call)) {
		in = (uintptr_t)input;
		out = (uintptr_t)hyperv_output;
	}
	return hyperv_call(call.control, in, out);
}

/* To find the call after which there was nothing more: trace=FIRST. */
static void
call_trace(void)
{
	if (tally.calls < trace_from)
		return;
	say("%lu %s control 0x%lx", tally.calls, fuzz_name(&call),
	    call.control);
	for (int i = 0; i < 4; i++)
		say(" 0x%lx", call.input[i]);
}

static void
call_make(void)
{
	const char *wrong;
	uint64_t result;

	fuzz_next(&world, &call);
	fuzz_make_ipi_safe(&call);
	if (call_is_the_end())
		return;
	call_trace();
	result = call_send();
	if (tally.calls >= trace_from)
		say(" gives 0x%lx\n", result);
	fuzz_count(&tally, result);
	wrong = fuzz_judge(&call, result);
	if (wrong != NULL)
		payload_fail("call %lu, %s, control 0x%lx, result 0x%lx: %s",
		    tally.calls, fuzz_name(&call), call.control, result,
		    wrong);
	call_follow(result);
}

/* Delete whatever there is; what is not back then is lost. */
static size_t
everything_remove(void)
{
	while (made_count > 0)
		partition_remove(made[--made_count]);
	world.partition_count = 0;
	fuzz_add_partition(&world, PARENT_ID);
	pages_withdraw(UINT64_MAX);
	return pool_given();
}

static size_t
round_run(uint64_t calls)
{
	uint64_t end = tally.calls + calls;

	while (tally.calls < end) {
		if (fuzz_below(&world, BUILD_EVERY) == 0)
			(void)partition_build();
		if (pool_given() > POOL_PAGES * 3 / 4 ||
		    made_count > MADE_MAX - 8)
			(void)everything_remove();
		call_make();
	}
	return everything_remove();
}

/* A call that takes long lets interrupts in: RCX tells where it went on. */
static void
long_call_check(void)
{
	const uint64_t block[3] = { made[made_count - 1], LARGE_PAGE,
		UNMAP_LARGE };
	register uint64_t r8 __asm__("r8") = 0;
	uint64_t control = CALL_UNMAP_GPA_PAGES | HV_REPS(UNMAP_MAX);
	uint64_t result, in = (uintptr_t)input;

	memory_copy(input, block, sizeof(block));
	__asm__ volatile("vmmcall"
	    : "=a"(result), "+c"(control), "+d"(in), "+r"(r8)
	    : : "memory", "cc", "r9", "r10", "r11");
	CHECK(HV_STATUS(result) == HV_OK && HV_REPS_DONE(result) == UNMAP_MAX,
	    "unmapping much gives 0x%lx", result);
	CHECK(control >> 48 != 0, "unmapping much was not interrupted");
}

static void
liveness_check(void)
{
	uint64_t time = hyperv_time(), ticks = interrupts_seen[TIMER_VECTOR];

	CHECK(WAIT(hyperv_time() > time), "time stands still");
	CHECK(WAIT(interrupts_seen[TIMER_VECTOR] > ticks), "no timer");
	CHECK(partition_build(), "no partition can be made any more");
	(void)everything_remove();
}

void
payload_run(void)
{
	uint64_t calls = payload_number("calls", DEFAULT_CALLS);
	uint64_t seed = payload_number("seed", DEFAULT_SEED);
	size_t lost_first, lost;

	trace_from = payload_number("trace", UINT64_MAX);
	hyperv_enable_parent();
	say("fuzz: %lu calls from the parent, seed %lu\n", calls, seed);
	world = (struct fuzz_world){
		.random = seed * 2 + 1,
		.vps = VPS,
		.first_pfn = pool_first_pfn(),
		.pfn_count = POOL_PAGES,
	};
	fuzz_add_partition(&world, PARENT_ID);
	timer_start();
	if (!partition_build())
		payload_error("no partition can be made");
	long_call_check();
	lost_first = round_run(calls / 2);
	lost = lost_first;
	do {
		lost = round_run(calls / 2);
	} while (calls == 0);
	FUZZ_TALLY_SAY(&tally, say);
	say("%lu pages stay with the parent's pool\n", lost);
	/* What the first half left for good, the second does not leave again. */
	CHECK(lost <= lost_first + LOST_MORE, "%lu pages lost, then %lu",
	    lost_first, lost);
	liveness_check();
}

void
parent_main(const uint8_t *boot_params)
{
	uint32_t cmdline;

	memory_copy(&cmdline, boot_params + CMDLINE_POINTER, sizeof(cmdline));
	tables_load();
	payload_start((const char *)(uintptr_t)cmdline);
}
