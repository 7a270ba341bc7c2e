/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of hypercalls: control word, blocks, results. */
#include <criterion/criterion.h>
#include <string.h>

#include "caller.h"

TestSuite(hypercall, .init = caller_init);

#define CONTROL(code)		((uint64_t)(code))
#define REPS(start, count)	((uint64_t)(count) << 32 | \
				 (uint64_t)(start) << 48)
#define VARHEAD(n)		((uint64_t)(n) << 17)
#define RESULT(status, reps)	((uint64_t)(status) | (uint64_t)(reps) << 32)

static void
expect(uint64_t control, uint64_t input, uint64_t output, uint64_t result)
{
	cr_expect_eq(caller_call(control, input, output),
	    HYPERCALL_DONE);
	cr_expect_eq(caller_rax(), result, "RAX is %#lx, not %#lx",
	    caller_rax(), result);
}

Test(hypercall, with_an_unknown_code_is_told_so)
{
	expect(CONTROL(0), 0, 0, HV_INVALID_HYPERCALL_CODE);
	expect(CONTROL(0x131), 0, 0, HV_INVALID_HYPERCALL_CODE);
	expect(CONTROL(0x132), 0, 0, HV_INVALID_HYPERCALL_CODE);
	expect(CONTROL(0xffff), 0, 0, HV_INVALID_HYPERCALL_CODE);
}

Test(hypercall, in_the_fast_form_takes_registers)
{
	expect(CONTROL(CALL_FAST) | HV_HYPERCALL_FAST, 0x1122, 0x3344,
	    HV_SUCCESS);
	cr_expect_eq(caller_seen.input[0], 0x1122);
	cr_expect_eq(caller_seen.input[1], 0x3344);
}

Test(hypercall, in_the_memory_form_takes_a_copy)
{
	uint64_t input[2] = { 0x55, 0x66 };

	caller_put(CALLER_INPUT, input, sizeof(input));
	expect(CONTROL(CALL_FAST), CALLER_INPUT, 0, HV_SUCCESS);
	cr_expect_eq(caller_seen.input[0], 0x55);
	cr_expect_eq(caller_seen.input[1], 0x66);
}

