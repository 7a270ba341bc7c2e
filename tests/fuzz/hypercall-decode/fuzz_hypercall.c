/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding of hypercalls with any registers and any input: a handler runs only
 * with what its entry allows, and never reads outside its blocks.
 */
#include <stdlib.h>
#include <string.h>

#include "caller.h"

struct registers {
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	uint8_t child;
	uint8_t shape;
};

/* Make what is likely to be taken out of what is not. */
static void
shape(struct registers *r)
{
	static const uint64_t blocks[] = {
		CALLER_INPUT, CALLER_OUTPUT, CALLER_ABSENT, CALLER_READ_ONLY,
		CALLER_NOWHERE, MACHINE_PRIVATE_START, 0,
	};

	if ((r->shape & 1) != 0)
		r->rcx = r->rcx % 9 | (r->rcx & UINT64_C(0x0fff0fff07ff0000));
	if ((r->shape & 2) != 0)
		r->rdx = blocks[r->rdx % ARRAY_SIZE(blocks)] +
		    (r->rdx >> 8 & 0xff8);
	if ((r->shape & 4) != 0)
		r->r8 = blocks[r->r8 % ARRAY_SIZE(blocks)] +
		    (r->r8 >> 8 & 0xff8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	enum hypercall_outcome outcome;
	struct registers r = { 0 };
	uint64_t reps;

	memcpy(&r, data, size < sizeof(r) ? size : sizeof(r));
	shape(&r);
	if (!ready)
		caller_init();
	ready = true;
	if (size > sizeof(r))
		caller_put(CALLER_INPUT, data + sizeof(r),
		    MIN(size - sizeof(r), (size_t)PAGE_SIZE));
	if ((r.child & 1) != 0)
		caller_be_child();
	else
		caller_be_parent();
	outcome = caller_call(r.rcx, r.rdx, r.r8);
	if (outcome == HYPERCALL_RETRY && (r.child & 1) == 0)
		abort();
	if (outcome != HYPERCALL_DONE)
		return 0;
	reps = caller_rax() >> HV_HYPERCALL_REPS_DONE_SHIFT;
	if ((caller_rax() & HV_HYPERCALL_STATUS_MASK) == HV_SUCCESS &&
	    reps != (r.rcx & HV_HYPERCALL_REP_COUNT_MASK) >>
	    HV_HYPERCALL_REP_COUNT_SHIFT)
		abort();
	return 0;
}
