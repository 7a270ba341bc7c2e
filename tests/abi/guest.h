/* SPDX-License-Identifier: Apache-2.0 */
/* The small child partition that cases work on, and the calls to the driver. */
#ifndef TESTS_ABI_GUEST_H
#define TESTS_ABI_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlfs/intercept_message.h>
#include <tlfs/registers.h>
#include <tlfs/status.h>

#include "mshv.h"

/* Each level has what those before it have. */
enum guest_level {
	GUEST_DEVICE,		/* /dev/mshv is open */
	GUEST_CREATED,		/* a partition */
	GUEST_INITIALIZED,	/* that is initialized */
	GUEST_MEMORY,		/* with memory from address 0 on */
	GUEST_VP,		/* and VP 0 */
};

#define GUEST_PAGE 0x1000u
#define GUEST_MEMORY_SIZE 0x80000u	/* 512 KiB, then a hole */
#define GUEST_CODE 0x1000u		/* where code is put and started */
#define GUEST_STACK 0x8000u
#define GUEST_HOLE 0xa0000u		/* nothing is there */

struct guest {
	int device;
	int partition;
	int vp;
	uint8_t *memory;
	struct hv_message message;	/* of the last exit */
};

/* Make and take down; -1 with errno if the driver refuses. */
int guest_make(struct guest *g, enum guest_level level);
void guest_remove(struct guest *g);

int guest_create(int device, uint64_t flags);
int guest_map(int partition, uint64_t gpa, void *at, uint64_t size,
    uint8_t flags);
int guest_unmap(int partition, uint64_t gpa, void *at, uint64_t size);
int guest_create_vp(int partition, uint32_t index);

/* Anonymous memory of a guest; NULL if there is none. */
void *guest_memory_new(size_t size);

/*
 * Pass a hypercall through @fd. 0, or -1 with errno; @status has what the
 * hypervisor said, @reps counts, if there are any.
 */
int guest_call(int fd, uint16_t code, const void *in, size_t in_size,
    void *out, size_t out_size, uint16_t *reps, uint16_t *status);

/* Registers of VP 0, of 8 bytes and whole. */
int guest_get(struct guest *g, uint32_t name, uint64_t *value);
int guest_set(struct guest *g, uint32_t name, uint64_t value);
int guest_get_value(struct guest *g, uint32_t name,
    union hv_register_value *value);
int guest_set_value(struct guest *g, uint32_t name,
    const union hv_register_value *value);

/* Code from blobs.S, put at GUEST_CODE, with VP 0 in real mode before it. */
int guest_load(struct guest *g, const uint8_t *code, const uint8_t *end);
#define GUEST_LOAD(g, name) guest_load((g), blob_##name, blob_##name##_end)

/* Run VP 0 until it exits; the message is in @g. Ends after 10 s by EINTR. */
int guest_run(struct guest *g);

/* Go on behind the instruction that exited. */
int guest_skip_instruction(struct guest *g);

/* Parts of the last message. */
const struct hv_intercept_message_header *guest_exit(const struct guest *g);
const struct hv_io_port_intercept_message *guest_io(const struct guest *g);
const struct hv_memory_intercept_message *guest_access(const struct guest *g);

#define GUEST_BLOB(name) \
	extern const uint8_t blob_##name[], blob_##name##_end[]

#endif
