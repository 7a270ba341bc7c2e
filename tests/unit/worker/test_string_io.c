/* SPDX-License-Identifier: Apache-2.0 */
/* String instructions on ports. */
#include <criterion/criterion.h>
#include <string.h>
#include <tlfs/intercept_message.h>
#include <tlfs/registers.h>

#include "fake_backend.h"
#include "worker/machine.h"
#include "worker/string_io.h"
#include "worker/vp.h"
#include "worker/vp_registers.h"

#define RIP 0x1000
#define LENGTH 2
#define AT 0x200000
#define DOWN UINT64_C(0x400)
#define PORT_OUTPUT 0xe9

static struct machine m;
static struct vp *vp = &m.vp[0];
static struct hv_io_port_intercept_message *msg;
static uint8_t output[DEVICES_OUTPUT_SIZE];

static void
setup(void)
{
	struct err e;

	fake_reset();
	memset(&m, 0, sizeof(m));
	m.backend = &fake_backend;
	m.event_fd = -1;
	pthread_mutex_init(&m.devices_lock, NULL);
	pthread_mutex_init(&m.lock, NULL);
	pthread_cond_init(&m.changed, NULL);
	devices_init(&m.devices, true, output);
	cr_assert_eq(guest_memory_create(&m.memory, 4 << 20, 0, &e), 0);
	vp->machine = &m;
	msg = (void *)vp->message.payload_bytes;
}

static void
teardown(void)
{
	guest_memory_destroy(&m.memory);
}

/* A 64-bit instruction of one opcode byte after prefix @prefix. */
static void
instruction(uint8_t prefix, bool in, unsigned size, uint16_t port)
{
	memset(&vp->message, 0, sizeof(vp->message));
	vp->message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	msg->header.rip = RIP;
	msg->header.length_cr8 = LENGTH;
	msg->header.intercept_access_type = in ? 0 : 1;
	msg->header.execution_state = HV_EXECUTION_EFER_LMA;
	msg->header.cs.attributes = HV_SEGMENT_LONG;
	msg->port_number = port;
	msg->access_info = (uint8_t)(size | HV_IO_PORT_STRING |
	    (prefix == 0xf3 ? HV_IO_PORT_REP : 0));
	msg->instruction_byte_count = 2;
	msg->instruction_bytes[0] = prefix;
	msg->instruction_bytes[1] = in ? 0x6c : 0x6e;
}

static uint64_t
rip(void)
{
	return fake.registers[HV_REGISTER_RIP - HV_REGISTER_RAX];
}

TestSuite(string_io, .init = setup, .fini = teardown);

Test(string_io, writes_what_is_in_memory)
{
	memcpy(m.memory.base + AT, "hello", 5);
	fake.registers[VP_RSI] = AT;
	fake.registers[VP_RCX] = 5;
	instruction(0xf3, false, 1, PORT_OUTPUT);
	vp_answer(vp);
	cr_expect_arr_eq(output, "hello", 5);
	cr_expect_eq(fake.registers[VP_RSI], AT + 5);
	cr_expect_eq(fake.registers[VP_RCX], 0);
	cr_expect_eq(rip(), RIP + LENGTH);
}

Test(string_io, reads_into_memory)
{
	fake.registers[VP_RDI] = AT + 1;
	fake.registers[VP_RCX] = 3;
	instruction(0xf3, true, 2, 0x1234);
	vp_answer(vp);
	cr_expect_eq(m.memory.base[AT], 0);
	for (unsigned i = 1; i <= 6; i++)
		cr_expect_eq(m.memory.base[AT + i], 0xff);
	cr_expect_eq(m.memory.base[AT + 7], 0);
	cr_expect_eq(fake.registers[VP_RDI], AT + 7);
}

Test(string_io, goes_backwards)
{
	memcpy(m.memory.base + AT, "ab", 2);
	fake.registers[VP_RSI] = AT + 1;
	fake.registers[VP_RCX] = 2;
	instruction(0xf3, false, 1, PORT_OUTPUT);
	msg->header.rflags = DOWN;
	vp_answer(vp);
	cr_expect_arr_eq(output, "ba", 2);
	cr_expect_eq(fake.registers[VP_RSI], AT - 1);
}

