/* SPDX-License-Identifier: Apache-2.0 */
/* Intercepts that a VMM installs, and answers that it leaves behind. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/intercept.h>
#include <tlfs/partition.h>
#include <tlfs/vp.h>

#include "cases.h"

GUEST_BLOB(cpuid);
GUEST_BLOB(read_msr);
GUEST_BLOB(write_msr);
GUEST_BLOB(undefined);

#define DATA 0x2000
#define LEAF 0x40000000u
#define NO_MSR 0x400001feu

static int
intercept_install(struct guest *g, uint32_t type, uint32_t access,
    uint64_t parameter)
{
	struct hv_input_install_intercept in = {
		.access_type = access,
		.intercept_type = type,
		.intercept_parameter = parameter,
	};

	return guest_call(g->partition, HVCALL_INSTALL_INTERCEPT, &in,
	    sizeof(in), NULL, 0, NULL, NULL);
}

static int
result_register(struct guest *g,
    const struct hv_input_register_intercept_result *in)
{
	return guest_call(g->partition, HVCALL_REGISTER_INTERCEPT_RESULT, in,
	    sizeof(*in), NULL, 0, NULL, NULL);
}

static void
data_set(struct guest *g, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t words[3] = { a, b, c };

	memcpy(g->memory + DATA, words, sizeof(words));
}

static const char *
cpuid_is_told(struct guest *g)
{
	const struct hv_cpuid_intercept_message *m =
	    (const void *)g->message.payload;

	EXPECT_OK(intercept_install(g, HV_INTERCEPT_TYPE_CPUID,
	    HV_INTERCEPT_ACCESS_MASK_EXECUTE, LEAF));
	EXPECT_OK(GUEST_LOAD(g, cpuid));
	data_set(g, LEAF, 0, 0);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_CPUID_INTERCEPT);
	EXPECT_EQ(m->rax, LEAF);
	EXPECT_EQ(m->default_result_rbx, 0x7263694d);
	EXPECT_EQ(guest_exit(g)->length_cr8 & HV_INTERCEPT_LENGTH_MASK, 2);
	return NULL;
}

static const char *
unknown_msr_reads_are_told(struct guest *g)
{
	const struct hv_msr_intercept_message *m =
	    (const void *)g->message.payload;

	EXPECT_OK(intercept_install(g, HV_INTERCEPT_TYPE_MSR,
	    HV_INTERCEPT_ACCESS_MASK_READ | HV_INTERCEPT_ACCESS_MASK_WRITE,
	    0));
	EXPECT_OK(GUEST_LOAD(g, read_msr));
	data_set(g, NO_MSR, 0, 0);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_MSR_INTERCEPT);
	EXPECT_EQ(m->msr_number, NO_MSR);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_READ);
	return NULL;
}

static const char *
unknown_msr_writes_are_told(struct guest *g)
{
	const struct hv_msr_intercept_message *m =
	    (const void *)g->message.payload;

	EXPECT_OK(intercept_install(g, HV_INTERCEPT_TYPE_MSR,
	    HV_INTERCEPT_ACCESS_MASK_READ | HV_INTERCEPT_ACCESS_MASK_WRITE,
	    0));
	EXPECT_OK(GUEST_LOAD(g, write_msr));
	data_set(g, NO_MSR, 0x1234, 0x5678);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_MSR_INTERCEPT);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_EQ(m->rax & UINT32_MAX, 0x1234);
	EXPECT_EQ(m->rdx & UINT32_MAX, 0x5678);
	return NULL;
}

static const char *
unknown_msrs_can_be_ignored(struct guest *g)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		.property_value = 1,
	};
	uint64_t rax;

	EXPECT_OK(guest_call(g->partition, HVCALL_SET_PARTITION_PROPERTY, &in,
	    sizeof(in), NULL, 0, NULL, NULL));
	EXPECT_OK(GUEST_LOAD(g, read_msr));
	EXPECT_OK(guest_set(g, HV_REGISTER_RAX, 0x99));
	data_set(g, NO_MSR, 0, 0);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_OK(guest_get(g, HV_REGISTER_RAX, &rax));
	EXPECT_EQ(rax, 0);
	return NULL;
}

static const char *
exceptions_are_told(struct guest *g)
{
	const struct hv_exception_intercept_message *m =
	    (const void *)g->message.payload;

	if (intercept_install(g, HV_INTERCEPT_TYPE_EXCEPTION,
	    HV_INTERCEPT_ACCESS_MASK_EXECUTE, 6) < 0)
		return "skip exceptions cannot be intercepted";
	EXPECT_OK(GUEST_LOAD(g, undefined));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type,
	    HVMSG_X64_EXCEPTION_INTERCEPT);
	EXPECT_EQ(m->exception_vector, 6);
	return NULL;
}

static const char *
ports_and_hypercalls_are_taken(struct guest *g)
{
	EXPECT_OK(intercept_install(g, HV_INTERCEPT_TYPE_HYPERCALL,
	    HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0));
	EXPECT_OK(intercept_install(g, HV_INTERCEPT_TYPE_IO_PORT,
	    HV_INTERCEPT_ACCESS_MASK_READ | HV_INTERCEPT_ACCESS_MASK_WRITE,
	    0x80));
	return NULL;
}

static const char *
unknown_types_are_refused(struct guest *g)
{
	EXPECT(intercept_install(g, 0x77, 1, 0) < 0, "type 0x77 is taken");
	EXPECT(intercept_install(g, UINT32_MAX, 1, 0) < 0,
	    "type 0xffffffff is taken");
	return NULL;
}

static struct hv_input_register_intercept_result
cpuid_answer(uint32_t leaf)
{
	return (struct hv_input_register_intercept_result){
		.vp_index = UINT32_MAX,
		.intercept_type = HV_INTERCEPT_TYPE_CPUID,
		.leaf = leaf,
		.always_override = 1,
		/* Value and mask of each register, EAX first. */
		.results = { 0x12345678, UINT32_MAX, 0xff, 0xff },
	};
}

