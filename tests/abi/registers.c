/* SPDX-License-Identifier: Apache-2.0 */
/* GET_VP_REGISTERS and SET_VP_REGISTERS through the driver. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/vp.h>

#include "cases.h"

#define MANY 30

static const char *
keeps(struct guest *g, uint32_t name, uint64_t value)
{
	uint64_t now;

	if (guest_set(g, name, value) < 0)
		return reason("register %#x: %s on set", name,
		    strerrorname_np(errno));
	if (guest_get(g, name, &now) < 0)
		return reason("register %#x: %s on get", name,
		    strerrorname_np(errno));
	EXPECT(now == value, "register %#x is %#llx, not %#llx", name,
	    (unsigned long long)now, (unsigned long long)value);
	return NULL;
}

static const char *
general_ones_are_kept(struct guest *g)
{
	const char *why = NULL;

	for (uint32_t r = HV_REGISTER_RAX; r <= HV_REGISTER_RIP &&
	    why == NULL; r++)
		why = keeps(g, r, 0x123456780000 + r);
	if (why == NULL)
		why = keeps(g, HV_REGISTER_RFLAGS, 0x246);
	return why;
}

struct kept {
	uint32_t name;
	uint64_t value;
};

static const char *
all_are_kept(struct guest *g, const struct kept *kept, size_t count)
{
	const char *why = NULL;

	for (size_t i = 0; i < count && why == NULL; i++)
		why = keeps(g, kept[i].name, kept[i].value);
	return why;
}
#define ALL_ARE_KEPT(g, list) all_are_kept(g, list, sizeof(list) / sizeof(*list))

static const char *
control_ones_are_kept(struct guest *g)
{
	static const struct kept list[] = {
		{ HV_REGISTER_CR2, 0x123456789000 },
		{ HV_REGISTER_CR3, 0x5000 },
		{ HV_REGISTER_CR4, 0x620 },
		{ HV_REGISTER_CR8, 7 },
		{ HV_REGISTER_EFER, 0x100 },
		{ HV_REGISTER_EFER, 0xd01 },
		{ HV_REGISTER_CR0, 0x80000011 },
		{ HV_REGISTER_DR0, 0x1000 },
		{ HV_REGISTER_DR3, 0x4000 },
		{ HV_REGISTER_DR6, 0xffff0ff0 },
		{ HV_REGISTER_DR7, 0x400 },
		{ HV_REGISTER_XFEM, 3 },
	};

	return ALL_ARE_KEPT(g, list);
}

static const char *
model_specific_ones_are_kept(struct guest *g)
{
	static const struct kept list[] = {
		{ HV_REGISTER_KERNEL_GS_BASE, 0x7000 },
		{ HV_REGISTER_PAT, UINT64_C(0x0606060606060606) },
		{ HV_REGISTER_SYSENTER_CS, 0x10 },
		{ HV_REGISTER_SYSENTER_EIP, 0x123456 },
		{ HV_REGISTER_SYSENTER_ESP, 0x234567 },
		{ HV_REGISTER_STAR, UINT64_C(0x0023001000000000) },
		{ HV_REGISTER_LSTAR, 0x345678 },
		{ HV_REGISTER_CSTAR, 0x456789 },
		{ HV_REGISTER_SFMASK, 0x47700 },
		{ HV_REGISTER_TSC_AUX, 5 },
		{ HV_REGISTER_MTRR_DEF_TYPE, 0xc06 },
		{ HV_REGISTER_MTRR_PHYS_BASE0, 0x80000000 },
		{ HV_REGISTER_MTRR_PHYS_MASK0, 0xff80000800 },
		{ HV_REGISTER_MTRR_FIX_64K_00000,
		    UINT64_C(0x0606060606060606) },
	};

	return ALL_ARE_KEPT(g, list);
}

static const char *
synthetic_ones_are_kept(struct guest *g)
{
	static const struct kept list[] = {
		{ HV_REGISTER_GUEST_OS_ID, UINT64_C(0x8100000000000000) },
		{ HV_REGISTER_SINT0 + 2, 0xf3 },
		{ HV_REGISTER_SINT0 + 2, 0x10000 },
		{ HV_REGISTER_SCONTROL, 1 },
		{ HV_REGISTER_SIMP, 0x30001 },
		{ HV_REGISTER_SIEFP, 0x31001 },
		{ HV_REGISTER_STIMER0_CONFIG, 0x1ed8 },
	};
	uint64_t index;
	const char *why = ALL_ARE_KEPT(g, list);

	if (why != NULL)
		return why;
	EXPECT_OK(guest_get(g, HV_REGISTER_VP_INDEX, &index));
	EXPECT_EQ(index, 0);
	return NULL;
}

static const char *
segments_are_kept(struct guest *g)
{
	static const union hv_register_value want = {
		.segment = { 0x12340, 0xfffff, 0x10, 0xc093 },
	};

	for (uint32_t r = HV_REGISTER_ES; r <= HV_REGISTER_TR; r++) {
		union hv_register_value now, set = want;

		if (r == HV_REGISTER_CS)
			set.segment.attributes = 0xc09b;
		if (r == HV_REGISTER_LDTR)
			set.segment.attributes = 0x0082;
		if (r == HV_REGISTER_TR)
			set.segment.attributes = 0x008b;
		EXPECT_OK(guest_set_value(g, r, &set));
		EXPECT_OK(guest_get_value(g, r, &now));
		EXPECT(memcmp(&now, &set, sizeof(now)) == 0,
		    "segment %#x: base %#llx limit %#x attributes %#x", r,
		    (unsigned long long)now.segment.base, now.segment.limit,
		    now.segment.attributes);
	}
	return NULL;
}

static const char *
tables_are_kept(struct guest *g)
{
	union hv_register_value now;
	const union hv_register_value set = {
		.table = { .limit = 0x3ff, .base = 0x54320 },
	};

	for (uint32_t r = HV_REGISTER_IDTR; r <= HV_REGISTER_GDTR; r++) {
		EXPECT_OK(guest_set_value(g, r, &set));
		EXPECT_OK(guest_get_value(g, r, &now));
		EXPECT_EQ(now.table.limit, set.table.limit);
		EXPECT_EQ(now.table.base, set.table.base);
	}
	return NULL;
}

static const char *
floating_ones_are_kept(struct guest *g)
{
	union hv_register_value set = {
		.reg128 = { 0x1122334455667788, 0x99aabbccddeeff00 },
	};
	union hv_register_value now;

	for (uint32_t r = HV_REGISTER_XMM0; r <= HV_REGISTER_XMM15; r++) {
		set.reg128.low = r;
		EXPECT_OK(guest_set_value(g, r, &set));
	}
	for (uint32_t r = HV_REGISTER_XMM0; r <= HV_REGISTER_XMM15; r++) {
		EXPECT_OK(guest_get_value(g, r, &now));
		EXPECT_EQ(now.reg128.low, r);
		EXPECT_EQ(now.reg128.high, set.reg128.high);
	}
	EXPECT_OK(guest_get_value(g, HV_REGISTER_FP_CONTROL_STATUS, &now));
	now.fp_control_status.fp_control = 0x27f;
	EXPECT_OK(guest_set_value(g, HV_REGISTER_FP_CONTROL_STATUS, &now));
	EXPECT_OK(guest_get_value(g, HV_REGISTER_XMM_CONTROL_STATUS, &now));
	EXPECT_EQ(now.xmm_control_status.xmm_status_control, 0x1f80);
	return NULL;
}

static const char *
many_come_in_one_call(struct guest *g)
{
	struct {
		struct hv_input_get_vp_registers header;
		uint32_t names[MANY];
	} in = { .header.vp_index = 0 };
	union hv_register_value out[MANY];
	uint16_t reps = MANY;

	for (uint32_t i = 0; i < MANY; i++)
		in.names[i] = HV_REGISTER_RAX + i % 16;
	EXPECT_OK(guest_set(g, HV_REGISTER_RAX + 13, 0x1313));
	EXPECT_OK(guest_call(g->vp, HVCALL_GET_VP_REGISTERS, &in, sizeof(in),
	    out, sizeof(out), &reps, NULL));
	EXPECT_EQ(reps, MANY);
	EXPECT_EQ(out[13].reg64, 0x1313);
	EXPECT_EQ(out[29].reg64, 0x1313);
	return NULL;
}

/* An unknown name in the middle: those before it were done, and it is told. */
static const char *
an_unknown_name_ends_the_list(struct guest *g)
{
	struct {
		struct hv_input_set_vp_registers header;
		struct hv_register_assoc list[3];
	} in = {
		.list = {
			{ .name = HV_REGISTER_RBX, .value.reg64 = 0x11 },
			{ .name = 0xdead0000 },
			{ .name = HV_REGISTER_RCX, .value.reg64 = 0x22 },
		},
	};
	uint16_t reps = 3, status;
	uint64_t value;

	EXPECT_ERRNO(guest_call(g->vp, HVCALL_SET_VP_REGISTERS, &in,
	    sizeof(in), NULL, 0, &reps, &status), EINVAL);
	EXPECT_EQ(status, HV_INVALID_PARAMETER);
	EXPECT_EQ(reps, 1);
	EXPECT_OK(guest_get(g, HV_REGISTER_RBX, &value));
	EXPECT_EQ(value, 0x11);
	EXPECT_OK(guest_get(g, HV_REGISTER_RCX, &value));
	EXPECT_EQ(value, 0);
	return NULL;
}