Test(string_io, without_rep_moves_one_and_leaves_the_count)
{
	fake.registers[VP_RSI] = AT;
	fake.registers[VP_RCX] = 77;
	instruction(0x90, false, 1, PORT_OUTPUT);
	vp_answer(vp);
	cr_expect_eq(m.devices.output.written, 1);
	cr_expect_eq(fake.registers[VP_RCX], 77);
	cr_expect_eq(rip(), RIP + LENGTH);
}

Test(string_io, a_count_of_zero_does_nothing)
{
	fake.registers[VP_RSI] = AT;
	instruction(0xf3, false, 1, PORT_OUTPUT);
	vp_answer(vp);
	cr_expect_eq(m.devices.output.written, 0);
	cr_expect_eq(rip(), RIP + LENGTH);
}

Test(string_io, a_long_count_is_gone_on_with_later)
{
	fake.registers[VP_RSI] = AT;
	fake.registers[VP_RCX] = STRING_IO_BATCH + 1;
	instruction(0xf3, false, 1, 0x80);
	vp_answer(vp);
	cr_expect_eq(fake.registers[VP_RCX], 1);
	cr_expect_eq(rip(), RIP, "the instruction is not over");
	vp_answer(vp);
	cr_expect_eq(fake.registers[VP_RCX], 0);
	cr_expect_eq(rip(), RIP + LENGTH);
}

Test(string_io, a_fault_stops_it_where_it_is)
{
	fake.absent_page = (AT + 4096) >> 12;
	fake.registers[VP_RDI] = AT + 4094;
	fake.registers[VP_RCX] = 4;
	instruction(0xf3, true, 1, 0x80);
	msg->header.execution_state |= 3;
	vp_answer(vp);
	cr_expect_eq(fake.registers[VP_RCX], 2);
	cr_expect_eq(fake.registers[VP_RDI], AT + 4096);
	cr_expect_eq(rip(), RIP);
	cr_expect_eq(fake.cr2, AT + 4096);
	cr_expect_eq(fake.pending >> 32, 6, "a write, by the user");
	cr_expect_eq(fake.pending & 0xffff001f, 0x000e0017);
}

Test(string_io, an_element_that_faults_is_not_read_from_the_port)
{
	fake.absent_page = (AT + 4096) >> 12;
	fake.registers[VP_RDI] = AT + 4095;
	instruction(0x90, true, 2, 0x1234);
	vp_answer(vp);
	cr_expect_eq(m.memory.base[AT + 4095], 0);
	cr_expect_eq(fake.cr2, AT + 4096);
}

Test(string_io, where_there_is_no_memory_reads_as_ones)
{
	fake.unmapped_page = AT >> 12;
	fake.registers[VP_RSI] = AT;
	instruction(0x90, false, 1, PORT_OUTPUT);
	vp_answer(vp);
	cr_expect_eq(output[0], 0xff);
	instruction(0x90, true, 1, PORT_OUTPUT);
	fake.registers[VP_RDI] = AT;
	vp_answer(vp);
	cr_expect_eq(m.memory.base[AT], 0);
}

Test(string_io, segments_count_outside_of_long_mode)
{
	m.memory.base[AT + 0x10] = 'x';
	fake.segment_base = AT;
	fake.registers[VP_RSI] = 0xffff00000010;
	instruction(0x90, false, 1, PORT_OUTPUT);
	msg->header.execution_state = 0;
	msg->header.cs.attributes = HV_SEGMENT_DEFAULT;
	vp_answer(vp);
	cr_expect_eq(output[0], 'x');
	cr_expect_eq(fake.registers[VP_RSI], 0x11, "32 bits are written");
}

Test(string_io, prefixes_choose_segment_and_address_size)
{
	struct string_io s;

	instruction(0x65, false, 1, PORT_OUTPUT);
	string_io_decode(msg, &s);
	cr_expect_eq(s.segment, HV_REGISTER_GS);
	cr_expect_eq(s.mask, UINT64_MAX);
	instruction(0x36, false, 1, PORT_OUTPUT);
	string_io_decode(msg, &s);
	cr_expect_eq(s.segment, HV_REGISTER_SS);
	instruction(0x67, true, 1, PORT_OUTPUT);
	string_io_decode(msg, &s);
	cr_expect_eq(s.segment, HV_REGISTER_ES);
	cr_expect_eq(s.mask, UINT32_MAX);
}
