/* SPDX-License-Identifier: Apache-2.0 */
/* Partition properties, of children and of the parent itself. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/partition.h>

#include "cases.h"

static int
property_get(int fd, uint32_t code, uint64_t *value, uint16_t *status)
{
	struct hv_input_get_partition_property in = { .property_code = code };

	return guest_call(fd, HVCALL_GET_PARTITION_PROPERTY, &in, sizeof(in),
	    value, sizeof(*value), NULL, status);
}

static int
property_set(struct guest *g, uint32_t code, uint64_t value, uint16_t *status)
{
	struct hv_input_set_partition_property in = {
		.property_code = code,
		.property_value = value,
	};

	return guest_call(g->partition, HVCALL_SET_PARTITION_PROPERTY, &in,
	    sizeof(in), NULL, 0, NULL, status);
}

static int
banks_get(int fd, uint32_t code, struct hv_partition_property_banks *banks)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = code,
	};

	return guest_call(fd, HVCALL_GET_PARTITION_PROPERTY_EX, &in,
	    sizeof(in), banks, sizeof(*banks), NULL, NULL);
}

static const char *
parents_can_be_got(struct guest *g)
{
	static const uint32_t codes[] = {
		HV_PROPERTY_PROCESSOR_FEATURES0,
		HV_PROPERTY_PROCESSOR_FEATURES1,
		HV_PROPERTY_PHYSICAL_ADDRESS_WIDTH,
		HV_PROPERTY_PROCESSOR_VENDOR,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		uint64_t value;

		if (property_get(g->device, codes[i], &value, NULL) < 0)
			return reason("%#x: %s", codes[i],
			    strerrorname_np(errno));
	}
	return NULL;
}

static const char *
assignable_features_can_be_got(struct guest *g)
{
	struct hv_partition_property_banks banks = { 0 };

	EXPECT_OK(banks_get(g->device,
	    HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES, &banks));
	EXPECT((banks.bank[0] & HV_SYNTHETIC_HYPERCALL) != 0,
	    "hypercalls are not among %#llx",
	    (unsigned long long)banks.bank[0]);
	return NULL;
}

static const char *
vmm_capabilities_can_be_got(struct guest *g)
{
	struct hv_partition_property_banks banks = { 0 };

	EXPECT_OK(banks_get(g->device, HV_PROPERTY_VMM_CAPABILITIES, &banks));
	return NULL;
}

static const char *
features_can_be_got(struct guest *g)
{
	uint64_t width, vendor, clock;

	EXPECT_OK(property_get(g->partition,
	    HV_PROPERTY_PHYSICAL_ADDRESS_WIDTH, &width, NULL));
	EXPECT(width >= 36 && width <= 52, "addresses of %llu bits",
	    (unsigned long long)width);
	EXPECT_OK(property_get(g->partition, HV_PROPERTY_PROCESSOR_VENDOR,
	    &vendor, NULL));
	EXPECT_EQ(vendor, HV_PROCESSOR_VENDOR_AMD);
	EXPECT_OK(property_get(g->partition,
	    HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, &clock, NULL));
	EXPECT(clock > 1000000, "%llu Hz", (unsigned long long)clock);
	return NULL;
}

static const char *
xsave_size_fits_its_states(struct guest *g)
{
	uint64_t states, size;

	EXPECT_OK(property_get(g->partition, HV_PROPERTY_XSAVE_STATES,
	    &states, NULL));
	EXPECT_OK(property_get(g->partition, HV_PROPERTY_MAX_XSAVE_DATA_SIZE,
	    &size, NULL));
	EXPECT(size >= 576 && size <= 4 * GUEST_PAGE, "%llu bytes",
	    (unsigned long long)size);
	EXPECT((states & 4) == 0 || size >= 832, "%llu bytes with AVX",
	    (unsigned long long)size);
	return NULL;
}

static const char *
vmms_settings_are_taken(struct guest *g)
{
	uint64_t value;

	EXPECT_OK(property_set(g, HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1,
	    NULL));
	EXPECT_OK(property_get(g->partition,
	    HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, &value, NULL));
	EXPECT_EQ(value, 1);
	EXPECT_OK(property_set(g, HV_PROPERTY_PROCESSORS_PER_SOCKET, 4, NULL));
	return NULL;
}

static const char *
features_are_taken_early(struct guest *g)
{
	EXPECT_OK(property_set(g, HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES,
	    HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HYPERCALL, NULL));
	EXPECT_OK(ioctl(g->partition, MSHV_INITIALIZE_PARTITION));
	return NULL;
}

static int
reference_time(struct guest *g, uint64_t *value)
{
	return property_get(g->partition, HV_PROPERTY_REFERENCE_TIME, value,
	    NULL);
}

static const char *
time_can_be_frozen(struct guest *g)
{
	uint64_t before, after;

	EXPECT_OK(property_set(g, HV_PROPERTY_TIME_FREEZE, 1, NULL));
	EXPECT_OK(reference_time(g, &before));
	for (int i = 0; i < 1000; i++)
		EXPECT_OK(reference_time(g, &after));
	EXPECT_EQ(after, before);
	EXPECT_OK(property_set(g, HV_PROPERTY_TIME_FREEZE, 0, NULL));
	for (int i = 0; i < 100000; i++) {
		EXPECT_OK(reference_time(g, &after));
		if (after > before)
			return NULL;
	}
	return "it does not go on";
}

static const char *
time_can_be_set(struct guest *g)
{
	uint64_t value;

	EXPECT_OK(property_set(g, HV_PROPERTY_TIME_FREEZE, 1, NULL));
	EXPECT_OK(property_set(g, HV_PROPERTY_REFERENCE_TIME,
	    UINT64_C(1000000000000), NULL));
	EXPECT_OK(reference_time(g, &value));
	EXPECT_EQ(value, UINT64_C(1000000000000));
	return NULL;
}

static const char *
unknown_ones_are_refused(struct guest *g)
{
	uint64_t value;
	uint16_t status;

	EXPECT_ERRNO(property_get(g->partition, 0x7777, &value, &status),
	    EINVAL);
	EXPECT_EQ(status, HV_UNKNOWN_PROPERTY);
	EXPECT_ERRNO(property_set(g, 0x7777, 1, &status), EINVAL);
	EXPECT_EQ(status, HV_UNKNOWN_PROPERTY);
	EXPECT_ERRNO(property_get(g->device, 0x7777, &value, &status), EINVAL);
	EXPECT_EQ(status, HV_UNKNOWN_PROPERTY);
	return NULL;
}

static const char *
read_only_ones_are_refused(struct guest *g)
{
	EXPECT(property_set(g, HV_PROPERTY_PROCESSOR_VENDOR, 1, NULL) < 0,
	    "the vendor can be set");
	EXPECT(property_set(g, HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, 1,
	    NULL) < 0, "the clock can be set");
	return NULL;
}

static const char *
bad_values_are_refused(struct guest *g)
{
	EXPECT(property_set(g, HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 99,
	    NULL) < 0, "MSR action 99");
	EXPECT(property_set(g, HV_PROPERTY_TIME_FREEZE, 99, NULL) < 0,
	    "time freeze 99");
	return NULL;
}

static const struct abi_case properties_cases[] = {
	{ "parents-can-be-got", GUEST_DEVICE, parents_can_be_got },
	{ "assignable-features-can-be-got", GUEST_DEVICE,
	    assignable_features_can_be_got },
	{ "vmm-capabilities-can-be-got", GUEST_DEVICE,
	    vmm_capabilities_can_be_got },
	{ "features-can-be-got", GUEST_INITIALIZED, features_can_be_got },
	{ "xsave-size-fits-its-states", GUEST_INITIALIZED,
	    xsave_size_fits_its_states },
	{ "vmms-settings-are-taken", GUEST_INITIALIZED,
	    vmms_settings_are_taken },
	{ "features-are-taken-early", GUEST_CREATED,
	    features_are_taken_early },
	{ "time-can-be-frozen", GUEST_VP, time_can_be_frozen },
	{ "time-can-be-set", GUEST_VP, time_can_be_set },
	{ "unknown-ones-are-refused", GUEST_INITIALIZED,
	    unknown_ones_are_refused },
	{ "read-only-ones-are-refused", GUEST_INITIALIZED,
	    read_only_ones_are_refused },
	{ "bad-values-are-refused", GUEST_INITIALIZED,
	    bad_values_are_refused },
};
ABI_GROUP(properties);
