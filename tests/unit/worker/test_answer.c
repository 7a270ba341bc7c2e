/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to what stops a processor. */
#include <criterion/criterion.h>
#include <string.h>
#include <tlfs/intercept_message.h>
#include <tlfs/registers.h>

#include "fake_backend.h"
#include "worker/machine.h"
#include "worker/vp.h"

#define RIP 0x1000
#define NUMBER_RIP 16

static struct machine m;
static struct vp *vp = &m.vp[0];
static uint8_t output[DEVICES_OUTPUT_SIZE];

static void
setup(void)
{
	fake_reset();
	memset(&m, 0, sizeof(m));
	m.backend = &fake_backend;
	m.cpus = 1;
	m.event_fd = -1;
	pthread_mutex_init(&m.devices_lock, NULL);
	pthread_mutex_init(&m.lock, NULL);
	pthread_cond_init(&m.changed, NULL);
	devices_init(&m.devices, true, output);
	vp->machine = &m;
}

static void
with_page(void)
{
	fake.page.isvalid = 1;
	vp->link.page = &fake.page;
}

static struct hv_io_port_intercept_message *
io(uint16_t port, unsigned size, bool in, uint64_t rax)
{
	struct hv_io_port_intercept_message *msg =
	    (void *)vp->message.payload_bytes;

	memset(&vp->message, 0, sizeof(vp->message));
	vp->message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	msg->header.rip = RIP;
	msg->header.length_cr8 = 0x52;	/* CR8 is 5, 2 bytes long */
	msg->header.intercept_access_type = in ? 0 : 1;
	msg->port_number = port;
	msg->access_info = (uint8_t)size;
	msg->rax = rax;
	return msg;
}

static const char *
reason(enum machine_ending want)
{
	static char text[MACHINE_REASON_MAX];
	uint8_t code;

	cr_assert_eq(machine_ending(&m, &code, text), want, "%s", text);
	return text;
}

TestSuite(answer, .init = setup);

Test(answer, a_port_write_goes_to_the_device_and_on)
{
	with_page();
	io(0xe9, 1, false, 0x1141);
	vp_answer(vp);
	cr_expect_eq(output[0], 0x41);
	cr_expect_eq(fake.page.rip, RIP + 2);
	cr_expect_eq(fake.page.dirty, HV_REGISTER_PAGE_DIRTY_IP);
	cr_expect_eq(fake.register_writes, 0, "no call into the hypervisor");
}

Test(answer, a_port_read_merges_into_rax)
{
	with_page();
	io(0xe9, 1, true, 0x1122334455667788);
	vp_answer(vp);
	cr_expect_eq(fake.page.gp_registers[0], 0x11223344556677e9);
	cr_expect_eq(fake.page.dirty, HV_REGISTER_PAGE_DIRTY_IP |
	    HV_REGISTER_PAGE_DIRTY_GENERAL);
	io(0x1234, 2, true, 0x1122334455667788);
	vp_answer(vp);
	cr_expect_eq(fake.page.gp_registers[0], 0x112233445566ffff);
	io(0x1234, 4, true, 0x1122334455667788);
	vp_answer(vp);
	cr_expect_eq(fake.page.gp_registers[0], 0xffffffff,
	    "4 bytes clear the upper half");
}

Test(answer, without_a_valid_page_registers_are_set_by_call)
{
	with_page();
	fake.page.isvalid = 0;
	io(0xe9, 1, true, 0);
	vp_answer(vp);
	cr_expect_eq(fake.page.dirty, 0);
	cr_expect_eq(fake.registers[0], 0xe9);
	cr_expect_eq(fake.registers[NUMBER_RIP], RIP + 2);
}

Test(answer, a_refused_register_ends_the_child)
{
	fake.refuse_registers = true;
	io(0xe9, 1, true, 0);
	vp_answer(vp);
	cr_expect(strstr(reason(MACHINE_FAILED), "refused") != NULL);
}

Test(answer, sizes_that_do_not_exist_end_the_child)
{
	io(0x60, 3, true, 0);
	vp_answer(vp);
	reason(MACHINE_FAILED);
}

Test(answer, power_off_and_debug_exit_end_the_child_well)
{
	with_page();
	io(0xf4, 1, false, 8);
	vp_answer(vp);
	reason(MACHINE_PAYLOAD_EXIT);
	cr_expect_eq(m.code, 8);
	cr_expect_eq(atomic_load(&m.gate), MACHINE_QUIT);
}

