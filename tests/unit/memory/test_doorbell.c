/* SPDX-License-Identifier: Apache-2.0 */
/* Doorbells, and the encoding of device interrupts. */
#include <criterion/criterion.h>

#include "core/device_interrupt.h"
#include "core/doorbell.h"
#include <tlfs/port.h>

#define GPA	UINT64_C(0xfe001050)

static struct doorbell_page second;
static struct doorbell_page table = { .next = &second };

static const struct doorbell *
write_of(uint64_t gpa, uint8_t size, uint64_t value)
{
	struct doorbell_write w = { .gpa = gpa, .size = size, .value = value };

	return doorbell_match(&table, &w);
}

static void
connect(uint32_t place, uint64_t flags, uint64_t value)
{
	second.entry[place] = (struct doorbell){
		.gpa = GPA, .flags = flags, .value = value,
		.connection = place + 1, .port = 7,
	};
}

Test(doorbell, rings_for_any_value_if_it_says_so)
{
	connect(3, HV_DOORBELL_SIZE_WORD | HV_DOORBELL_ANY_VALUE, 0);
	cr_expect_eq(write_of(GPA, 2, 55), &second.entry[3]);
	cr_expect_null(write_of(GPA, 4, 55));
	cr_expect_null(write_of(GPA + 2, 2, 55));
}

Test(doorbell, compares_as_many_bytes_as_are_written)
{
	connect(0, HV_DOORBELL_SIZE_ANY, 0x1234);
	cr_expect_not_null(write_of(GPA, 2, 0xffff1234));
	cr_expect_null(write_of(GPA, 4, 0xffff1234));
	cr_expect_not_null(write_of(GPA, 8, 0x1234));
	cr_expect_not_null(write_of(GPA, 1, 0x34));
}

Test(doorbell, that_is_disconnected_is_silent)
{
	connect(0, HV_DOORBELL_ANY_VALUE, 0);
	cr_assert_not_null(doorbell_find(&table, 1));
	doorbell_find(&table, 1)->connection = 0;
	cr_expect_null(write_of(GPA, 4, 0));
	cr_expect_eq(doorbell_find(&table, 0), &table.entry[0]);
}

Test(doorbell, has_no_flags_but_the_known_ones)
{
	cr_expect(doorbell_flags_valid(HV_DOORBELL_SIZE_QWORD |
	    HV_DOORBELL_ANY_VALUE));
	cr_expect(!doorbell_flags_valid(HV_DOORBELL_SIZE_QWORD + 1));
	cr_expect(!doorbell_flags_valid(0x100));
}

Test(device_interrupt, for_pci_is_a_message)
{
	uint64_t device = (uint64_t)HV_DEVICE_TYPE_PCI << 62 | 0x18;
	struct hv_output_map_device_interrupt e;

	cr_assert_eq(device_interrupt_encode(device, 0x41, 3, &e), HV_SUCCESS);
	cr_expect_eq(e.source, HV_INTERRUPT_SOURCE_MSI);
	cr_expect_eq(e.value & UINT32_MAX, 0xfee03000);
	cr_expect_eq(e.value >> 32, 0x41);
}

Test(device_interrupt, for_an_io_apic_is_a_redirection_entry)
{
	uint64_t device = (uint64_t)HV_DEVICE_TYPE_IOAPIC << 62;
	struct hv_output_map_device_interrupt e;

	cr_assert_eq(device_interrupt_encode(device, 0x31, 2, &e), HV_SUCCESS);
	cr_expect_eq(e.source, HV_INTERRUPT_SOURCE_IOAPIC);
	cr_expect_eq(e.value, UINT64_C(0x0200000000000031));
}

Test(device_interrupt, tells_only_what_fits)
{
	struct hv_output_map_device_interrupt e;

	cr_expect_eq(device_interrupt_encode(0, 15, 0, &e),
	    HV_INVALID_PARAMETER);
	cr_expect_eq(device_interrupt_encode(0, 256, 0, &e),
	    HV_INVALID_PARAMETER);
	cr_expect_eq(device_interrupt_encode(0, 32, 256, &e),
	    HV_INVALID_PARAMETER);
}
