/* SPDX-License-Identifier: Apache-2.0 */
/* The network channel's own messages (NVSP), as they travel. */
#ifndef MULLION_NETWORK_NVSP_WIRE_H
#define MULLION_NETWORK_NVSP_WIRE_H

#include <stdint.h>

#define NVSP_VERSION_1		UINT32_C(0x00002)
#define NVSP_VERSION_2		UINT32_C(0x30002)
#define NVSP_VERSION_4		UINT32_C(0x40000)
#define NVSP_VERSION_5		UINT32_C(0x50000)
#define NVSP_VERSION_6		UINT32_C(0x60000)
#define NVSP_VERSION_61		UINT32_C(0x60001)

enum nvsp_type {
	NVSP_INIT = 1,
	NVSP_INIT_ANSWER = 2,
	NVSP_NDIS_VERSION = 100,
	NVSP_RECEIVE_BUFFER = 101,
	NVSP_RECEIVE_BUFFER_ANSWER = 102,
	NVSP_RECEIVE_BUFFER_REVOKE = 103,
	NVSP_SEND_BUFFER = 104,
	NVSP_SEND_BUFFER_ANSWER = 105,
	NVSP_SEND_BUFFER_REVOKE = 106,
	NVSP_RNDIS = 107,
	NVSP_RNDIS_ANSWER = 108,
	NVSP_NDIS_CONFIG = 125,
	NVSP_DATA_PATH = 129,
	NVSP_SUBCHANNEL = 133,		/* also its answer */
	NVSP_SEND_TABLE = 134,
};

/* Not those of RNDIS, where 0 is success. */
enum nvsp_status {
	NVSP_SUCCESS = 1,
	NVSP_FAILURE = 2,
	NVSP_INVALID_RNDIS = 5,
};

enum nvsp_channel_type {
	NVSP_DATA = 0,
	NVSP_CONTROL = 1,
};

#define NVSP_MESSAGE_SIZE	40u
#define NVSP_NO_SECTION		UINT32_MAX
#define NVSP_PAGE_SET		UINT16_C(0xcafe)
#define NVSP_SUBCHANNEL_ALLOCATE 1u
#define NVSP_SEND_TABLE_ENTRIES	16u
#define NVSP_CHAIN_MAX		34u	/* pieces of a message, at most */

/* struct nvsp_ndis_config.capabilities */
#define NVSP_CAPABILITY_8021Q	(UINT64_C(1) << 3)
#define NVSP_CAPABILITY_RSC	(UINT64_C(1) << 7)

struct nvsp_init {
	uint32_t version_min;
	uint32_t version_max;
};

struct nvsp_init_answer {
	uint32_t version;
	uint32_t chain_max;
	uint32_t status;
};

struct nvsp_buffer {
	uint32_t gpadl;
	uint16_t id;
	uint16_t reserved;
};

struct nvsp_receive_buffer_answer {
	uint32_t status;
	uint32_t section_count;
	uint32_t offset;
	uint32_t allocation_size;
	uint32_t allocation_count;
	uint32_t end_offset;
};

struct nvsp_send_buffer_answer {
	uint32_t status;
	uint32_t section_size;
};

struct nvsp_rndis {
	uint32_t channel_type;
	uint32_t section;
	uint32_t section_used;
};

struct nvsp_status_answer {
	uint32_t status;
};

struct nvsp_ndis_config {
	uint32_t mtu;		/* with the Ethernet header */
	uint32_t reserved;
	uint64_t capabilities;
} __attribute__((packed));

struct nvsp_subchannel {
	uint32_t operation;	/* a status in the answer */
	uint32_t count;
};

struct nvsp_send_table {
	uint32_t count;
	uint32_t offset;	/* from the start of the message */
};

/* Whatever its type says, a message takes these 40 bytes. */
struct nvsp_message {
	uint32_t type;
	union {
		struct nvsp_init init;
		struct nvsp_init_answer init_answer;
		struct nvsp_buffer buffer;
		struct nvsp_receive_buffer_answer receive_buffer_answer;
		struct nvsp_send_buffer_answer send_buffer_answer;
		struct nvsp_rndis rndis;
		struct nvsp_status_answer answer;
		struct nvsp_ndis_config ndis_config;
		struct nvsp_subchannel subchannel;
		struct nvsp_send_table send_table;
		uint8_t bytes[NVSP_MESSAGE_SIZE - 4];
	};
};
_Static_assert(sizeof(struct nvsp_message) == NVSP_MESSAGE_SIZE,
    "wire layout");
_Static_assert(sizeof(struct nvsp_ndis_config) == 16, "wire layout");

#endif
