/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor as a child partition sees it. The numbers stand here once more,
 * taken from the specification: a wrong one in the hypervisor's own headers
 * must not agree with itself.
 */
#ifndef PAYLOAD_LIB_HYPERV_H
#define PAYLOAD_LIB_HYPERV_H

#include <stdbool.h>
#include <stdint.h>

#define HV_CPUID_MAX 0x40000000u
#define HV_CPUID_INTERFACE 0x40000001u
#define HV_CPUID_FEATURES 0x40000003u
#define HV_CPUID_HINTS 0x40000004u
#define HV_CPUID_LIMITS 0x40000005u

#define HV_EAX_TIME_REF (1u << 1)
#define HV_EAX_SYNIC (1u << 2)
#define HV_EAX_STIMER (1u << 3)
#define HV_EAX_HYPERCALL (1u << 5)
#define HV_EAX_VP_INDEX (1u << 6)
#define HV_EAX_REFERENCE_TSC (1u << 9)
#define HV_EAX_GUEST_IDLE (1u << 10)
#define HV_EAX_FREQUENCY (1u << 11)
#define HV_EBX_POST_MESSAGES (1u << 4)
#define HV_EBX_SIGNAL_EVENTS (1u << 5)
#define HV_EDX_FREQUENCY (1u << 8)
#define HV_EDX_CRASH (1u << 10)
#define HV_EDX_STIMER_DIRECT (1u << 19)

#define HV_MSR_GUEST_OS_ID 0x40000000u
#define HV_MSR_HYPERCALL 0x40000001u
#define HV_MSR_VP_INDEX 0x40000002u
#define HV_MSR_TIME_REF 0x40000020u
#define HV_MSR_REFERENCE_TSC 0x40000021u
#define HV_MSR_TSC_FREQUENCY 0x40000022u
#define HV_MSR_APIC_FREQUENCY 0x40000023u
#define HV_MSR_VP_ASSIST 0x40000073u
#define HV_MSR_SCONTROL 0x40000080u
#define HV_MSR_SVERSION 0x40000081u
#define HV_MSR_SIEFP 0x40000082u
#define HV_MSR_SIMP 0x40000083u
#define HV_MSR_EOM 0x40000084u
#define HV_MSR_SINT(n) (0x40000090u + (n))
#define HV_MSR_STIMER_CONFIG(n) (0x400000b0u + 2 * (n))
#define HV_MSR_STIMER_COUNT(n) (0x400000b1u + 2 * (n))
#define HV_MSR_CRASH_P0 0x40000100u
#define HV_MSR_CRASH_CTL 0x40000105u
#define HV_MSR_UNKNOWN 0x400001feu

#define HV_SINT_MASKED 0x10000u
#define HV_SINT_AUTO_EOI 0x20000u

#define HV_STIMER_ON 0x1u
#define HV_STIMER_PERIODIC 0x2u
#define HV_STIMER_AUTO 0x8u
#define HV_STIMER_DIRECT 0x1000u
#define HV_STIMER_VECTOR(v) ((uint32_t)(v) << 4)
#define HV_STIMER_SINT(s) ((uint32_t)(s) << 16)

#define HV_MESSAGE_TIMER_EXPIRED 0x80000010u
#define HV_MESSAGE_PENDING 0x1u

struct hv_message {
	volatile uint32_t type;
	uint8_t size, flags;
	uint16_t reserved;
	uint64_t sender;
	uint64_t payload[30];
};
_Static_assert(sizeof(struct hv_message) == 256, "TLFS layout");

enum hv_call {
	HV_CALL_FLUSH_SPACE = 0x02,
	HV_CALL_FLUSH_LIST = 0x03,
	HV_CALL_LONG_SPIN = 0x08,
	HV_CALL_SEND_IPI = 0x0b,
	HV_CALL_FLUSH_SPACE_EX = 0x13,
	HV_CALL_FLUSH_LIST_EX = 0x14,
	HV_CALL_SEND_IPI_EX = 0x15,
	HV_CALL_POST_MESSAGE = 0x5c,
	HV_CALL_SIGNAL_EVENT = 0x5d,
};

enum hv_result {
	HV_OK = 0x00,
	HV_INVALID_CODE = 0x02,
	HV_INVALID_INPUT = 0x03,
	HV_INVALID_ALIGNMENT = 0x04,
	HV_INVALID_PARAMETER = 0x05,
	HV_ACCESS_DENIED = 0x06,
	HV_NO_MEMORY = 0x0b,
	HV_INVALID_PARTITION = 0x0d,
	HV_INVALID_VP = 0x0e,
	HV_INVALID_CONNECTION = 0x12,
	HV_NO_ROOT_MEMORY = 0x73,
	HV_NO_RUN_OF_MEMORY = 0x75,
	HV_NO_ROOT_RUN = 0x83,
};

#define HV_FAST (UINT64_C(1) << 16)
#define HV_VARHEAD(qwords) ((uint64_t)(qwords) << 17)
#define HV_REPS(count) ((uint64_t)(count) << 32)
#define HV_REP_START(index) ((uint64_t)(index) << 48)
#define HV_STATUS(result) ((uint32_t)((result) & 0xffff))
#define HV_REPS_DONE(result) ((uint32_t)((result) >> 32 & 0xfff))

/* Does "Microsoft Hv" answer, with the hypercall MSRs? */
bool hyperv_is_present(void);

/* The same, and end the payload as skipped if not. */
void hyperv_need(void);

/* Skip unless all of these feature bits are offered. */
void hyperv_need_features(uint32_t eax, uint32_t edx);

/* Name the guest and switch the hypercall page on. Skips without hypervisor. */
void hyperv_enable(void);

/* The same in the parent, which is told the page's place. */
void hyperv_enable_parent(void);

/* The call through the page; @control with all its bits. */
uint64_t hyperv_call(uint64_t control, uint64_t input, uint64_t output);

/* The call with its block at @input, which is known by its own address. */
uint64_t hyperv_call_memory(uint64_t control, const void *input, void *output);

/* Reference time, in units of 100 ns, by MSR. */
uint64_t hyperv_time(void);

/* Two pages that are for the input and output blocks of calls. */
extern uint64_t hyperv_input[512], hyperv_output[512];

#endif
