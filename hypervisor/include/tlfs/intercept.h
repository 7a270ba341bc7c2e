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
};

/* hv_input_install_intercept.access_type */
#define HV_INTERCEPT_ACCESS_MASK_READ		0x1u
#define HV_INTERCEPT_ACCESS_MASK_WRITE		0x2u
#define HV_INTERCEPT_ACCESS_MASK_EXECUTE	0x4u

#endif /* TLFS_INTERCEPT_H */