static const char *
bad_values_are_refused(struct guest *g)
{
	static const struct kept bad[] = {
		{ HV_REGISTER_EFER, UINT64_C(1) << 40 },
		{ HV_REGISTER_EFER, 0x1000 },		/* SVME */
		{ HV_REGISTER_PAT, 2 },
		{ HV_REGISTER_CR8, 16 },
		{ HV_REGISTER_SINT0, 0x0f },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(guest_set(g, bad[i].name, bad[i].value) < 0,
		    "register %#x takes %#llx", bad[i].name,
		    (unsigned long long)bad[i].value);
	}
	return NULL;
}

static const char *
an_absent_vp_has_none(struct guest *g)
{
	struct {
		struct hv_input_get_vp_registers header;
		uint32_t name;
	} in = { .header.vp_index = 5, .name = HV_REGISTER_RIP };
	union hv_register_value out;
	uint16_t reps = 1, status;

	EXPECT_ERRNO(guest_call(g->partition, HVCALL_GET_VP_REGISTERS, &in,
	    sizeof(in), &out, sizeof(out), &reps, &status), EINVAL);
	EXPECT_EQ(status, HV_INVALID_VP_INDEX);
	EXPECT_EQ(reps, 0);
	return NULL;
}

static const char *
the_reference_time_runs(struct guest *g)
{
	uint64_t first, now;

	EXPECT_OK(guest_get(g, HV_REGISTER_TIME_REF_COUNT, &first));
	for (int i = 0; i < 100000; i++) {
		EXPECT_OK(guest_get(g, HV_REGISTER_TIME_REF_COUNT, &now));
		if (now > first)
			return NULL;
	}
	return "it stands still";
}

static const struct abi_case registers_cases[] = {
	{ "general-ones-are-kept", GUEST_VP, general_ones_are_kept },
	{ "control-ones-are-kept", GUEST_VP, control_ones_are_kept },
	{ "model-specific-ones-are-kept", GUEST_VP,
	    model_specific_ones_are_kept },
	{ "synthetic-ones-are-kept", GUEST_VP, synthetic_ones_are_kept },
	{ "segments-are-kept", GUEST_VP, segments_are_kept },
	{ "tables-are-kept", GUEST_VP, tables_are_kept },
	{ "floating-ones-are-kept", GUEST_VP, floating_ones_are_kept },
	{ "many-come-in-one-call", GUEST_VP, many_come_in_one_call },
	{ "an-unknown-name-ends-the-list", GUEST_VP,
	    an_unknown_name_ends_the_list },
	{ "bad-values-are-refused", GUEST_VP, bad_values_are_refused },
	{ "an-absent-vp-has-none", GUEST_VP, an_absent_vp_has_none },
	{ "the-reference-time-runs", GUEST_VP, the_reference_time_runs },
};
ABI_GROUP(registers);
