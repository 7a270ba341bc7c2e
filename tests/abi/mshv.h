/* SPDX-License-Identifier: Apache-2.0 */
/* Every request of the driver of /dev/mshv, as Linux 7.3 numbers them. */
#ifndef TESTS_ABI_MSHV_H
#define TESTS_ABI_MSHV_H

#include <stdint.h>
#include <sys/ioctl.h>

#include <tlfs/message.h>

#define MSHV_MAGIC 0xb8

#define MSHV_PARTITION_LAPIC (UINT64_C(1) << 0)
#define MSHV_PARTITION_X2APIC (UINT64_C(1) << 1)
#define MSHV_PARTITION_SUPER_PAGES (UINT64_C(1) << 2)
#define MSHV_PARTITION_FEATURES (UINT64_C(1) << 3)
#define MSHV_PARTITION_FLAGS 6

struct mshv_partition_request {
	uint64_t flags;
	uint64_t isolation;
};

struct mshv_partition_request_2 {
	uint64_t flags;
	uint64_t isolation;
	uint16_t feature_banks;
	uint8_t reserved1[6];
	uint64_t disabled_features[2];
	uint64_t reserved2[2];
	uint64_t disabled_xsave;
} __attribute__((packed));

struct mshv_vp_request {
	uint32_t index;
};

#define MSHV_MEMORY_WRITABLE 0x1u
#define MSHV_MEMORY_EXECUTABLE 0x2u
#define MSHV_MEMORY_UNMAP 0x4u

struct mshv_memory_request {
	uint64_t size;
	uint64_t gfn;
	uint64_t address;
	uint8_t flags;
	uint8_t reserved[7];
};

#define MSHV_IRQFD_DEASSIGN 0x1u
#define MSHV_IRQFD_RESAMPLE 0x2u

struct mshv_irqfd_request {
	int32_t fd;
	int32_t resample_fd;
	uint32_t gsi;
	uint32_t flags;
};

#define MSHV_IOEVENTFD_MATCH 0x1u
#define MSHV_IOEVENTFD_PORT 0x2u
#define MSHV_IOEVENTFD_DEASSIGN 0x4u

struct mshv_ioeventfd_request {
	uint64_t match;
	uint64_t address;
	uint32_t length;
	int32_t fd;
	uint32_t flags;
	uint8_t reserved[4];
};

struct mshv_route {
	uint32_t gsi;
	uint32_t address_low;
	uint32_t address_high;
	uint32_t data;
};

#define MSHV_ROUTES_MAX 4096u

struct mshv_routing_request {
	uint32_t count;
	uint32_t reserved;
	struct mshv_route routes[4];	/* as many as a test needs */
};

enum mshv_access_type {
	MSHV_ACCESSED,
	MSHV_DIRTY,
};

enum mshv_access_operation {
	MSHV_ACCESS_KEEP,
	MSHV_ACCESS_CLEAR,
	MSHV_ACCESS_SET,
};

struct mshv_access_request {
	uint8_t type;
	uint8_t operation;
	uint8_t reserved[6];
	uint64_t pages;
	uint64_t gfn;
	uint64_t bitmap;
};

struct mshv_call_request {
	uint16_t code;
	uint16_t reps;
	uint16_t in_size;
	uint16_t out_size;
	uint16_t status;
	uint8_t reserved[6];
	uint64_t in;
	uint64_t out;
};

struct mshv_run_request {
	struct hv_message message;
};

enum mshv_state_type {
	MSHV_STATE_LAPIC,
	MSHV_STATE_XSAVE,
	MSHV_STATE_SIMP,
	MSHV_STATE_SIEFP,
	MSHV_STATE_TIMERS,
	MSHV_STATES,
};

struct mshv_state_request {
	uint8_t type;
	uint8_t reserved[3];
	uint32_t size;
	uint64_t buffer;
};

_Static_assert(sizeof(struct mshv_partition_request_2) == 64, "Linux uapi");
_Static_assert(sizeof(struct mshv_memory_request) == 32, "Linux uapi");
_Static_assert(sizeof(struct mshv_ioeventfd_request) == 32, "Linux uapi");
_Static_assert(sizeof(struct mshv_access_request) == 32, "Linux uapi");
_Static_assert(sizeof(struct mshv_call_request) == 32, "Linux uapi");
_Static_assert(sizeof(struct mshv_state_request) == 16, "Linux uapi");

/* Of the device. */
#define MSHV_CREATE_PARTITION \
	_IOW(MSHV_MAGIC, 0x00, struct mshv_partition_request)
/* Of a partition. */
#define MSHV_INITIALIZE_PARTITION _IO(MSHV_MAGIC, 0x00)
#define MSHV_CREATE_VP _IOW(MSHV_MAGIC, 0x01, struct mshv_vp_request)
#define MSHV_SET_GUEST_MEMORY _IOW(MSHV_MAGIC, 0x02, struct mshv_memory_request)
#define MSHV_IRQFD _IOW(MSHV_MAGIC, 0x03, struct mshv_irqfd_request)
#define MSHV_IOEVENTFD _IOW(MSHV_MAGIC, 0x04, struct mshv_ioeventfd_request)
#define MSHV_SET_MSI_ROUTING _IOC(_IOC_WRITE, MSHV_MAGIC, 0x05, 8)
#define MSHV_GET_GPAP_ACCESS_BITMAP \
	_IOWR(MSHV_MAGIC, 0x06, struct mshv_access_request)
/* Of a VP. Its pages are mapped at these offsets. */
#define MSHV_RUN_VP _IOR(MSHV_MAGIC, 0x00, struct mshv_run_request)
#define MSHV_GET_VP_STATE _IOWR(MSHV_MAGIC, 0x01, struct mshv_state_request)
#define MSHV_SET_VP_STATE _IOWR(MSHV_MAGIC, 0x02, struct mshv_state_request)
#define MSHV_MAP_REGISTERS 0x0000
#define MSHV_MAP_INTERCEPT 0x1000
#define MSHV_MAP_GHCB 0x2000
/* Of each. */
#define MSHV_ROOT_HVCALL _IOWR(MSHV_MAGIC, 0x07, struct mshv_call_request)

#endif
