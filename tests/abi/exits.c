/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of exit that a VMM sees, and what its message says. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/memory.h>

#include "cases.h"

GUEST_BLOB(out8);
GUEST_BLOB(out16);
GUEST_BLOB(out32);
GUEST_BLOB(in8);
GUEST_BLOB(out_string);
GUEST_BLOB(in_string);
GUEST_BLOB(store);
GUEST_BLOB(load);
GUEST_BLOB(triple_fault);
GUEST_BLOB(touch);

#define DATA 0x2000u

static const char *
is_io(const struct guest *g, uint16_t port, unsigned size, unsigned access)
{
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_EQ(guest_exit(g)->intercept_access_type, access);
	EXPECT_EQ(guest_io(g)->port_number, port);
	EXPECT_EQ(guest_io(g)->access_info & HV_IO_PORT_SIZE_MASK, size);
	return NULL;
}

static const char *
out_is_told(struct guest *g, uint16_t port, unsigned size, uint64_t value)
{
	uint64_t mask = UINT64_MAX >> (64 - 8 * size);
	const char *why;

	EXPECT_OK(guest_run(g));
	why = is_io(g, port, size, HV_INTERCEPT_ACCESS_WRITE);
	if (why != NULL)
		return why;
	EXPECT_EQ(guest_io(g)->rax & mask, value);
	EXPECT_EQ(guest_io(g)->access_info &
	    (HV_IO_PORT_STRING | HV_IO_PORT_REP), 0);
	return NULL;
}

static const char *
out_of_a_byte(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out8));
	return out_is_told(g, 0x80, 1, 0x42);
}

static const char *
out_of_two_bytes(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out16));
	return out_is_told(g, 0x1234, 2, 0xabcd);
}

static const char *
out_of_four_bytes(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out32));
	return out_is_told(g, 0x1234, 4, 0x89abcdef);
}

static const char *
the_header_tells_the_state(struct guest *g)
{
	uint64_t rip;

	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_exit(g)->vp_index, 0);
	EXPECT_EQ(guest_exit(g)->rip, GUEST_CODE + 2);
	EXPECT_EQ(guest_exit(g)->length_cr8 & HV_INTERCEPT_LENGTH_MASK, 2);
	EXPECT_EQ(guest_exit(g)->rflags & 2, 2);
	EXPECT_EQ(guest_exit(g)->cs.base, 0);
	EXPECT_EQ(guest_exit(g)->execution_state & HV_EXECUTION_CR0_PE, 0);
	/* Nothing was advanced. */
	EXPECT_OK(guest_get(g, HV_REGISTER_RIP, &rip));
	EXPECT_EQ(rip, GUEST_CODE + 2);
	return NULL;
}

static const char *
out_is_repeated_until_it_is_skipped(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out8));
	for (int i = 0; i < 3; i++) {
		EXPECT_OK(guest_run(g));
		EXPECT_EQ(guest_exit(g)->rip, GUEST_CODE + 2);
	}
	return NULL;
}

static const char *
in_of_a_byte(struct guest *g)
{
	const char *why;

	EXPECT_OK(GUEST_LOAD(g, in8));
	EXPECT_OK(guest_run(g));
	why = is_io(g, 0x80, 1, HV_INTERCEPT_ACCESS_READ);
	if (why != NULL)
		return why;
	EXPECT_OK(guest_set(g, HV_REGISTER_RAX, 0x77));
	EXPECT_OK(guest_skip_instruction(g));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, 0x81);
	EXPECT_EQ(guest_io(g)->rax & 0xff, 0x77);
	EXPECT_EQ(g->memory[DATA], 0x77);
	return NULL;
}

