/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a guest's hypercalls apart. */
#include <criterion/criterion.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/synic.h>

#include "worker/guest_call.h"

static uint8_t ram[4 * MEMORY_PAGE];
static struct memory memory;
static struct hv_hypercall_intercept_message m;
static struct guest_call call;

static void
setup(void)
{
	const struct memory_region region = { .size = sizeof(ram) };

	cr_assert(memory_set(&memory, ram, sizeof(ram), &region, 1));
	memset(&m, 0, sizeof(m));
	memset(&call, 0xee, sizeof(call));
}

static struct hv_input_post_message *
post_at(uint64_t gpa, uint32_t connection, uint32_t size)
{
	struct hv_input_post_message *in = (void *)(ram + gpa);

	m.rcx = HVCALL_POST_MESSAGE;
	m.rdx = gpa;
	in->connection_id = connection;
	in->message_type = 1;
	in->payload_size = size;
	return in;
}

TestSuite(guest_call, .init = setup);

Test(guest_call, a_message_is_copied)
{
	struct hv_input_post_message *in = post_at(0x1000, 4, 40);

	memset(in->payload, 0x5a, 40);
	cr_expect_eq(guest_call_decode(&m, &memory, &call), HV_SUCCESS);
	cr_expect_eq(call.kind, GUEST_CALL_POST);
	cr_expect_eq(call.connection_id, 4);
	cr_expect_eq(call.len, 40);
	cr_expect_eq(memcmp(call.message, in->payload, 40), 0);
}

Test(guest_call, a_longest_message_is_taken_and_a_longer_one_is_not)
{
	struct hv_input_post_message *in = post_at(0x1000, 4, 240);

	cr_expect_eq(guest_call_decode(&m, &memory, &call), HV_SUCCESS);
	in->payload_size = 241;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_PARAMETER);
	in->payload_size = UINT32_MAX;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_PARAMETER);
}

Test(guest_call, a_message_outside_memory_is_refused)
{
	m.rcx = HVCALL_POST_MESSAGE;
	m.rdx = sizeof(ram) - sizeof(struct hv_input_post_message) + 8;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_PARAMETER);
	m.rdx = UINT64_MAX - 8;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_PARAMETER);
}

Test(guest_call, a_message_has_no_fast_form)
{
	post_at(0x1000, 4, 40);
	m.rcx |= HV_HYPERCALL_FAST;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_HYPERCALL_INPUT);
}

Test(guest_call, a_fast_signal_is_in_the_register)
{
	m.rcx = HVCALL_SIGNAL_EVENT | HV_HYPERCALL_FAST;
	m.rdx = 0x2001 | UINT64_C(7) << 32;
	cr_expect_eq(guest_call_decode(&m, &memory, &call), HV_SUCCESS);
	cr_expect_eq(call.kind, GUEST_CALL_SIGNAL);
	cr_expect_eq(call.connection_id, 0x2001);
	cr_expect_eq(call.flag, 7);
}

Test(guest_call, a_slow_signal_is_in_memory)
{
	const uint64_t input = 0x2002 | UINT64_C(3) << 32;

	m.rcx = HVCALL_SIGNAL_EVENT;
	m.rdx = 0x2008;
	memcpy(ram + m.rdx, &input, sizeof(input));
	cr_expect_eq(guest_call_decode(&m, &memory, &call), HV_SUCCESS);
	cr_expect_eq(call.connection_id, 0x2002);
	cr_expect_eq(call.flag, 3);
	m.rdx = sizeof(ram);
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_PARAMETER);
}

Test(guest_call, other_calls_do_not_exist)
{
	m.rcx = HVCALL_POST_MESSAGE_DIRECT;
	cr_expect_eq(guest_call_decode(&m, &memory, &call),
	    HV_INVALID_HYPERCALL_CODE);
}
