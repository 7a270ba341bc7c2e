/* SPDX-License-Identifier: Apache-2.0 */
/* The packets of the storage protocol, as they are on the channel. */
#ifndef MULLION_STORAGE_VSTOR_H
#define MULLION_STORAGE_VSTOR_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define VSTOR_VERSION_6_0 0x0600
#define VSTOR_VERSION_6_2 0x0602

#define VSTOR_PACKET_SIZE 64
#define VSTOR_CDB_SIZE 16
#define VSTOR_SENSE_SIZE 20

enum vstor_operation {
	VSTOR_COMPLETE_IO = 1,
	VSTOR_REMOVE_DEVICE = 2,
	VSTOR_EXECUTE_SRB = 3,
	VSTOR_RESET_LUN = 4,
	VSTOR_RESET_ADAPTER = 5,
	VSTOR_RESET_BUS = 6,
	VSTOR_BEGIN_INITIALIZATION = 7,
	VSTOR_END_INITIALIZATION = 8,
	VSTOR_QUERY_VERSION = 9,
	VSTOR_QUERY_PROPERTIES = 10,
	VSTOR_ENUMERATE_BUS = 11,
	VSTOR_FCHBA_DATA = 12,
	VSTOR_CREATE_SUB_CHANNELS = 13,
};

/* What the status of a packet says; any but the first is a refusal. */
enum vstor_status {
	VSTOR_SUCCESS = 0,
	VSTOR_INVALID_PARAMETER = (int)0xc000000d,
	VSTOR_INVALID_STATE = (int)0xc0000184,
	VSTOR_REVISION_MISMATCH = (int)0xc0000059,
};

enum vstor_direction {
	VSTOR_TO_DEVICE = 0,
	VSTOR_FROM_DEVICE = 1,
	VSTOR_NO_DATA = 2,
};

enum vstor_srb_status {
	VSTOR_SRB_SUCCESS = 0x01,
	VSTOR_SRB_ERROR = 0x04,
	VSTOR_SRB_INVALID_REQUEST = 0x06,
	VSTOR_SRB_INVALID_LUN = 0x20,
	VSTOR_SRB_AUTOSENSE_VALID = 0x80, /* a flag */
};

#define VSTOR_MULTI_CHANNEL 0x1

struct vstor_srb {
	uint16_t length;
	uint8_t srb_status;
	uint8_t scsi_status;
	uint8_t port;
	uint8_t path;
	uint8_t target;
	uint8_t lun;
	uint8_t cdb_length;
	uint8_t sense_length;
	uint8_t direction;
	uint8_t reserved;
	uint32_t transfer_length;
	uint8_t cdb[VSTOR_SENSE_SIZE]; /* the sense in the answer */
	uint16_t reserved2;
	uint8_t tag;
	uint8_t action;
	uint32_t flags;
	uint32_t timeout;
	uint32_t sort_key;
} __attribute__((packed));
static_assert(sizeof(struct vstor_srb) == 52, "layout of the protocol");
static_assert(offsetof(struct vstor_srb, transfer_length) == 12, "layout");
static_assert(offsetof(struct vstor_srb, cdb) == 16, "layout");
static_assert(offsetof(struct vstor_srb, tag) == 38, "layout");

struct vstor_version {
	uint16_t version; /* the major number in the upper byte */
	uint16_t revision;
} __attribute__((packed));

struct vstor_properties {
	uint32_t reserved;
	uint16_t max_sub_channels;
	uint16_t reserved2;
	uint32_t flags;
	uint32_t max_transfer_bytes;
	uint64_t reserved3;
} __attribute__((packed));
static_assert(sizeof(struct vstor_properties) == 24, "layout");

struct vstor_packet {
	uint32_t operation;
	uint32_t flags;
	uint32_t status;
	union {
		struct vstor_srb srb;
		struct vstor_version version;
		struct vstor_properties properties;
		uint16_t sub_channels;
		uint8_t body[52];
	};
} __attribute__((packed));
static_assert(sizeof(struct vstor_packet) == VSTOR_PACKET_SIZE, "layout");

#endif
