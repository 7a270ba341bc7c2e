/* SPDX-License-Identifier: Apache-2.0 */
/* Ports and connections: messages, events and doorbells between partitions. */
#ifndef TLFS_PORT_H
#define TLFS_PORT_H

#include <tlfs/partition.h>

#define HV_PORT_ID_MASK			UINT32_C(0x00ffffff)
#define HV_CONNECTION_ID_MASK		UINT32_C(0x00ffffff)

enum hv_port_type {
	HV_PORT_TYPE_MESSAGE		= 1,
	HV_PORT_TYPE_EVENT		= 2,
	HV_PORT_TYPE_MONITOR		= 3,
	HV_PORT_TYPE_DOORBELL		= 4,
};

struct hv_message_port_info {
	uint32_t target_sint;
	uint32_t target_vp;
	uint64_t rsvdz;
};

struct hv_event_port_info {
	uint32_t target_sint;
	uint32_t target_vp;
	uint16_t base_flag_number;
	uint16_t flag_count;
	uint32_t rsvdz;
};

struct hv_port_info {
	uint32_t port_type;
	uint32_t padding;
	union {
		struct hv_message_port_info message;
		struct hv_event_port_info event;
		struct hv_message_port_info doorbell;
		uint64_t monitor_address;
	};
};
HV_LAYOUT_SIZE(struct hv_port_info, 24);

/* HVCALL_CREATE_PORT */
struct hv_input_create_port {
	uint64_t port_partition_id;
	uint32_t port_id;
	uint8_t port_vtl;
	uint8_t min_connection_vtl;
	uint16_t padding;
	uint64_t connection_partition_id;
	struct hv_port_info port_info;
	uint64_t proximity;
};
HV_LAYOUT_AT(struct hv_input_create_port, port_info.doorbell.target_sint, 32);

/* hv_doorbell_connection_info.flags */
#define HV_DOORBELL_SIZE_MASK		UINT64_C(0x00000007)
#define HV_DOORBELL_SIZE_ANY		0
#define HV_DOORBELL_SIZE_BYTE		1
#define HV_DOORBELL_SIZE_WORD		2
#define HV_DOORBELL_SIZE_DWORD		3
#define HV_DOORBELL_SIZE_QWORD		4
#define HV_DOORBELL_ANY_VALUE		UINT64_C(0x80000000)

struct hv_doorbell_connection_info {
	uint64_t gpa;
	uint64_t trigger_value;
	uint64_t flags;
};

/*
 * Ours: doorbells from this address on, which no guest can write to, stand for
 * connections, HV_SIGNAL_WINDOW_STRIDE bytes each: HVCALL_SIGNAL_EVENT rings
 * them as if it were a write of its flag number, of 2 bytes.
 */
#define HV_SIGNAL_WINDOW		(UINT64_C(1) << 52)
#define HV_SIGNAL_WINDOW_STRIDE		UINT64_C(0x1000)

struct hv_connection_info {
	uint32_t port_type;
	uint32_t padding;
	union {
		struct hv_doorbell_connection_info doorbell;
		uint64_t monitor_address;
	};
};
HV_LAYOUT_SIZE(struct hv_connection_info, 32);

/* HVCALL_CONNECT_PORT */
struct hv_input_connect_port {
	uint64_t connection_partition_id;
	uint32_t connection_id;
	uint8_t connection_vtl;
	uint8_t rsvdz0;
	uint16_t rsvdz1;
	uint64_t port_partition_id;
	uint32_t port_id;
	uint32_t reserved2;
	struct hv_connection_info connection_info;
	uint64_t proximity;
};
HV_LAYOUT_AT(struct hv_input_connect_port, connection_info.doorbell.gpa, 40);
HV_LAYOUT_AT(struct hv_input_connect_port, proximity, 64);

#endif /* TLFS_PORT_H */
