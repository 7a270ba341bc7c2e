/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: which there are, when they can be set, and to what. */
#include <criterion/criterion.h>
#include <mullion/hypercall_handlers.h>
#include <tlfs/partition.h>

#include "core/clock.h"
#include "core/lock.h"
#include "core/partition.h"
#include "x86/cpuid.h"
#include "x86/fpu.h"
#include "x86/tsc.h"

/* What is told to exist: a change of it is a change of the product. */
#define SYNTHETIC_FEATURES	UINT64_C(0x2f400fff)
#define CHILD_PRIVILEGES	UINT64_C(0x0000003000000a6e)

static struct partition part;
static uint64_t time_now;

uint32_t *
lock_ranks_held(void)
{
	static uint32_t ranks;

	return &ranks;
}

uint64_t
clock_now(const struct partition *of)
{
	cr_assert_eq(of, &part);
	return time_now;
}

void
clock_set(struct partition *of, uint64_t value)
{
	cr_assert_eq(of, &part);
	time_now = value;
}

void
clock_freeze(struct partition *of, bool freeze)
{
	of->time.frozen = freeze;
}

uint64_t
cpuid_privileges(bool root)
{
	return root ? UINT64_MAX : CHILD_PRIVILEGES;
}

uint64_t
fpu_components(void)
{
	return 7;
}

uint32_t
fpu_area_size(void)
{
	return 832;
}

uint64_t
tsc_hz(void)
{
	return UINT64_C(2500000000);
}

static void
setup(void)
{
	part = (struct partition){ .state = PARTITION_CREATED };
	spinlock_init(&part.lock, LOCK_RANK_PARTITION);
	time_now = 0;
}

TestSuite(property, .init = setup);

static enum hv_status
try(uint32_t code, uint64_t *value)
{
	const struct hv_input_get_partition_property in = {
		.property_code = code,
	};

	return call_get_partition_property(&in, &part, value);
}

static uint64_t
get(uint32_t code)
{
	uint64_t value = 0;

	cr_assert_eq(try(code, &value), HV_SUCCESS);
	return value;
}

static enum hv_status
set(uint32_t code, uint64_t value)
{
	const struct hv_input_set_partition_property in = {
		.property_code = code,
		.property_value = value,
	};

	return call_set_partition_property(&in, &part);
}

static enum hv_status
get_banks(uint32_t code, struct hv_partition_property_banks *banks)
{
	const struct hv_input_get_partition_property_ex in = {
		.property_code = code,
	};

	*banks = (struct hv_partition_property_banks){ 0 };
	return call_get_partition_property_ex(&in, &part, banks);
}

Test(property, of_the_machine_can_only_be_read)
{
	cr_expect_eq(get(HV_PROPERTY_XSAVE_STATES), 7);
	cr_expect_eq(get(HV_PROPERTY_MAX_XSAVE_DATA_SIZE), 832);
	cr_expect_eq(get(HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY), 2500000000);
	cr_expect_eq(get(HV_PROPERTY_PROCESSOR_FEATURES0), UINT64_MAX);
	cr_expect_lt(get(HV_PROPERTY_PHYSICAL_ADDRESS_WIDTH), 53);
	cr_expect_eq(set(HV_PROPERTY_XSAVE_STATES, 3), HV_UNKNOWN_PROPERTY);
}

Test(property, that_nobody_knows_is_told_so)
{
	uint64_t value;

	cr_expect_eq(try(0x12345, &value), HV_UNKNOWN_PROPERTY);
	cr_expect_eq(set(0x12345, 0), HV_UNKNOWN_PROPERTY);
	cr_expect_eq(try(HV_PROPERTY_INTEGRATED_SCHEDULER, &value),
	    HV_UNKNOWN_PROPERTY);
}

Test(property, features_are_cut_to_what_there_is)
{
	struct hv_partition_property_banks banks;

	cr_assert_eq(get_banks(HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES,
	    &banks), HV_SUCCESS);
	cr_expect_eq(set(HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES,
	    UINT64_MAX), HV_SUCCESS);
	cr_expect_eq(get(HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES),
	    banks.bank[0]);
	cr_expect_eq(set(HV_PROPERTY_PRIVILEGE_FLAGS, UINT64_MAX), HV_SUCCESS);
	cr_expect_eq(get(HV_PROPERTY_PRIVILEGE_FLAGS), CHILD_PRIVILEGES);
}

Test(property, features_come_before_the_start)
{
	part.state = PARTITION_ACTIVE;
	cr_expect_eq(set(HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES, 2),
	    HV_INVALID_PARTITION_STATE);
	cr_expect_eq(set(HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1), HV_SUCCESS);
}

Test(property, flags_are_0_or_1)
{
	static const uint32_t flags[] = {
		HV_PROPERTY_TIME_FREEZE, HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		HV_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		cr_expect_eq(get(flags[i]), 0);
		cr_expect_eq(set(flags[i], 2), HV_PROPERTY_VALUE_OUT_OF_RANGE);
		cr_expect_eq(get(flags[i]), 0);
		cr_expect_eq(set(flags[i], 1), HV_SUCCESS);
		cr_expect_eq(get(flags[i]), 1);
		cr_expect_eq(set(flags[i], 0), HV_SUCCESS);
		cr_expect_eq(get(flags[i]), 0);
	}
}

Test(property, time_can_be_set)
{
	cr_expect_eq(set(HV_PROPERTY_REFERENCE_TIME, 777), HV_SUCCESS);
	cr_expect_eq(get(HV_PROPERTY_REFERENCE_TIME), 777);
}

Test(property, sockets_hold_no_more_than_a_partition)
{
	cr_expect_eq(set(HV_PROPERTY_PROCESSORS_PER_SOCKET, 4), HV_SUCCESS);
	cr_expect_eq(get(HV_PROPERTY_PROCESSORS_PER_SOCKET), 4);
	cr_expect_eq(set(HV_PROPERTY_PROCESSORS_PER_SOCKET,
	    PARTITION_MAX_VPS + 1), HV_PROPERTY_VALUE_OUT_OF_RANGE);
}

Test(property, banks_tell_what_may_be_assigned)
{
	struct hv_partition_property_banks banks;

	cr_assert_eq(get_banks(HV_PROPERTY_VMM_CAPABILITIES, &banks),
	    HV_SUCCESS);
	cr_expect_eq(banks.bank_count, 1);
	cr_expect_eq(banks.bank[0], 0);
	cr_assert_eq(get_banks(HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES,
	    &banks), HV_SUCCESS);
	cr_expect_eq(banks.bank_count, 1);
	cr_expect_eq(banks.bank[0], SYNTHETIC_FEATURES);
	cr_expect_eq(get_banks(HV_PROPERTY_TIME_FREEZE, &banks),
	    HV_UNKNOWN_PROPERTY);
}
