/* SPDX-License-Identifier: Apache-2.0 */
/* The control messages between a guest and the server, as they travel. */
#ifndef MULLION_VMBUS_MESSAGE_H
#define MULLION_VMBUS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "vmbus/guid.h"

#define MESSAGE_BYTES_MAX	240u
#define MESSAGE_USER_DATA	120u
#define MESSAGE_PACKED		__attribute__((packed))
#define MESSAGE_LAYOUT(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type ": wire layout")

/* HvPostMessage: connection ids, and the type of each of our messages. */
#define MESSAGE_CONNECTION_OLD		UINT32_C(1)
#define MESSAGE_CONNECTION_NEW		UINT32_C(4)
#define MESSAGE_HV_TYPE			UINT32_C(1)

#define MESSAGE_VERSION(major, minor)	((uint32_t)(major) << 16 | (minor))
#define MESSAGE_VERSION_4_0		MESSAGE_VERSION(4, 0)
#define MESSAGE_VERSION_4_1		MESSAGE_VERSION(4, 1)
#define MESSAGE_VERSION_5_0		MESSAGE_VERSION(5, 0)
#define MESSAGE_VERSION_5_3		MESSAGE_VERSION(5, 3)

/* In answers; all but 0 are failures to Linux. */
#define MESSAGE_STATUS_OK		UINT32_C(0)
#define MESSAGE_STATUS_FAILED		UINT32_C(0x8000ffff)
#define MESSAGE_STATUS_REFUSED		UINT32_C(0xc0000236)

enum message_type {
	MESSAGE_OFFER = 1,
	MESSAGE_RESCIND = 2,
	MESSAGE_REQUEST_OFFERS = 3,
	MESSAGE_ALL_OFFERS = 4,
	MESSAGE_OPEN = 5,
	MESSAGE_OPEN_RESULT = 6,
	MESSAGE_CLOSE = 7,
	MESSAGE_GPADL_HEADER = 8,
	MESSAGE_GPADL_BODY = 9,
	MESSAGE_GPADL_CREATED = 10,
	MESSAGE_GPADL_TEARDOWN = 11,
	MESSAGE_GPADL_TORNDOWN = 12,
	MESSAGE_RELID_RELEASED = 13,
	MESSAGE_INITIATE_CONTACT = 14,
	MESSAGE_VERSION_RESPONSE = 15,
	MESSAGE_UNLOAD = 16,
	MESSAGE_UNLOAD_RESPONSE = 17,
	MESSAGE_TL_CONNECT_REQUEST = 21,
	MESSAGE_MODIFY_CHANNEL = 22,
	MESSAGE_TL_CONNECT_RESULT = 23,
	MESSAGE_MODIFY_CHANNEL_RESPONSE = 24,
};

/* All are little endian. */
struct message_header {
	uint32_t type;
	uint32_t padding;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_header, 8);

/* message_offer: flags, monitor_id, dedicated_interrupt */
#define OFFER_ENUMERATE_INTERFACE	UINT16_C(0x0001)
#define OFFER_NAMED_PIPE		UINT16_C(0x0010)
#define OFFER_TLNPI_PROVIDER		UINT16_C(0x2000)

#define OFFER_NO_MONITOR		0xff
#define OFFER_DEDICATED_INTERRUPT	UINT16_C(1)
struct message_offer {
	struct message_header header;
	struct guid class_id;
	struct guid instance_id;
	uint64_t reserved[2];
	uint16_t flags;
	uint16_t mmio_mib;
	uint8_t user_data[MESSAGE_USER_DATA];
	uint16_t sub_channel;
	uint16_t mmio_mib_optional;
	uint32_t relid;
	uint8_t monitor_id;
	uint8_t monitor_allocated;
	uint16_t dedicated_interrupt;
	uint32_t connection_id;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_offer, 196);

/* RESCIND, CLOSE, RELID_RELEASED */
struct message_relid {
	struct message_header header;
	uint32_t relid;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_relid, 12);

struct message_open {
	struct message_header header;
	uint32_t relid;
	uint32_t open_id;
	uint32_t ring_gpadl;
	uint32_t target_vp;
	uint32_t downstream_page;
	uint8_t user_data[MESSAGE_USER_DATA];
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_open, 148);

struct message_open_result {
	struct message_header header;
	uint32_t relid;
	uint32_t open_id;
	uint32_t status;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_open_result, 20);

/* Page numbers follow this one and the next, to the message's end. */
struct message_gpadl_header {
	struct message_header header;
	uint32_t relid;
	uint32_t gpadl;
	uint16_t range_bytes;
	uint16_t range_count;
	uint32_t byte_count;
	uint32_t byte_offset;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_gpadl_header, 28);

struct message_gpadl_body {
	struct message_header header;
	uint32_t number;
	uint32_t gpadl;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_gpadl_body, 16);

struct message_gpadl_created {
	struct message_header header;
	uint32_t relid;
	uint32_t gpadl;
	uint32_t status;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_gpadl_created, 20);

struct message_gpadl_teardown {
	struct message_header header;
	uint32_t relid;
	uint32_t gpadl;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_gpadl_teardown, 16);
struct message_gpadl_torndown {
	struct message_header header;
	uint32_t gpadl;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_gpadl_torndown, 12);

/* From 5.0 on @interrupt_page is: u8 SINT, u8 VTL, u16, u32 features. */
struct message_initiate_contact {
	struct message_header header;
	uint32_t version;
	uint32_t target_vp;
	uint64_t interrupt_page;
	uint64_t monitor_pages[2];
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_initiate_contact, 40);

struct message_version_response {
	struct message_header header;
	uint8_t supported;
	uint8_t connection_state;
	uint16_t padding;
	uint32_t connection_id;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_version_response, 16);

struct message_tl_connect_request {
	struct message_header header;
	struct guid endpoint;	/* of the guest's port */
	struct guid service;	/* of the host's port */
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_tl_connect_request, 40);
struct message_tl_connect_result {
	struct message_header header;
	struct guid endpoint;
	struct guid service;
	uint32_t status;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_tl_connect_result, 44);

struct message_modify_channel {
	struct message_header header;
	uint32_t relid;
	uint32_t target_vp;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_modify_channel, 16);
struct message_modify_response {
	struct message_header header;
	uint32_t relid;
	uint32_t status;
} MESSAGE_PACKED;
MESSAGE_LAYOUT(message_modify_response, 16);

#endif
