/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests of /dev/mshv that the worker makes. The headers of the
 * distribution's C library are older than the driver.
 */
#ifndef MULLION_WORKER_MSHV_ABI_H
#define MULLION_WORKER_MSHV_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

#include <tlfs/message.h>

#define MSHV_MAGIC 0xb8

/* mshv_partition_request.flags */
#define MSHV_PARTITION_LAPIC (UINT64_C(1) << 0)
#define MSHV_PARTITION_X2APIC (UINT64_C(1) << 1)
#define MSHV_PARTITION_SUPER_PAGES (UINT64_C(1) << 2)

struct mshv_partition_request {
	uint64_t flags;
	uint64_t isolation;	/* 0: none */
};

struct mshv_vp_request {
	uint32_t index;
};

#define MSHV_MEMORY_WRITABLE 0x1u
#define MSHV_MEMORY_EXECUTABLE 0x2u

struct mshv_memory_request {
	uint64_t size;
	uint64_t gfn;
	uint64_t address;
	uint8_t flags;
	uint8_t reserved[7];
};

/* A hypercall; the driver overwrites the partition id in the input. */
struct mshv_call_request {
	uint16_t code;
	uint16_t reps;		/* in: how many; out: how many were done */
	uint16_t in_size;
	uint16_t out_size;
	uint16_t status;	/* out: enum hv_status */
	uint8_t reserved[6];
	uint64_t in;
	uint64_t out;
};

#define MSHV_DOORBELL_REMOVE 0x4u

struct mshv_doorbell_request {
	uint64_t match;
	uint64_t address;
	uint32_t length;	/* 0: a write of any size */
	int32_t fd;
	uint32_t flags;
	uint8_t reserved[4];
};

#define MSHV_LINE_REMOVE 0x1u

struct mshv_line_request {
	int32_t fd;
	int32_t resample_fd;
	uint32_t line;
	uint32_t flags;
};

/* Of a line: the MSI that it is. */
struct mshv_route {
	uint32_t line;
	uint32_t address_low;
	uint32_t address_high;
	uint32_t data;
};

struct mshv_routes {
	uint32_t count;
	uint32_t reserved;
	struct mshv_route routes[];
};

struct mshv_run_request {
	struct hv_message message;
};

_Static_assert(sizeof(struct mshv_call_request) == 32, "driver's layout");
_Static_assert(sizeof(struct mshv_memory_request) == 32, "driver's layout");
_Static_assert(sizeof(struct mshv_doorbell_request) == 32, "driver's layout");
_Static_assert(sizeof(struct mshv_line_request) == 16, "driver's layout");
_Static_assert(sizeof(struct mshv_routes) == 8, "driver's layout");
_Static_assert(sizeof(struct mshv_run_request) == 256, "driver's layout");

/* Of the device. */
#define MSHV_CREATE_PARTITION \
	_IOW(MSHV_MAGIC, 0x00, struct mshv_partition_request)
/* Of a partition. */
#define MSHV_INITIALIZE_PARTITION _IO(MSHV_MAGIC, 0x00)
#define MSHV_CREATE_VP _IOW(MSHV_MAGIC, 0x01, struct mshv_vp_request)
#define MSHV_SET_GUEST_MEMORY _IOW(MSHV_MAGIC, 0x02, struct mshv_memory_request)
#define MSHV_IRQFD _IOW(MSHV_MAGIC, 0x03, struct mshv_line_request)
#define MSHV_SET_MSI_ROUTING _IOW(MSHV_MAGIC, 0x05, struct mshv_routes)
#define MSHV_IOEVENTFD _IOW(MSHV_MAGIC, 0x04, struct mshv_doorbell_request)
/* Of a VP; its register page is at offset 0 of a mapping. */
#define MSHV_RUN_VP _IOR(MSHV_MAGIC, 0x00, struct mshv_run_request)
/* Of each. */
#define MSHV_ROOT_HVCALL _IOWR(MSHV_MAGIC, 0x07, struct mshv_call_request)

#endif
