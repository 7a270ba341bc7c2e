/* SPDX-License-Identifier: Apache-2.0 */
/* SynIC messages: envelope, types, and the payloads that are no intercepts. */
#ifndef TLFS_MESSAGE_H
#define TLFS_MESSAGE_H

#include <tlfs/layout.h>

#define HV_MESSAGE_SIZE			256
#define HV_MESSAGE_PAYLOAD_SIZE		240
#define HV_MESSAGE_PAYLOAD_QWORDS	30
#define HV_MESSAGE_FLAG_PENDING		0x01

#define HVMSG_NONE				UINT32_C(0x00000000)
#define HVMSG_UNMAPPED_GPA			UINT32_C(0x80000000)
#define HVMSG_GPA_INTERCEPT			UINT32_C(0x80000001)
#define HVMSG_TIMER_EXPIRED			UINT32_C(0x80000010)
#define HVMSG_INVALID_VP_REGISTER_VALUE		UINT32_C(0x80000020)
#define HVMSG_UNRECOVERABLE_EXCEPTION		UINT32_C(0x80000021)
#define HVMSG_UNSUPPORTED_FEATURE		UINT32_C(0x80000022)
#define HVMSG_HYPERCALL_INTERCEPT		UINT32_C(0x80000050)
#define HVMSG_SYNIC_SINT_INTERCEPT		UINT32_C(0x80000061)
#define HVMSG_SYNIC_SINT_DELIVERABLE		UINT32_C(0x80000062)
#define HVMSG_SCHEDULER_VP_SIGNAL_PAIR		UINT32_C(0x80000101)
#define HVMSG_X64_IO_PORT_INTERCEPT		UINT32_C(0x80010000)
#define HVMSG_X64_MSR_INTERCEPT			UINT32_C(0x80010001)
#define HVMSG_X64_CPUID_INTERCEPT		UINT32_C(0x80010002)
#define HVMSG_X64_EXCEPTION_INTERCEPT		UINT32_C(0x80010003)
#define HVMSG_X64_APIC_EOI			UINT32_C(0x80010004)
#define HVMSG_X64_HALT				UINT32_C(0x80010007)

struct hv_message_header {
	uint32_t message_type;
	uint8_t payload_size;
	uint8_t message_flags;
	uint8_t reserved[2];
	uint64_t sender;	/* partition or port id */
};
HV_LAYOUT_SIZE(struct hv_message_header, 16);

struct hv_message {
	struct hv_message_header header;
	union {
		uint8_t payload_bytes[HV_MESSAGE_PAYLOAD_SIZE];
		uint64_t payload[HV_MESSAGE_PAYLOAD_QWORDS];
	};
};
HV_LAYOUT_SIZE(struct hv_message, HV_MESSAGE_SIZE);

struct hv_timer_message_payload {
	uint32_t timer_index;
	uint32_t reserved;
	uint64_t expiration_time;
	uint64_t delivery_time;
};
HV_LAYOUT_SIZE(struct hv_timer_message_payload, 24);

/* HVMSG_SYNIC_SINT_INTERCEPT: the event ring of this SINT has entries. */
struct hv_notification_message_payload {
	uint32_t sint_index;
};
HV_LAYOUT_SIZE(struct hv_notification_message_payload, 4);

/* HVMSG_SCHEDULER_VP_SIGNAL_PAIR: VPs that may run again. */
#define HV_SIGNAL_PAIR_MAX		19

struct hv_vp_signal_pair_scheduler_message {
	uint32_t overflow_count;
	uint8_t vp_count;
	uint8_t reserved1[3];
	uint64_t partition_ids[HV_SIGNAL_PAIR_MAX];
	uint32_t vp_indexes[HV_SIGNAL_PAIR_MAX];
	uint8_t reserved2[4];
};
HV_LAYOUT_SIZE(struct hv_vp_signal_pair_scheduler_message, 240);
HV_LAYOUT_AT(struct hv_vp_signal_pair_scheduler_message, vp_indexes, 160);

#endif /* TLFS_MESSAGE_H */
