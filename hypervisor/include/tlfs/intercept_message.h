/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of the messages that tell of a child's intercepts. */
#ifndef TLFS_INTERCEPT_MESSAGE_H
#define TLFS_INTERCEPT_MESSAGE_H

#include <tlfs/register_value.h>

/* hv_intercept_message_header.intercept_access_type */
enum hv_intercept_access {
	HV_INTERCEPT_ACCESS_READ		= 0,
	HV_INTERCEPT_ACCESS_WRITE		= 1,
	HV_INTERCEPT_ACCESS_EXECUTE		= 2,
};

/* hv_intercept_message_header.execution_state */
#define HV_EXECUTION_CPL_MASK			0x0003u
#define HV_EXECUTION_CR0_PE			0x0004u
#define HV_EXECUTION_CR0_AM			0x0008u
#define HV_EXECUTION_EFER_LMA			0x0010u
#define HV_EXECUTION_INTERRUPTION_PENDING	0x0040u
#define HV_EXECUTION_INTERRUPT_SHADOW		0x1000u

/* hv_intercept_message_header.length_cr8 */
#define HV_INTERCEPT_LENGTH_MASK		0x0fu
#define HV_INTERCEPT_CR8_SHIFT			4

struct hv_intercept_message_header {
	uint32_t vp_index;
	uint8_t length_cr8;
	uint8_t intercept_access_type;
	uint16_t execution_state;
	struct hv_segment_register cs;
	uint64_t rip;
	uint64_t rflags;
};
HV_LAYOUT_SIZE(struct hv_intercept_message_header, 40);

enum hv_cache_type {
	HV_CACHE_TYPE_WRITE_BACK		= 6,
};

#define HV_INTERCEPT_BYTES			16

/* HVMSG_UNMAPPED_GPA, HVMSG_GPA_INTERCEPT */
struct hv_memory_intercept_message {
	struct hv_intercept_message_header header;
	uint32_t cache_type;
	uint8_t instruction_byte_count;
	uint8_t memory_access_info;
	uint8_t tpr_priority;
	uint8_t reserved1;
	uint64_t guest_virtual_address;
	uint64_t guest_physical_address;
	uint8_t instruction_bytes[HV_INTERCEPT_BYTES];
};
HV_LAYOUT_SIZE(struct hv_memory_intercept_message, 80);

/* hv_io_port_intercept_message.access_info */
#define HV_IO_PORT_SIZE_MASK			0x07u
#define HV_IO_PORT_STRING			0x08u
#define HV_IO_PORT_REP				0x10u

struct hv_io_port_intercept_message {
	struct hv_intercept_message_header header;
	uint16_t port_number;
	uint8_t access_info;
	uint8_t instruction_byte_count;
	uint32_t reserved;
	uint64_t rax;
	uint8_t instruction_bytes[HV_INTERCEPT_BYTES];
	struct hv_segment_register ds;
	struct hv_segment_register es;
	uint64_t rcx;
	uint64_t rsi;
	uint64_t rdi;
};
HV_LAYOUT_SIZE(struct hv_io_port_intercept_message, 128);
HV_LAYOUT_AT(struct hv_io_port_intercept_message, ds, 72);

struct hv_msr_intercept_message {
	struct hv_intercept_message_header header;
	uint32_t msr_number;
	uint32_t reserved;
	uint64_t rdx;
	uint64_t rax;
};
HV_LAYOUT_SIZE(struct hv_msr_intercept_message, 64);

struct hv_cpuid_intercept_message {
	struct hv_intercept_message_header header;
	uint64_t rax;
	uint64_t rcx;
	uint64_t rdx;
	uint64_t rbx;
	uint64_t default_result_rax;
	uint64_t default_result_rcx;
	uint64_t default_result_rdx;
	uint64_t default_result_rbx;
};
HV_LAYOUT_SIZE(struct hv_cpuid_intercept_message, 104);

/* hv_exception_intercept_message.exception_info */
#define HV_EXCEPTION_HAS_ERROR_CODE		0x1u

struct hv_exception_intercept_message {
	struct hv_intercept_message_header header;
	uint16_t exception_vector;
	uint8_t exception_info;
	uint8_t instruction_byte_count;
	uint32_t error_code;
	uint64_t exception_parameter;
	uint64_t reserved;
	uint8_t instruction_bytes[HV_INTERCEPT_BYTES];
	struct hv_segment_register ds;
	struct hv_segment_register ss;
	uint64_t gp_registers[16];
};
HV_LAYOUT_SIZE(struct hv_exception_intercept_message, 240);
HV_LAYOUT_AT(struct hv_exception_intercept_message, gp_registers, 112);

struct hv_hypercall_intercept_message {
	struct hv_intercept_message_header header;
	uint64_t rax;
	uint64_t rbx;
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	uint64_t rsi;
	uint64_t rdi;
	struct hv_u128 xmm[6];
	uint32_t flags;
	uint32_t reserved[3];
};
HV_LAYOUT_SIZE(struct hv_hypercall_intercept_message, 208);
HV_LAYOUT_AT(struct hv_hypercall_intercept_message, flags, 192);

struct hv_sint_deliverable_message {
	struct hv_intercept_message_header header;
	uint16_t deliverable_sints;
	uint16_t reserved1;
	uint32_t reserved2;
};
HV_LAYOUT_SIZE(struct hv_sint_deliverable_message, 48);

struct hv_apic_eoi_message {
	uint32_t vp_index;
	uint32_t interrupt_vector;
};
HV_LAYOUT_SIZE(struct hv_apic_eoi_message, 8);

#endif /* TLFS_INTERCEPT_MESSAGE_H */
