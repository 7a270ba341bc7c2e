/* SPDX-License-Identifier: Apache-2.0 */
/* VPs: how many, which, and in what state they begin. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/vp.h>

#include "cases.h"

GUEST_BLOB(halt);

static const char *
refuses_bad_indexes(struct guest *g)
{
	EXPECT_ERRNO(guest_create_vp(g->partition, 256), EINVAL);
	EXPECT_ERRNO(guest_create_vp(g->partition, UINT32_MAX), EINVAL);
	return NULL;
}

static const char *
refuses_the_same_twice(struct guest *g)
{
	EXPECT_ERRNO(guest_create_vp(g->partition, 0), EEXIST);
	/* A closed VP is there as long as the partition is. */
	close(g->vp);
	g->vp = -1;
	EXPECT_ERRNO(guest_create_vp(g->partition, 0), EEXIST);
	return NULL;
}

static const char *
come_in_any_order(struct guest *g)
{
	static const uint32_t order[] = { 3, 0, 7, 1 };
	int fds[4];

	for (int i = 0; i < 4; i++) {
		fds[i] = guest_create_vp(g->partition, order[i]);
		EXPECT_OK(fds[i]);
	}
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	return NULL;
}

static const char *
can_be_sixteen(struct guest *g)
{
	int fds[16];

	for (uint32_t i = 0; i < 16; i++) {
		fds[i] = guest_create_vp(g->partition, i);
		EXPECT_OK(fds[i]);
	}
	for (int i = 0; i < 16; i++)
		close(fds[i]);
	return NULL;
}

static const char *
register_is(struct guest *g, uint32_t name, uint64_t expected)
{
	uint64_t value;

	EXPECT_OK(guest_get(g, name, &value));
	EXPECT(value == expected, "register %#x is %#llx, not %#llx", name,
	    (unsigned long long)value, (unsigned long long)expected);
	return NULL;
}

static const char *
starts_as_after_reset(struct guest *g)
{
	static const struct {
		uint32_t name;
		uint64_t value;
	} expected[] = {
		{ HV_REGISTER_RIP, 0xfff0 },
		{ HV_REGISTER_RFLAGS, 2 },
		{ HV_REGISTER_RAX, 0 },
		{ HV_REGISTER_RSP, 0 },
		{ HV_REGISTER_CR0, 0x60000010 },
		{ HV_REGISTER_CR2, 0 },
		{ HV_REGISTER_CR3, 0 },
		{ HV_REGISTER_CR4, 0 },
		{ HV_REGISTER_CR8, 0 },
		{ HV_REGISTER_EFER, 0 },
		{ HV_REGISTER_PAT, UINT64_C(0x0007040600070406) },
		{ HV_REGISTER_APIC_BASE, 0xfee00900 },
		{ HV_REGISTER_DR7, 0x400 },
		{ HV_REGISTER_XFEM, 1 },
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const char *why = register_is(g, expected[i].name,
		    expected[i].value);

		if (why != NULL)
			return why;
	}
	return NULL;
}

static const char *
starts_at_the_reset_vector(struct guest *g)
{
	union hv_register_value cs;

	EXPECT_OK(guest_get_value(g, HV_REGISTER_CS, &cs));
	EXPECT_EQ(cs.segment.base, 0xffff0000);
	EXPECT_EQ(cs.segment.selector, 0xf000);
	EXPECT_EQ(cs.segment.limit, 0xffff);
	/* Nothing is mapped there: the first fetch says so. */
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(guest_access(g)->guest_physical_address, 0xfffffff0);
	return NULL;
}

static const char *
others_wait_for_a_sipi(struct guest *g)
{
	struct {
		struct hv_input_get_vp_registers header;
		uint32_t name;
	} in = { .header.vp_index = 1, .name = HV_REGISTER_APIC_BASE };
	union hv_register_value base;
	uint16_t reps = 1;
	int other = guest_create_vp(g->partition, 1);

	EXPECT_OK(other);
	EXPECT_OK(guest_call(other, HVCALL_GET_VP_REGISTERS, &in, sizeof(in),
	    &base, sizeof(base), &reps, NULL));
	EXPECT_EQ(base.reg64, 0xfee00800);
	alarm(1);
	EXPECT_ERRNO(ioctl(other, MSHV_RUN_VP, &g->message), EINTR);
	alarm(0);
	close(other);
	return NULL;
}

static const char *
is_ended_by_a_signal(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, halt));
	alarm(1);
	EXPECT_ERRNO(ioctl(g->vp, MSHV_RUN_VP, &g->message), EINTR);
	return NULL;
}

static const char *
refuses_unknown_requests(struct guest *g)
{
	EXPECT_ERRNO(ioctl(g->vp, _IO(MSHV_MAGIC, 0x55), 0), ENOTTY);
	EXPECT_ERRNO(ioctl(g->vp, MSHV_CREATE_VP, 0), ENOTTY);
	return NULL;
}

static const char *
refuses_a_bad_buffer(struct guest *g)
{
	EXPECT_ERRNO(ioctl(g->vp, MSHV_RUN_VP, (void *)8), EFAULT);
	return NULL;
}

static const struct abi_case vp_cases[] = {
	{ "refuses-bad-indexes", GUEST_INITIALIZED, refuses_bad_indexes },
	{ "refuses-the-same-twice", GUEST_VP, refuses_the_same_twice },
	{ "come-in-any-order", GUEST_INITIALIZED, come_in_any_order },
	{ "can-be-sixteen", GUEST_INITIALIZED, can_be_sixteen },
	{ "starts-as-after-reset", GUEST_VP, starts_as_after_reset },
	{ "starts-at-the-reset-vector", GUEST_VP,
	    starts_at_the_reset_vector },
	{ "others-wait-for-a-sipi", GUEST_VP, others_wait_for_a_sipi },
	{ "is-ended-by-a-signal", GUEST_VP, is_ended_by_a_signal },
	{ "refuses-unknown-requests", GUEST_VP, refuses_unknown_requests },
	{ "refuses-a-bad-buffer", GUEST_VP, refuses_a_bad_buffer },
};
ABI_GROUP(vp);
