/* SPDX-License-Identifier: Apache-2.0 */
/* MSHV_ROOT_HVCALL itself: what may be passed, and with what sizes. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/partition.h>
#include <tlfs/vp.h>

#include "cases.h"

static uint64_t in[512], out[512];

static struct mshv_call_request
request(uint16_t code)
{
	return (struct mshv_call_request){
		.code = code,
		.in_size = 24,
		.out_size = 8,
		.in = (uintptr_t)in,
		.out = (uintptr_t)out,
	};
}

static const char *
only_allowed_codes_pass(struct guest *g)
{
	static const uint16_t refused[] = {
		HVCALL_CREATE_PARTITION, HVCALL_DELETE_PARTITION,
		HVCALL_DEPOSIT_MEMORY, HVCALL_MAP_GPA_PAGES, HVCALL_CREATE_VP,
		HVCALL_DISPATCH_VP, HVCALL_ENTER_SLEEP_STATE, 0, 0xffff,
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct mshv_call_request r = request(refused[i]);

		EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r),
		    EINVAL);
		EXPECT_ERRNO(ioctl(g->vp, MSHV_ROOT_HVCALL, &r), EINVAL);
		EXPECT_ERRNO(ioctl(g->device, MSHV_ROOT_HVCALL, &r), EINVAL);
	}
	return NULL;
}

static const char *
the_parent_itself_has_two(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_SET_PARTITION_PROPERTY);

	EXPECT_ERRNO(ioctl(g->device, MSHV_ROOT_HVCALL, &r), EINVAL);
	r = request(HVCALL_GET_VP_REGISTERS);
	EXPECT_ERRNO(ioctl(g->device, MSHV_ROOT_HVCALL, &r), EINVAL);
	return NULL;
}

static const char *
bad_sizes_are_refused(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_PARTITION_PROPERTY);

	r.in_size = 4;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.in_size = 4097;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.in_size = 24;
	r.out_size = 0;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.out_size = 4097;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	return NULL;
}

static const char *
bad_fields_are_refused(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_PARTITION_PROPERTY);

	r.status = 1;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.status = 0;
	r.reserved[3] = 1;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.reserved[3] = 0;
	r.in = 0;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	r.in = 8;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EFAULT);
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, NULL), EFAULT);
	return NULL;
}

static const char *
properties_are_set_by_the_partition_only(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_SET_PARTITION_PROPERTY);

	r.out = 0;
	EXPECT_ERRNO(ioctl(g->vp, MSHV_ROOT_HVCALL, &r), EINVAL);
	return NULL;
}

static const char *
a_missing_output_is_an_error(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_PARTITION_PROPERTY);

	memset(in, 0, sizeof(in));
	in[1] = HV_PROPERTY_PROCESSOR_VENDOR;
	r.out = 0;
	r.out_size = 0;
	/* The driver passes 0 as address; whatever is said, nobody is hurt. */
	(void)ioctl(g->partition, MSHV_ROOT_HVCALL, &r);
	r = request(HVCALL_GET_PARTITION_PROPERTY);
	EXPECT_OK(ioctl(g->partition, MSHV_ROOT_HVCALL, &r));
	return NULL;
}

static const char *
reps_where_none_belong_are_refused(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_PARTITION_PROPERTY);

	r.reps = 1;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	EXPECT_EQ(r.status, HV_INVALID_HYPERCALL_INPUT);
	return NULL;
}

static const char *
missing_reps_are_refused(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_VP_REGISTERS);

	EXPECT_ERRNO(ioctl(g->partition, MSHV_ROOT_HVCALL, &r), EINVAL);
	EXPECT_EQ(r.status, HV_INVALID_HYPERCALL_INPUT);
	return NULL;
}

static const char *
lists_behind_the_page_are_refused(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_VP_REGISTERS);

	r.reps = 4095;
	EXPECT(ioctl(g->partition, MSHV_ROOT_HVCALL, &r) < 0,
	    "4095 names in a page");
	EXPECT_EQ(r.status, HV_INVALID_ALIGNMENT);
	return NULL;
}

static const char *
padding_does_not_matter(struct guest *g)
{
	struct mshv_call_request r = request(HVCALL_GET_PARTITION_PROPERTY);

	memset(in, 0xff, sizeof(in));
	in[1] = HV_PROPERTY_PROCESSOR_VENDOR | UINT64_C(0xdead) << 48;
	EXPECT_OK(ioctl(g->partition, MSHV_ROOT_HVCALL, &r));
	EXPECT_EQ(out[0], HV_PROCESSOR_VENDOR_AMD);
	return NULL;
}

static const struct abi_case calls_cases[] = {
	{ "only-allowed-codes-pass", GUEST_VP, only_allowed_codes_pass },
	{ "the-parent-itself-has-two", GUEST_DEVICE,
	    the_parent_itself_has_two },
	{ "bad-sizes-are-refused", GUEST_INITIALIZED, bad_sizes_are_refused },
	{ "bad-fields-are-refused", GUEST_INITIALIZED,
	    bad_fields_are_refused },
	{ "properties-are-set-by-the-partition-only", GUEST_VP,
	    properties_are_set_by_the_partition_only },
	{ "a-missing-output-is-an-error", GUEST_INITIALIZED,
	    a_missing_output_is_an_error },
	{ "reps-where-none-belong-are-refused", GUEST_INITIALIZED,
	    reps_where_none_belong_are_refused },
	{ "missing-reps-are-refused", GUEST_VP, missing_reps_are_refused },
	{ "lists-behind-the-page-are-refused", GUEST_VP,
	    lists_behind_the_page_are_refused },
	{ "padding-does-not-matter", GUEST_INITIALIZED,
	    padding_does_not_matter },
};
ABI_GROUP(calls);
