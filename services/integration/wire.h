/* SPDX-License-Identifier: Apache-2.0 */
/* What the utility services of a guest exchange with us, byte for byte. */
#ifndef MULLION_INTEGRATION_WIRE_H
#define MULLION_INTEGRATION_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_PACKED __attribute__((packed))
#define WIRE_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), "as it is on the wire")

#define IC_PIPE_DATA 1U

#define IC_FLAG_TRANSACTION 1U
#define IC_FLAG_REQUEST 2U
#define IC_FLAG_RESPONSE 4U

enum ic_type {
	IC_NEGOTIATE = 0,
	IC_HEARTBEAT = 1,
	IC_KVP = 2,
	IC_SHUTDOWN = 3,
	IC_TIMESYNC = 4,
	IC_VSS = 5,
	IC_FCOPY = 7,
};

/* Statuses of answers that mean something of their own. */
#define IC_STATUS_OK 0x00000000U
#define IC_STATUS_FAILED 0x80004005U
#define IC_STATUS_NO_MORE 0x80070103U
#define IC_STATUS_NOT_SUPPORTED 0x80070032U
#define IC_STATUS_EXISTS 0x80070050U
#define IC_STATUS_DISK_FULL 0x80070070U
#define IC_STATUS_BAD_ARGUMENT 0x80070057U
#define IC_STATUS_NO_ADAPTER 0x80041002U

struct ic_version {
	uint16_t major;
	uint16_t minor;
} WIRE_PACKED;
WIRE_SIZE(struct ic_version, 4);

/* At the front of every packet. */
struct ic_header {
	uint32_t pipe_type;
	uint32_t pipe_size; /* of what follows this word */
	struct ic_version framework;
	uint16_t type;
	struct ic_version message;
	uint16_t size; /* of what follows this header */
	uint32_t status;
	uint8_t transaction;
	uint8_t flags;
	uint16_t reserved;
} WIRE_PACKED;
WIRE_SIZE(struct ic_header, 28);

#define IC_PIPE_HEADER 8U

/* The versions follow, those of the framework first. */
struct ic_negotiate {
	uint16_t framework_count;
	uint16_t message_count;
	uint32_t reserved;
} WIRE_PACKED;
WIRE_SIZE(struct ic_negotiate, 8);

struct wire_heartbeat {
	uint64_t sequence;
	uint32_t reserved[8];
} WIRE_PACKED;
WIRE_SIZE(struct wire_heartbeat, 40);

#define WIRE_SHUTDOWN_OFF 0U
#define WIRE_SHUTDOWN_FORCED 1U
#define WIRE_SHUTDOWN_RESTART 2U

/* A guest ignores the request unless all of it is there. */
struct wire_shutdown {
	uint32_t reason;
	uint32_t timeout_seconds;
	uint32_t flags;
	uint8_t message[2048];
} WIRE_PACKED;
WIRE_SIZE(struct wire_shutdown, 2060);

#define WIRE_TIME_SYNC 1U   /* set the clock */
#define WIRE_TIME_SAMPLE 2U /* know the time */

/* Since version 4.0. Times are in units of 100 ns. */
struct wire_time {
	uint64_t host;	    /* since 1601 */
	uint64_t reference; /* the guest's counter at that moment */
	uint8_t flags;
	uint8_t leap;
	uint8_t stratum;
	uint8_t reserved[3];
} WIRE_PACKED;
WIRE_SIZE(struct wire_time, 22);

/* Before 4.0. */
struct wire_time_old {
	uint64_t host;
	uint64_t child;
	uint64_t round_trip;
	uint8_t flags;
} WIRE_PACKED;
WIRE_SIZE(struct wire_time_old, 25);

#define WIRE_KVP_KEY 512U
#define WIRE_KVP_VALUE 2048U
#define WIRE_KVP_SIZE 7432U /* of a whole body, of any operation */

