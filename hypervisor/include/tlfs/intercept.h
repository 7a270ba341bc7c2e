/* SPDX-License-Identifier: Apache-2.0 */
/* Intercepts: types, and the calls that install them. */
#ifndef TLFS_INTERCEPT_H
#define TLFS_INTERCEPT_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

enum hv_intercept_type {
	HV_INTERCEPT_TYPE_IO_PORT		= 0x0,
	HV_INTERCEPT_TYPE_MSR			= 0x1,
	HV_INTERCEPT_TYPE_CPUID			= 0x2,
	HV_INTERCEPT_TYPE_EXCEPTION		= 0x3,
	HV_INTERCEPT_TYPE_HYPERCALL		= 0x8,
	HV_INTERCEPT_TYPE_UNKNOWN_CONNECTION	= 0xd,
	HV_INTERCEPT_TYPE_RETARGET_UNKNOWN	= 0xf,
};

/* hv_input_install_intercept.access_type */
#define HV_INTERCEPT_ACCESS_MASK_READ		0x1u
#define HV_INTERCEPT_ACCESS_MASK_WRITE		0x2u
#define HV_INTERCEPT_ACCESS_MASK_EXECUTE	0x4u

struct hv_cpuid_result_register {
	uint32_t value;
	uint32_t mask;		/* 1 where value counts */
};

struct hv_cpuid_result_parameters {
	uint32_t input_eax;
	uint32_t input_ecx;
	uint8_t subleaf_specific;
	uint8_t always_override;
	uint16_t padding;
	struct hv_cpuid_result_register eax;
	struct hv_cpuid_result_register ebx;
	struct hv_cpuid_result_register ecx;
	struct hv_cpuid_result_register edx;
};
HV_LAYOUT_SIZE(struct hv_cpuid_result_parameters, 44);

struct hv_msr_result_parameters {
	uint32_t msr_index;
	uint32_t access_type;
	uint32_t action;
};
HV_LAYOUT_SIZE(struct hv_msr_result_parameters, 12);

/* HVCALL_REGISTER_INTERCEPT_RESULT */
struct hv_input_register_intercept_result {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t intercept_type;
	union {
		struct hv_cpuid_result_parameters cpuid;
		struct hv_msr_result_parameters msr;
	};
};
HV_LAYOUT_AT(struct hv_input_register_intercept_result, cpuid.eax, 28);
HV_LAYOUT_AT(struct hv_input_register_intercept_result, cpuid.edx, 52);

#endif /* TLFS_INTERCEPT_H */