static const char *
answers_reach_the_guest(struct guest *g)
{
	struct hv_input_register_intercept_result in = cpuid_answer(LEAF + 0x70);
	uint64_t rax, rbx;

	EXPECT_OK(result_register(g, &in));
	EXPECT_OK(GUEST_LOAD(g, cpuid));
	data_set(g, LEAF + 0x70, 0, 0);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_OK(guest_get(g, HV_REGISTER_RAX, &rax));
	EXPECT_OK(guest_get(g, HV_REGISTER_RBX, &rbx));
	EXPECT_EQ(rax & ~0xffull, 0x12345600);
	EXPECT_EQ(rbx, 0xff);
	return NULL;
}

static int
cpuid_values(struct guest *g, uint32_t leaf,
    struct hv_output_get_vp_cpuid_values *out)
{
	struct {
		struct hv_input_get_vp_cpuid_values header;
		struct hv_cpuid_leaf_info leaf;
	} in = { .leaf = { .eax = leaf, .xfem = 1 } };
	uint16_t reps = 1;

	return guest_call(g->partition, HVCALL_GET_VP_CPUID_VALUES, &in,
	    sizeof(in), out, sizeof(*out), &reps, NULL);
}

static const char *
answers_are_read_back(struct guest *g)
{
	struct hv_input_register_intercept_result in = cpuid_answer(LEAF + 0x70);
	struct hv_output_get_vp_cpuid_values out;

	EXPECT_OK(result_register(g, &in));
	EXPECT_OK(cpuid_values(g, LEAF + 0x70, &out));
	EXPECT_EQ(out.eax, 0x12345678);
	EXPECT_EQ(out.ebx, 0xff);
	return NULL;
}

static const char *
defaults_are_read_back(struct guest *g)
{
	struct hv_output_get_vp_cpuid_values out;

	EXPECT_OK(cpuid_values(g, LEAF, &out));
	EXPECT_EQ(out.ebx, 0x7263694d);
	EXPECT_OK(cpuid_values(g, 1, &out));
	EXPECT_EQ(out.ecx >> 31, 1);
	EXPECT_OK(cpuid_values(g, 0x80000001, &out));
	EXPECT_EQ(out.ecx & 4, 0);	/* SVM */
	return NULL;
}

static const char *
bad_answers_are_refused(struct guest *g)
{
	struct hv_input_register_intercept_result in = cpuid_answer(LEAF);

	in.intercept_type = 0x77;
	EXPECT(result_register(g, &in) < 0, "type 0x77 is taken");
	in.intercept_type = UINT32_MAX;
	EXPECT(result_register(g, &in) < 0, "type 0xffffffff is taken");
	return NULL;
}

static const char *
many_answers_are_taken(struct guest *g)
{
	for (uint32_t i = 0; i < 64; i++) {
		struct hv_input_register_intercept_result in =
		    cpuid_answer(i);

		in.subleaf = i;
		in.subleaf_specific = 1;
		if (result_register(g, &in) < 0)
			return reason("answer %u: %s", i,
			    strerrorname_np(errno));
	}
	return NULL;
}

static const struct abi_case intercepts_cases[] = {
	{ "cpuid-is-told", GUEST_VP, cpuid_is_told },
	{ "unknown-msr-reads-are-told", GUEST_VP,
	    unknown_msr_reads_are_told },
	{ "unknown-msr-writes-are-told", GUEST_VP,
	    unknown_msr_writes_are_told },
	{ "unknown-msrs-can-be-ignored", GUEST_VP,
	    unknown_msrs_can_be_ignored },
	{ "exceptions-are-told", GUEST_VP, exceptions_are_told },
	{ "ports-and-hypercalls-are-taken", GUEST_VP,
	    ports_and_hypercalls_are_taken },
	{ "unknown-types-are-refused", GUEST_VP, unknown_types_are_refused },
	{ "answers-reach-the-guest", GUEST_VP, answers_reach_the_guest },
	{ "answers-are-read-back", GUEST_VP, answers_are_read_back },
	{ "defaults-are-read-back", GUEST_VP, defaults_are_read_back },
	{ "bad-answers-are-refused", GUEST_VP, bad_answers_are_refused },
	{ "many-answers-are-taken", GUEST_VP, many_answers_are_taken },
};
ABI_GROUP(intercepts);
