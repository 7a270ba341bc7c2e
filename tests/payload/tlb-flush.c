/* SPDX-License-Identifier: Apache-2.0 */
/* Flush hypercalls in all forms: another VP never sees the old mapping. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"

#define PRESENT_WRITE 3u
#define WINDOW UINT64_C(0x8000000000)	/* PML4 entry 1: nothing is there */
#define ROUNDS 200

#define FLUSH_ALL_VPS 1u
#define FLUSH_ALL_SPACES 2u
#define SPARSE 0

extern uint64_t page_pml4[];
static uint64_t directory_pointers[512] __attribute__((aligned(4096)));
static uint64_t directory[512] __attribute__((aligned(4096)));
static volatile uint64_t table[512] __attribute__((aligned(4096)));
static uint64_t frames[2][512] __attribute__((aligned(4096)));

static volatile uint64_t *const window = (volatile uint64_t *)WINDOW;
static volatile uint64_t asked, answered, answer;
static volatile bool stop;

/* Reads the window all the time, so that its TLB has it, and when asked. */
static void
reader(void *unused)
{
	(void)unused;
	while (!stop) {
		uint64_t value, question = asked;

		value = window[0];
		if (question != answered) {
			answer = value;
			answered = question;
		}
	}
}

static void
window_open(void)
{
	frames[0][0] = 100;
	frames[1][0] = 101;
	table[0] = (uintptr_t)frames[0] | PRESENT_WRITE;
	directory[0] = (uintptr_t)table | PRESENT_WRITE;
	directory_pointers[0] = (uintptr_t)directory | PRESENT_WRITE;
	page_pml4[1] = (uintptr_t)directory_pointers | PRESENT_WRITE;
}

typedef uint64_t flush(void);

static uint64_t
block(uint64_t space, uint64_t flags, uint64_t mask)
{
	hyperv_input[0] = space;
	hyperv_input[1] = flags;
	hyperv_input[2] = mask;
	return (uintptr_t)hyperv_input;
}

static uint64_t
flush_all(void)
{
	return hyperv_call(HV_CALL_FLUSH_SPACE,
	    block(0, FLUSH_ALL_VPS | FLUSH_ALL_SPACES, 0), 0);
}

static uint64_t
flush_space_mask(void)
{
	return hyperv_call(HV_CALL_FLUSH_SPACE, block(cr3_read(), 0, 2), 0);
}

static uint64_t
flush_list(void)
{
	uint64_t in = block(cr3_read(), 0, 2);

	hyperv_input[3] = WINDOW + 0x10000;
	hyperv_input[4] = WINDOW;
	return hyperv_call(HV_CALL_FLUSH_LIST | HV_REPS(2), in, 0);
}

/* The low 12 bits of an entry count further pages. */
static uint64_t
flush_list_range(void)
{
	uint64_t in = block(cr3_read(), FLUSH_ALL_VPS, 0);

	hyperv_input[3] = (WINDOW - 0x4000) | 8;
	return hyperv_call(HV_CALL_FLUSH_LIST | HV_REPS(1), in, 0);
}

static uint64_t
flush_space_set(void)
{
	uint64_t in = block(cr3_read(), 0, SPARSE);

	hyperv_input[3] = 1;
	hyperv_input[4] = 2;
	return hyperv_call(HV_CALL_FLUSH_SPACE_EX | HV_VARHEAD(1), in, 0);
}

static uint64_t
flush_list_set(void)
{
	uint64_t in = block(cr3_read(), 0, SPARSE);

	hyperv_input[3] = 1;
	hyperv_input[4] = 2;
	hyperv_input[5] = WINDOW;
	return hyperv_call(HV_CALL_FLUSH_LIST_EX | HV_VARHEAD(1) | HV_REPS(1),
	    in, 0);
}

static void
flush_check(const char *name, flush *call)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t frame = i % 2 == 0 ? 1 : 0, result;

		table[0] = (uintptr_t)frames[frame] | PRESENT_WRITE;
		result = call();
		if (HV_STATUS(result) == HV_INVALID_CODE)
			payload_skip("%s is not offered", name);
		if (HV_STATUS(result) != HV_OK)
			payload_fail("%s: status 0x%x", name,
			    HV_STATUS(result));
		asked++;
		if (!WAIT(answered == asked))
			payload_fail("%s: VP 1 does not answer", name);
		if (answer != 100 + frame)
			payload_fail("%s, round %u: VP 1 reads %lu", name, i,
			    answer);
	}
}

static void
refusals_check(void)
{
	uint64_t in = block(cr3_read(), 0, 2);	/* a set of format 2 */

	CHECK(HV_STATUS(hyperv_call(HV_CALL_FLUSH_SPACE_EX | HV_VARHEAD(1),
	    in, 0)) != HV_OK, "a set of format 2");
	in = block(cr3_read(), 0, SPARSE);
	hyperv_input[3] = 3;
	CHECK(HV_STATUS(hyperv_call(HV_CALL_FLUSH_SPACE_EX | HV_VARHEAD(1),
	    in, 0)) != HV_OK, "two banks announced, one given");
}

void
payload_run(void)
{
	hyperv_enable();
	window_open();
	smp_start();
	smp_run(1, reader, NULL);
	flush_check("FLUSH_VA_SPACE of all", flush_all);
	flush_check("FLUSH_VA_SPACE", flush_space_mask);
	flush_check("FLUSH_VA_LIST", flush_list);
	flush_check("FLUSH_VA_LIST of a range", flush_list_range);
	flush_check("FLUSH_VA_SPACE_EX", flush_space_set);
	flush_check("FLUSH_VA_LIST_EX", flush_list_set);
	refusals_check();
	stop = true;
	CHECK(WAIT(smp_is_free(1)), "VP 1 does not end");
}