Test(hypercall, refuses_control_bits_it_does_not_have)
{
	static const uint64_t wrong[] = {
		HV_HYPERCALL_NESTED, VARHEAD(1), REPS(0, 1), REPS(1, 0),
		UINT64_C(1) << 27, UINT64_C(1) << 44, UINT64_C(1) << 63,
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		expect(CONTROL(CALL_FAST) | wrong[i], CALLER_INPUT, 0,
		    HV_INVALID_HYPERCALL_INPUT);
	expect(CONTROL(CALL_OUTPUT) | HV_HYPERCALL_FAST, 0, 0,
	    HV_INVALID_HYPERCALL_INPUT);
	cr_expect_eq(caller_seen.calls, 0);
}

Test(hypercall, wants_aligned_blocks_inside_a_page)
{
	expect(CONTROL(CALL_FAST), CALLER_INPUT + 4, 0, HV_INVALID_ALIGNMENT);
	expect(CONTROL(CALL_FAST), CALLER_INPUT + 0xff8, 0,
	    HV_INVALID_ALIGNMENT);
	expect(CONTROL(CALL_FAST), CALLER_INPUT + 0xff0, 0, HV_SUCCESS);
	expect(CONTROL(CALL_OUTPUT), 0, CALLER_OUTPUT + 4,
	    HV_INVALID_ALIGNMENT);
	expect(CONTROL(CALL_LIST) | REPS(0, 512), CALLER_INPUT, CALLER_OUTPUT,
	    HV_INVALID_ALIGNMENT);
	expect(CONTROL(CALL_LIST) | REPS(0, 511), CALLER_INPUT, CALLER_OUTPUT,
	    RESULT(HV_SUCCESS, 511));
}

Test(hypercall, without_input_ignores_its_address)
{
	expect(CONTROL(CALL_OUTPUT), 0, CALLER_OUTPUT, HV_SUCCESS);
	expect(CONTROL(CALL_OUTPUT), 3, CALLER_OUTPUT, HV_SUCCESS);
	cr_expect_eq(caller_word(CALLER_OUTPUT), CALLER_ANSWER);
}

Test(hypercall, repeated_wants_something_to_do)
{
	expect(CONTROL(CALL_LIST), CALLER_INPUT, CALLER_OUTPUT,
	    HV_INVALID_HYPERCALL_INPUT);
	expect(CONTROL(CALL_LIST) | REPS(3, 3), CALLER_INPUT, CALLER_OUTPUT,
	    RESULT(HV_INVALID_HYPERCALL_INPUT, 3));
}

Test(hypercall, counts_repetitions_from_the_first)
{
	uint64_t block[6] = { 9, 10, 11, 12, 13, 14 };

	caller_put(CALLER_INPUT, block, sizeof(block));
	expect(CONTROL(CALL_LIST) | REPS(2, 5), CALLER_INPUT, CALLER_OUTPUT,
	    RESULT(HV_SUCCESS, 5));
	cr_expect_eq(caller_word(CALLER_OUTPUT), 0, "before the start");
	cr_expect_eq(caller_word(CALLER_OUTPUT + 16), 12 * 2);
	cr_expect_eq(caller_word(CALLER_OUTPUT + 32), 14 * 2);
	cr_expect_eq(caller_word(CALLER_OUTPUT + 40), 0, "after the last");
}

Test(hypercall, tells_how_far_a_failing_one_got)
{
	uint64_t block[5] = { 9, 10, 11, CALLER_BAD, 13 };

	caller_put(CALLER_INPUT, block, sizeof(block));
	expect(CONTROL(CALL_LIST) | REPS(1, 4), CALLER_INPUT, CALLER_OUTPUT,
	    RESULT(HV_INVALID_PARAMETER, 2));
}

Test(hypercall, finds_the_list_behind_the_variable_header)
{
	uint64_t block[6] = { 9, 0xa, 0xb, 20, 21, 22 };

	caller_put(CALLER_INPUT, block, sizeof(block));
	expect(CONTROL(CALL_HEADER) | VARHEAD(2) | REPS(0, 3), CALLER_INPUT, 0,
	    RESULT(HV_SUCCESS, 3));
	cr_expect_eq(caller_seen.header[0], 0xa);
	cr_expect_eq(caller_seen.header[1], 0xb);
	cr_expect_eq(caller_seen.sum, 20 + 21 + 22);
}

Test(hypercall, never_reads_past_the_variable_header)
{
	expect(CONTROL(CALL_HEADER) | VARHEAD(1) | REPS(0, 1), CALLER_INPUT, 0,
	    HV_INVALID_HYPERCALL_INPUT);
}

Test(hypercall, of_the_parent_is_denied_to_a_child)
{
	caller_be_child();
	expect(CONTROL(CALL_PARENT), 0, 0, HV_ACCESS_DENIED);
	caller_be_parent();
	expect(CONTROL(CALL_PARENT), 0, 0, HV_SUCCESS);
}

Test(hypercall, needs_its_privileges)
{
	caller_vp.part->privileges = 2;
	expect(CONTROL(CALL_PRIVILEGED), 0, 0, HV_ACCESS_DENIED);
	caller_vp.part->privileges = 6;
	expect(CONTROL(CALL_PRIVILEGED), 0, 0, HV_SUCCESS);
}

Test(hypercall, of_a_child_waits_for_its_memory)
{
	caller_be_child();
	caller_vp.regs.gpr[GPR_RAX] = 0x77;
	cr_expect_eq(caller_call(CALL_FAST, CALLER_ABSENT, 0),
	    HYPERCALL_RETRY);
	cr_expect_eq(caller_missing.gpa.v, CALLER_ABSENT);
	cr_expect_eq(caller_missing.kind, GUEST_NO_ACCESS);
	cr_expect(!caller_missing.write);
	cr_expect_eq(caller_rax(), 0x77, "nothing is answered yet");
	cr_expect_eq(caller_call(CALL_OUTPUT, 0, CALLER_READ_ONLY),
	    HYPERCALL_RETRY);
	cr_expect(caller_missing.write);
	cr_expect_eq(caller_seen.calls, 0, "no effect before the answer fits");
}

Test(hypercall, of_a_child_fails_where_there_is_no_memory)
{
	caller_be_child();
	cr_expect_eq(caller_call(CALL_FAST, CALLER_NOWHERE, 0),
	    HYPERCALL_DONE);
	cr_expect_eq(caller_rax(), HV_INVALID_HYPERCALL_INPUT);
}

Test(hypercall, of_the_parent_cannot_reach_private_memory)
{
	caller_be_parent();
	expect(CONTROL(CALL_FAST), MACHINE_PRIVATE_START, 0,
	    HV_INVALID_HYPERCALL_INPUT);
	expect(CONTROL(CALL_OUTPUT), 0, MACHINE_PRIVATE_START,
	    HV_INVALID_HYPERCALL_INPUT);
	expect(CONTROL(CALL_FAST), UINT64_C(0xfffffffffffff000), 0,
	    HV_INVALID_HYPERCALL_INPUT);
}

Test(hypercall, may_be_completed_later)
{
	caller_vp.regs.gpr[GPR_RAX] = 0x77;
	cr_expect_eq(caller_call(CALL_SWITCH, 0, 0), HYPERCALL_SWITCH);
	cr_expect_eq(caller_rax(), 0x77);
	hypercall_complete(&caller_vp, HV_INVALID_VP_STATE);
	cr_expect_eq(caller_rax(), HV_INVALID_VP_STATE);
}

Test(hypercall, that_takes_long_goes_on_where_it_was)
{
	uint64_t control = CONTROL(CALL_LONG) | REPS(1, 4);

	caller_vp.regs.gpr[GPR_RAX] = 0x77;
	cr_expect_eq(caller_call(control, CALLER_INPUT, 0),
	    HYPERCALL_CONTINUE);
	cr_expect_eq(caller_vp.regs.gpr[GPR_RCX],
	    CONTROL(CALL_LONG) | REPS(3, 4));
	cr_expect_eq(caller_rax(), 0x77, "nothing is answered yet");
	expect(caller_vp.regs.gpr[GPR_RCX], CALLER_INPUT, 0,
	    RESULT(HV_SUCCESS, 4));
}
