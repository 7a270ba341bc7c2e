/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic interrupt controller, its pages, and synthetic timers. */
#ifndef TLFS_SYNIC_H
#define TLFS_SYNIC_H

#include <mullion/hypercall_abi.h>
#include <tlfs/message.h>

#define HV_SINT_COUNT			16
#define HV_SINT_INTERCEPTION		0
#define HV_SINT_VMBUS			2

#define HV_SYNIC_VERSION		1
#define HV_SCONTROL_ENABLE		UINT64_C(1)

/* HV_MSR_SINT0 and on. */
#define HV_SINT_VECTOR_MASK		UINT64_C(0x0000ff)
#define HV_SINT_MASKED			UINT64_C(0x010000)
#define HV_SINT_AUTO_EOI		UINT64_C(0x020000)
#define HV_SINT_POLLING			UINT64_C(0x040000)
#define HV_SINT_AS_INTERCEPT		UINT64_C(0x080000)
#define HV_SINT_PROXY			UINT64_C(0x100000)
#define HV_SINT_RESET			HV_SINT_MASKED
#define HV_SINT_FIRST_VECTOR		16

/* The page that SIMP tells. */
struct hv_message_page {
	struct hv_message sint_message[HV_SINT_COUNT];
};
HV_LAYOUT_SIZE(struct hv_message_page, HV_PAGE_SIZE);

/* The page that SIEFP tells. */
#define HV_EVENT_FLAGS_COUNT		2048
#define HV_EVENT_FLAGS_QWORDS		(HV_EVENT_FLAGS_COUNT / 64)

struct hv_event_flags_page {
	uint64_t sint_event_flags[HV_SINT_COUNT][HV_EVENT_FLAGS_QWORDS];
};
HV_LAYOUT_SIZE(struct hv_event_flags_page, HV_PAGE_SIZE);

/* The page that SIRBP tells. */
#define HV_EVENT_RING_ENTRIES		63

struct hv_event_ring {
	uint8_t signal_masked;
	uint8_t ring_full;
	uint16_t reserved_z;
	uint32_t data[HV_EVENT_RING_ENTRIES];
};
HV_LAYOUT_SIZE(struct hv_event_ring, 256);

struct hv_event_ring_page {
	struct hv_event_ring sint_event_ring[HV_SINT_COUNT];
};
HV_LAYOUT_SIZE(struct hv_event_ring_page, HV_PAGE_SIZE);

/* HV_MSR_STIMER0_CONFIG and every second one after it. */
#define HV_STIMER_COUNT			4
#define HV_STIMER_ENABLE		UINT64_C(0x00001)
#define HV_STIMER_PERIODIC		UINT64_C(0x00002)
#define HV_STIMER_LAZY			UINT64_C(0x00004)
#define HV_STIMER_AUTO_ENABLE		UINT64_C(0x00008)
#define HV_STIMER_VECTOR_SHIFT		4
#define HV_STIMER_VECTOR_MASK		UINT64_C(0x00ff0)
#define HV_STIMER_DIRECT		UINT64_C(0x01000)
#define HV_STIMER_SINT_SHIFT		16
#define HV_STIMER_SINT_MASK		UINT64_C(0xf0000)

/* HV_VP_STATE_TIMERS */
#define HV_STIMER_STATE_UNDELIVERED	UINT32_C(1)

struct hv_stimer_state {
	uint32_t flags;
	uint32_t resvd;
	uint64_t config;
	uint64_t count;
	uint64_t adjustment;
	uint64_t undelivered_exp_time;
};
HV_LAYOUT_SIZE(struct hv_stimer_state, 40);

struct hv_synthetic_timers_state {
	struct hv_stimer_state timers[HV_STIMER_COUNT];
	uint64_t reserved[5];
};
HV_LAYOUT_SIZE(struct hv_synthetic_timers_state, 200);

#endif /* TLFS_SYNIC_H */
