/* SPDX-License-Identifier: Apache-2.0 */
/* Remote NDIS messages, objects and per-packet information, as they travel. */
#ifndef MULLION_NETWORK_RNDIS_WIRE_H
#define MULLION_NETWORK_RNDIS_WIRE_H

#include <stdint.h>

enum rndis_type {
	RNDIS_PACKET = 1,
	RNDIS_INITIALIZE = 2,
	RNDIS_HALT = 3,
	RNDIS_QUERY = 4,
	RNDIS_SET = 5,
	RNDIS_RESET = 6,
	RNDIS_INDICATE = 7,
	RNDIS_KEEPALIVE = 8,
};

#define RNDIS_ANSWER		UINT32_C(0x80000000)	/* or'ed to a type */

#define RNDIS_STATUS_SUCCESS		UINT32_C(0)
#define RNDIS_STATUS_FAILURE		UINT32_C(0xc0000001)
#define RNDIS_STATUS_NOT_SUPPORTED	UINT32_C(0xc00000bb)
#define RNDIS_STATUS_INVALID_LENGTH	UINT32_C(0xc0010014)
#define RNDIS_STATUS_INVALID_DATA	UINT32_C(0xc0010015)
#define RNDIS_STATUS_NOT_ACCEPTED	UINT32_C(0xc0010003)
#define RNDIS_STATUS_CONNECT		UINT32_C(0x4001000b)
#define RNDIS_STATUS_DISCONNECT		UINT32_C(0x4001000c)

#define OID_GEN_SUPPORTED_LIST		UINT32_C(0x00010101)
#define OID_GEN_HARDWARE_STATUS		UINT32_C(0x00010102)
#define OID_GEN_MEDIA_SUPPORTED		UINT32_C(0x00010103)
#define OID_GEN_MEDIA_IN_USE		UINT32_C(0x00010104)
#define OID_GEN_MAXIMUM_FRAME_SIZE	UINT32_C(0x00010106)
#define OID_GEN_LINK_SPEED		UINT32_C(0x00010107)
#define OID_GEN_CURRENT_PACKET_FILTER	UINT32_C(0x0001010e)
#define OID_GEN_CURRENT_LOOKAHEAD	UINT32_C(0x0001010f)
#define OID_GEN_MAXIMUM_TOTAL_SIZE	UINT32_C(0x00010111)
#define OID_GEN_MEDIA_CONNECT_STATUS	UINT32_C(0x00010114)
#define OID_GEN_RSS_CAPABILITIES	UINT32_C(0x00010203)
#define OID_GEN_RSS_PARAMETERS		UINT32_C(0x00010204)
#define OID_GEN_XMIT_OK			UINT32_C(0x00020101)
#define OID_GEN_RCV_OK			UINT32_C(0x00020102)
#define OID_GEN_XMIT_ERROR		UINT32_C(0x00020103)
#define OID_GEN_RCV_ERROR		UINT32_C(0x00020104)
#define OID_GEN_FRIENDLY_NAME		UINT32_C(0x00020216)
#define OID_GEN_CONFIG_PARAMETER	UINT32_C(0x0001021b)
#define OID_802_3_PERMANENT_ADDRESS	UINT32_C(0x01010101)
#define OID_802_3_CURRENT_ADDRESS	UINT32_C(0x01010102)
#define OID_802_3_MULTICAST_LIST	UINT32_C(0x01010103)
#define OID_802_3_MAXIMUM_LIST_SIZE	UINT32_C(0x01010104)
#define OID_TCP_OFFLOAD_CURRENT_CONFIG	UINT32_C(0xfc01020b)
#define OID_TCP_OFFLOAD_PARAMETERS	UINT32_C(0xfc01020c)
#define OID_TCP_OFFLOAD_CAPABILITIES	UINT32_C(0xfc01020d)

/* OID_GEN_CURRENT_PACKET_FILTER */
#define RNDIS_FILTER_DIRECTED		0x01u
#define RNDIS_FILTER_MULTICAST		0x02u
#define RNDIS_FILTER_ALL_MULTICAST	0x04u
#define RNDIS_FILTER_BROADCAST		0x08u
#define RNDIS_FILTER_PROMISCUOUS	0x20u

/* Offsets in messages count from the first byte after this. */
struct rndis_head {
	uint32_t type;
	uint32_t length;	/* of the whole message */
};

