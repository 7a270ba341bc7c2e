/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's driver for dynamic memory exchanges with us, byte for byte. */
#ifndef MULLION_MEMORY_WIRE_H
#define MULLION_MEMORY_WIRE_H

#include <stdint.h>

#define DM_WIRE_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "as it is on the wire")

/* The only version that guests ask for: major 2, minor 0. */
#define DM_WIRE_VERSION UINT32_C(0x20000)
/* The driver takes no longer messages, and sends none. */
#define DM_WIRE_MAX 4096U

#define DM_WIRE_ACCEPTED UINT64_C(1)
#define DM_WIRE_MORE 1U

/* Bits of what a guest can do. */
#define DM_WIRE_CAN_BALLOON UINT64_C(1)
#define DM_WIRE_CAN_ADD UINT64_C(2)
#define DM_WIRE_ALIGN_SHIFT 2	/* four bits: log2 of MiB */
#define DM_WIRE_ALIGN_MASK UINT64_C(0xf)

/* Ranges are a page number of 40 bits and a count of 24. */
#define DM_WIRE_PFN_BITS 40
#define DM_WIRE_RANGE_PAGES_MAX UINT64_C(0xffffff)

enum dm_wire_type {
	DM_WIRE_VERSION_REQUEST = 1,
	DM_WIRE_VERSION_RESPONSE = 2,
	DM_WIRE_CAPABILITIES = 3,
	DM_WIRE_CAPABILITIES_RESPONSE = 4,
	DM_WIRE_STATUS = 5,
	DM_WIRE_BALLOON = 6,
	DM_WIRE_BALLOON_RESPONSE = 7,
	DM_WIRE_UNBALLOON = 8,
	DM_WIRE_UNBALLOON_RESPONSE = 9,
	DM_WIRE_ADD = 10,
	DM_WIRE_ADD_RESPONSE = 11,
};

/* Begins each. @size is that of the whole. */
struct dm_wire_head {
	uint16_t type;
	uint16_t size;
	uint32_t transaction;
};
DM_WIRE_SIZE(dm_wire_head, 8);

struct dm_wire_version {
	struct dm_wire_head head;
	uint32_t version;
	uint32_t is_last;
};
DM_WIRE_SIZE(dm_wire_version, 16);

/* Both responses at the beginning. */
struct dm_wire_response {
	struct dm_wire_head head;
	uint64_t flags;
};
DM_WIRE_SIZE(dm_wire_response, 16);

struct dm_wire_capabilities {
	struct dm_wire_head head;
	uint64_t can;
	uint64_t pages_min;
	uint64_t page_max;
};
DM_WIRE_SIZE(dm_wire_capabilities, 32);

/* In pages. */
struct dm_wire_status {
	struct dm_wire_head head;
	uint64_t available;
	uint64_t committed;
	uint64_t page_file;
	uint64_t free;
	uint32_t page_file_writes;
	uint32_t io;
};
DM_WIRE_SIZE(dm_wire_status, 48);

struct dm_wire_balloon {
	struct dm_wire_head head;
	uint32_t pages;
	uint32_t reserved;
};
DM_WIRE_SIZE(dm_wire_balloon, 16);

/* The count of ranges is above the bit DM_WIRE_MORE. */
struct dm_wire_balloon_response {
	struct dm_wire_head head;
	uint32_t reserved;
	uint32_t more_and_count;
	uint64_t ranges[];
};
DM_WIRE_SIZE(dm_wire_balloon_response, 16);

struct dm_wire_unballoon {
	struct dm_wire_head head;
	uint32_t more;
	uint32_t range_count;
	uint64_t ranges[];
};
DM_WIRE_SIZE(dm_wire_unballoon, 16);

struct dm_wire_add {
	struct dm_wire_head head;
	uint64_t range;
};
DM_WIRE_SIZE(dm_wire_add, 16);

struct dm_wire_add_response {
	struct dm_wire_head head;
	uint32_t pages;
	uint32_t result;
};
DM_WIRE_SIZE(dm_wire_add_response, 16);

#endif