static const char *
out_of_a_string(struct guest *g)
{
	const char *why;

	EXPECT_OK(GUEST_LOAD(g, out_string));
	EXPECT_OK(guest_run(g));
	why = is_io(g, 0x1234, 1, HV_INTERCEPT_ACCESS_WRITE);
	if (why != NULL)
		return why;
	EXPECT_EQ(guest_io(g)->access_info &
	    (HV_IO_PORT_STRING | HV_IO_PORT_REP),
	    HV_IO_PORT_STRING | HV_IO_PORT_REP);
	EXPECT_EQ(guest_io(g)->rcx & 0xffff, 3);
	EXPECT_EQ(guest_io(g)->rsi & 0xffff, DATA);
	EXPECT_EQ(guest_io(g)->ds.base, 0);
	return NULL;
}

static const char *
in_of_a_string(struct guest *g)
{
	const char *why;

	EXPECT_OK(GUEST_LOAD(g, in_string));
	EXPECT_OK(guest_run(g));
	why = is_io(g, 0x1234, 2, HV_INTERCEPT_ACCESS_READ);
	if (why != NULL)
		return why;
	EXPECT_EQ(guest_io(g)->access_info &
	    (HV_IO_PORT_STRING | HV_IO_PORT_REP), HV_IO_PORT_STRING);
	EXPECT_EQ(guest_io(g)->rdi & 0xffff, DATA);
	EXPECT_EQ(guest_io(g)->es.base, 0);
	return NULL;
}

static const char *
store_to_nothing(struct guest *g)
{
	const struct hv_memory_intercept_message *m = guest_access(g);

	EXPECT_OK(GUEST_LOAD(g, store));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_EQ(m->guest_physical_address, GUEST_HOLE + 0x10);
	/* movb $0x55, 0x10 is C6 06 10 00 55. */
	EXPECT(m->instruction_byte_count >= 5, "%u bytes of the instruction",
	    m->instruction_byte_count);
	EXPECT(memcmp(m->instruction_bytes, "\xc6\x06\x10\x00\x55", 5) == 0,
	    "other bytes: %02x %02x", m->instruction_bytes[0],
	    m->instruction_bytes[1]);
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, guest_exit(g)->rip + 5));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	return NULL;
}

static const char *
load_from_nothing(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, load));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_READ);
	EXPECT_EQ(guest_access(g)->guest_physical_address, GUEST_HOLE + 0x20);
	return NULL;
}

static const char *
a_triple_fault_is_told(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, triple_fault));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type,
	    HVMSG_UNRECOVERABLE_EXCEPTION);
	EXPECT_EQ(guest_exit(g)->vp_index, 0);
	return NULL;
}

static const char *
memory_faults_are_not_told(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, touch));
	*(uint32_t *)(g->memory + DATA) = 0x4000;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	return NULL;
}

static const char *
ten_thousand_in_a_row(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out8));
	for (int i = 0; i < 10000; i++) {
		if (guest_run(g) < 0)
			return reason("exit %d: %s", i, strerrorname_np(errno));
	}
	EXPECT_EQ(guest_exit(g)->rip, GUEST_CODE + 2);
	return NULL;
}

static const struct abi_case exits_cases[] = {
	{ "out-of-a-byte", GUEST_VP, out_of_a_byte },
	{ "out-of-two-bytes", GUEST_VP, out_of_two_bytes },
	{ "out-of-four-bytes", GUEST_VP, out_of_four_bytes },
	{ "the-header-tells-the-state", GUEST_VP,
	    the_header_tells_the_state },
	{ "out-is-repeated-until-it-is-skipped", GUEST_VP,
	    out_is_repeated_until_it_is_skipped },
	{ "in-of-a-byte", GUEST_VP, in_of_a_byte },
	{ "out-of-a-string", GUEST_VP, out_of_a_string },
	{ "in-of-a-string", GUEST_VP, in_of_a_string },
	{ "store-to-nothing", GUEST_VP, store_to_nothing },
	{ "load-from-nothing", GUEST_VP, load_from_nothing },
	{ "a-triple-fault-is-told", GUEST_VP, a_triple_fault_is_told },
	{ "memory-faults-are-not-told", GUEST_VP, memory_faults_are_not_told },
	{ "ten-thousand-in-a-row", GUEST_VP, ten_thousand_in_a_row },
};
ABI_GROUP(exits);