enum wire_kvp_op {
	WIRE_KVP_GET = 0,
	WIRE_KVP_SET = 1,
	WIRE_KVP_DELETE = 2,
	WIRE_KVP_ENUMERATE = 3,
	WIRE_KVP_GET_IP = 4,
};

#define WIRE_KVP_STRING 1U
#define WIRE_KVP_U32 4U
#define WIRE_KVP_U64 8U

/* Strings are UTF-16LE, and their sizes count the final NUL. */
struct wire_kvp_pair {
	uint32_t value_type;
	uint32_t key_size;
	uint32_t value_size;
	uint8_t key[WIRE_KVP_KEY];
	uint8_t value[WIRE_KVP_VALUE];
} WIRE_PACKED;

struct wire_kvp_pair_at {
	uint32_t index;
	struct wire_kvp_pair pair;
} WIRE_PACKED;

struct wire_kvp_key {
	uint32_t key_size;
	uint8_t key[WIRE_KVP_KEY];
} WIRE_PACKED;

struct wire_kvp {
	uint8_t op;
	uint8_t pool;
	uint16_t reserved;
	union {
		struct wire_kvp_pair pair;	 /* get, set */
		struct wire_kvp_key key;	 /* delete */
		struct wire_kvp_pair_at pair_at; /* enumerate */
		uint8_t whole[WIRE_KVP_SIZE - 4];
	} u;
} WIRE_PACKED;
WIRE_SIZE(struct wire_kvp, WIRE_KVP_SIZE);
_Static_assert(offsetof(struct wire_kvp, u.pair_at.pair.value) == 532,
    "as it is on the wire");

/* Unlike the others it begins right behind the pool. */
struct wire_kvp_ip {
	uint8_t op;
	uint8_t pool;
	uint8_t adapter[256];
	uint8_t family;
	uint8_t dhcp;
	uint8_t addresses[2048];
	uint8_t masks[2048];
	uint8_t gateways[1024];
	uint8_t dns[2048];
	uint8_t unused[4];
} WIRE_PACKED;
WIRE_SIZE(struct wire_kvp_ip, WIRE_KVP_SIZE);

enum wire_vss_op {
	WIRE_VSS_HOT_BACKUP = 2,
	WIRE_VSS_GET_INFO = 3,
	WIRE_VSS_COMPLETE = 4,
	WIRE_VSS_FREEZE = 5,
	WIRE_VSS_THAW = 6,
};

struct wire_vss {
	uint8_t op;
	uint8_t reserved[7];
	uint32_t flags;
} WIRE_PACKED;
WIRE_SIZE(struct wire_vss, 12);

enum wire_fcopy_op {
	WIRE_FCOPY_START = 0,
	WIRE_FCOPY_WRITE = 1,
	WIRE_FCOPY_COMPLETE = 2,
	WIRE_FCOPY_CANCEL = 3,
};

#define WIRE_FCOPY_PATH 260U /* letters, with the final NUL */
#define WIRE_FCOPY_BLOCK 6144U
#define WIRE_FCOPY_OVERWRITE 1U
#define WIRE_FCOPY_MAKE_PATH 2U

struct wire_fcopy {
	uint32_t op;
	uint8_t ids[32];
} WIRE_PACKED;
WIRE_SIZE(struct wire_fcopy, 36);

struct wire_fcopy_start {
	struct wire_fcopy head;
	uint8_t name[2 * WIRE_FCOPY_PATH];
	uint8_t path[2 * WIRE_FCOPY_PATH];
	uint32_t flags;
	uint64_t size;
} WIRE_PACKED;
WIRE_SIZE(struct wire_fcopy_start, 1088);

struct wire_fcopy_write {
	struct wire_fcopy head;
	uint32_t reserved;
	uint64_t offset;
	uint32_t size;
	uint8_t data[WIRE_FCOPY_BLOCK];
} WIRE_PACKED;
WIRE_SIZE(struct wire_fcopy_write, 6196);

#endif