struct rndis_initialize {
	struct rndis_head head;
	uint32_t request;
	uint32_t major;
	uint32_t minor;
	uint32_t transfer_max;
};

struct rndis_initialize_answer {
	struct rndis_head head;
	uint32_t request;
	uint32_t status;
	uint32_t major;
	uint32_t minor;
	uint32_t device_flags;
	uint32_t medium;
	uint32_t packets_max;
	uint32_t transfer_max;
	uint32_t alignment_shift;
	uint32_t reserved[2];
};
_Static_assert(sizeof(struct rndis_initialize_answer) == 52, "wire layout");

/* A query or a set; the information's bytes follow. */
struct rndis_request {
	struct rndis_head head;
	uint32_t request;
	uint32_t oid;
	uint32_t info_length;
	uint32_t info_offset;
	uint32_t reserved;
};
_Static_assert(sizeof(struct rndis_request) == 28, "wire layout");

struct rndis_query_answer {
	struct rndis_head head;
	uint32_t request;
	uint32_t status;
	uint32_t info_length;
	uint32_t info_offset;
};
_Static_assert(sizeof(struct rndis_query_answer) == 24, "wire layout");

/* To a set and to a keepalive; a reset's has zero for the request. */
struct rndis_answer {
	struct rndis_head head;
	uint32_t request;
	uint32_t status;
};

struct rndis_indicate {
	struct rndis_head head;
	uint32_t status;
	uint32_t info_length;
	uint32_t info_offset;
};
_Static_assert(sizeof(struct rndis_indicate) == 20, "wire layout");

struct rndis_packet {
	struct rndis_head head;
	uint32_t data_offset;
	uint32_t data_length;
	uint32_t oob[3];
	uint32_t info_offset;
	uint32_t info_length;
	uint32_t reserved[2];
};
_Static_assert(sizeof(struct rndis_packet) == 44, "wire layout");

/* Per-packet information; the value is at @offset from here. */
struct rndis_info {
	uint32_t size;
	uint32_t type;
	uint32_t offset;
	uint32_t value;
};
_Static_assert(sizeof(struct rndis_info) == 16, "wire layout");

#define RNDIS_INFO_CHECKSUM	0u
#define RNDIS_INFO_LSO		2u
#define RNDIS_INFO_8021Q	6u
#define RNDIS_INFO_HASH		8u
#define RNDIS_INFO_FRAGMENT	UINT32_C(0x80000001)	/* internal, id */

/* RNDIS_INFO_CHECKSUM of what the guest sends. */
#define RNDIS_SEND_IPV4		0x01u
#define RNDIS_SEND_IPV6		0x02u
#define RNDIS_SEND_TCP		0x04u
#define RNDIS_SEND_UDP		0x08u
#define RNDIS_SEND_IP_HEADER	0x10u
#define RNDIS_SEND_OFFSET(v)	((v) >> 16 & 0x3ffu)

/* RNDIS_INFO_CHECKSUM of what it receives. */
#define RNDIS_RECEIVE_TCP_GOOD		0x08u
#define RNDIS_RECEIVE_UDP_GOOD		0x10u
#define RNDIS_RECEIVE_VALUE_INVALID	0x80u	/* good, but not filled in */

/* RNDIS_INFO_LSO, second version */
#define RNDIS_LSO_MSS(v)	((v) & 0xfffffu)
#define RNDIS_LSO_OFFSET(v)	((v) >> 20 & 0x3ffu)
#define RNDIS_LSO_V2		(UINT32_C(1) << 30)
#define RNDIS_LSO_IPV6		(UINT32_C(1) << 31)

/* RNDIS_INFO_FRAGMENT: version, flags << 8, id << 16 */
#define RNDIS_FRAGMENT_V1	0x01u
#define RNDIS_FRAGMENT_PART	0x0100u
#define RNDIS_FRAGMENT_FIRST	0x0200u
#define RNDIS_FRAGMENT_LAST	0x0400u

/* OID_GEN_CONFIG_PARAMETER; offsets are from the start of this. */
struct rndis_parameter {
	uint32_t name_offset, name_length;
	uint32_t type;
	uint32_t value_offset, value_length;
};
#define RNDIS_PARAMETER_STRING	2u

#endif