Test(answer, the_first_ending_is_the_one_that_counts)
{
	with_page();
	io(0x604, 2, false, 0x2000);
	vp_answer(vp);
	io(0xf4, 1, false, 8);
	vp_answer(vp);
	reason(MACHINE_POWERED_OFF);
}

static struct hv_memory_intercept_message *
memory(uint64_t gpa, bool write, const uint8_t *bytes, uint8_t n)
{
	struct hv_memory_intercept_message *msg =
	    (void *)vp->message.payload_bytes;

	memset(&vp->message, 0, sizeof(vp->message));
	vp->message.header.message_type = HVMSG_UNMAPPED_GPA;
	msg->header.rip = RIP;
	msg->header.intercept_access_type = write ? 1 : 0;
	msg->header.execution_state = HV_EXECUTION_EFER_LMA;
	msg->header.cs.attributes = HV_SEGMENT_LONG;
	msg->guest_physical_address = gpa;
	msg->instruction_byte_count = n;
	memcpy(msg->instruction_bytes, bytes, n < 16 ? n : 16);
	return msg;
}

static const uint8_t store_eax[] = { 0x89, 0x03 };
static const uint8_t load_ecx[] = { 0x8b, 0x0b };

Test(answer, device_memory_is_read_and_written)
{
	with_page();
	fake.page.gp_registers[0] = 1;	/* the version register */
	memory(0xfec00000, true, store_eax, 2);
	vp_answer(vp);
	cr_expect_eq(fake.page.rip, RIP + 2);
	memory(0xfec00010, false, load_ecx, 2);
	vp_answer(vp);
	cr_expect_eq(fake.page.gp_registers[1],
	    0x11 | (IOAPIC_PINS - 1) << 16);
}

Test(answer, device_memory_works_without_a_page)
{
	fake.registers[0] = 1;
	memory(0xfec00000, true, store_eax, 2);
	vp_answer(vp);
	memory(0xfec00010, false, load_ecx, 2);
	vp_answer(vp);
	cr_expect_eq(fake.registers[1], 0x11 | (IOAPIC_PINS - 1) << 16);
	cr_expect_eq(fake.registers[NUMBER_RIP], RIP + 2);
}

Test(answer, an_instruction_that_is_not_known_ends_the_child)
{
	static const uint8_t add[] = { 0x01, 0x03 };

	with_page();
	memory(0xd0000000, true, add, 2);
	vp_answer(vp);
	cr_expect(strstr(reason(MACHINE_FAILED), "0xd0000000") != NULL);
	cr_expect(strstr(reason(MACHINE_FAILED), " 01 03") != NULL);
}

Test(answer, more_bytes_than_a_message_holds_are_not_read)
{
	with_page();
	memory(0xd0000000, true, store_eax, 2)->instruction_byte_count = 255;
	vp_answer(vp);
	cr_expect_eq(fake.page.rip, RIP + 2);
}

Test(answer, running_device_memory_ends_the_child)
{
	with_page();
	memory(0xd0000000, false, store_eax, 2)->header.intercept_access_type =
	    HV_INTERCEPT_ACCESS_EXECUTE;
	vp_answer(vp);
	reason(MACHINE_FAILED);
}

/* The text for a message of @type, whose payload tells of RIP. */
static const char *
fatal(uint32_t type)
{
	memory(0, false, store_eax, 0);
	vp->message.header.message_type = type;
	vp_answer(vp);
	return reason(MACHINE_FAILED);
}

Test(answer, a_triple_fault_is_told_with_its_place)
{
	const char *text = fatal(HVMSG_UNRECOVERABLE_EXCEPTION);

	cr_expect(strstr(text, "triple fault") != NULL);
	cr_expect(strstr(text, "0x1000") != NULL);
}

Test(answer, what_nobody_expects_ends_the_child_with_a_text)
{
	static const uint32_t types[] = {
		HVMSG_GPA_INTERCEPT, HVMSG_INVALID_VP_REGISTER_VALUE,
		HVMSG_UNSUPPORTED_FEATURE, HVMSG_X64_MSR_INTERCEPT,
		HVMSG_X64_CPUID_INTERCEPT, HVMSG_X64_EXCEPTION_INTERCEPT,
		HVMSG_X64_HALT, 0x12345678,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		setup();
		cr_expect_neq(fatal(types[i])[0], '\0');
	}
}
