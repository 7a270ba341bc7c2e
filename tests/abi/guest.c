/* SPDX-License-Identifier: Apache-2.0 */
/* The small child partition that cases work on. */
#include "guest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/partition.h>
#include <tlfs/vp.h>

/* What a VMM asks for, before the partition is initialized. */
#define GUEST_FEATURES \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 | \
	 HV_SYNTHETIC_REFERENCE_COUNTER | HV_SYNTHETIC_SYNIC | \
	 HV_SYNTHETIC_TIMERS | HV_SYNTHETIC_HYPERCALL | \
	 HV_SYNTHETIC_VP_INDEX | HV_SYNTHETIC_REFERENCE_TSC | \
	 HV_SYNTHETIC_FREQUENCY | HV_SYNTHETIC_DIRECT_TIMERS | \
	 HV_SYNTHETIC_EX_MASKS | HV_SYNTHETIC_TLB_FLUSH | \
	 HV_SYNTHETIC_CLUSTER_IPI)

int
guest_create(int device, uint64_t flags)
{
	struct mshv_partition_request r = { .flags = flags };

	return ioctl(device, MSHV_CREATE_PARTITION, &r);
}

int
guest_map(int partition, uint64_t gpa, void *at, uint64_t size, uint8_t flags)
{
	struct mshv_memory_request r = {
		.size = size,
		.gfn = gpa / GUEST_PAGE,
		.address = (uintptr_t)at,
		.flags = flags,
	};

	return ioctl(partition, MSHV_SET_GUEST_MEMORY, &r);
}

int
guest_unmap(int partition, uint64_t gpa, void *at, uint64_t size)
{
	return guest_map(partition, gpa, at, size, MSHV_MEMORY_UNMAP);
}

int
guest_create_vp(int partition, uint32_t index)
{
	struct mshv_vp_request r = { .index = index };

	return ioctl(partition, MSHV_CREATE_VP, &r);
}

void *
guest_memory_new(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static int
guest_set_features(int partition)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES,
		.property_value = GUEST_FEATURES,
	};

	return guest_call(partition, HVCALL_SET_PARTITION_PROPERTY, &in,
	    sizeof(in), NULL, 0, NULL, NULL);
}

static int
guest_add_memory(struct guest *g)
{
	g->memory = guest_memory_new(GUEST_MEMORY_SIZE);
	if (g->memory == NULL)
		return -1;
	return guest_map(g->partition, 0, g->memory, GUEST_MEMORY_SIZE,
	    MSHV_MEMORY_WRITABLE | MSHV_MEMORY_EXECUTABLE);
}

int
guest_make(struct guest *g, enum guest_level level)
{
	*g = (struct guest){ .device = -1, .partition = -1, .vp = -1 };
	g->device = open("/dev/mshv", O_RDWR | O_CLOEXEC);
	if (g->device < 0 || level == GUEST_DEVICE)
		return g->device < 0 ? -1 : 0;
	g->partition = guest_create(g->device, MSHV_PARTITION_LAPIC |
	    MSHV_PARTITION_X2APIC | MSHV_PARTITION_SUPER_PAGES);
	if (g->partition < 0 || level == GUEST_CREATED)
		return g->partition < 0 ? -1 : 0;
	if (guest_set_features(g->partition) < 0 ||
	    ioctl(g->partition, MSHV_INITIALIZE_PARTITION) < 0)
		return -1;
	if (level >= GUEST_MEMORY && guest_add_memory(g) < 0)
		return -1;
	if (level >= GUEST_VP) {
		g->vp = guest_create_vp(g->partition, 0);
		if (g->vp < 0)
			return -1;
	}
	return 0;
}

void
guest_remove(struct guest *g)
{
	if (g->vp >= 0)
		close(g->vp);
	if (g->partition >= 0)
		close(g->partition);
	if (g->device >= 0)
		close(g->device);
	if (g->memory != NULL)
		munmap(g->memory, GUEST_MEMORY_SIZE);
}

int
guest_call(int fd, uint16_t code, const void *in, size_t in_size, void *out,
    size_t out_size, uint16_t *reps, uint16_t *status)
{
	struct mshv_call_request r = {
		.code = code,
		.reps = (uint16_t)(reps != NULL ? *reps : 0),
		.in_size = (uint16_t)in_size,
		.out_size = (uint16_t)out_size,
		.in = (uintptr_t)in,
		.out = (uintptr_t)out,
	};
	int result = ioctl(fd, MSHV_ROOT_HVCALL, &r);

	if (reps != NULL)
		*reps = r.reps;
	if (status != NULL)
		*status = r.status;
	return result;
}

int
guest_get_value(struct guest *g, uint32_t name, union hv_register_value *value)
{
	struct {
		struct hv_input_get_vp_registers header;
		uint32_t name;
	} in = { .name = name };
	uint16_t reps = 1;

	return guest_call(g->vp, HVCALL_GET_VP_REGISTERS, &in, sizeof(in),
	    value, sizeof(*value), &reps, NULL);
}

int
guest_set_value(struct guest *g, uint32_t name,
    const union hv_register_value *value)
{
	struct {
		struct hv_input_set_vp_registers header;
		struct hv_register_assoc element;
	} in = { .element = { .name = name, .value = *value } };
	uint16_t reps = 1;

	return guest_call(g->vp, HVCALL_SET_VP_REGISTERS, &in, sizeof(in),
	    NULL, 0, &reps, NULL);
}

int
guest_get(struct guest *g, uint32_t name, uint64_t *value)
{
	union hv_register_value v = { .reg128 = { 0, 0 } };
	int result = guest_get_value(g, name, &v);

	*value = v.reg64;
	return result;
}

int
guest_set(struct guest *g, uint32_t name, uint64_t value)
{
	union hv_register_value v = { .reg128 = { value, 0 } };

	return guest_set_value(g, name, &v);
}

/* A segment of real mode at @base. */
static int
guest_set_segment(struct guest *g, uint32_t name, uint16_t type)
{
	union hv_register_value v = {
		.segment = {
			.limit = 0xffff,
			.attributes = (uint16_t)(HV_SEGMENT_PRESENT |
			    HV_SEGMENT_NON_SYSTEM | type),
		},
	};

	return guest_set_value(g, name, &v);
}

int
guest_load(struct guest *g, const uint8_t *code, const uint8_t *end)
{
	memcpy(g->memory + GUEST_CODE, code, (size_t)(end - code));
	if (guest_set_segment(g, HV_REGISTER_CS, 0xb) < 0)
		return -1;
	for (uint32_t s = HV_REGISTER_ES; s <= HV_REGISTER_GS; s++) {
		if (s != HV_REGISTER_CS && guest_set_segment(g, s, 0x3) < 0)
			return -1;
	}
	if (guest_set(g, HV_REGISTER_RSP, GUEST_STACK) < 0 ||
	    guest_set(g, HV_REGISTER_RFLAGS, 2) < 0)
		return -1;
	return guest_set(g, HV_REGISTER_RIP, GUEST_CODE);
}

int
guest_run(struct guest *g)
{
	struct mshv_run_request r;
	int result;

	/* The main program's alarm() ends a guest that never exits. */
	alarm(10);
	memset(&r, 0, sizeof(r));
	result = ioctl(g->vp, MSHV_RUN_VP, &r);
	alarm(0);
	g->message = r.message;
	return result;
}

int
guest_skip_instruction(struct guest *g)
{
	const struct hv_intercept_message_header *exit = guest_exit(g);

	return guest_set(g, HV_REGISTER_RIP,
	    exit->rip + (exit->length_cr8 & HV_INTERCEPT_LENGTH_MASK));
}

const struct hv_intercept_message_header *
guest_exit(const struct guest *g)
{
	return (const void *)g->message.payload;
}

const struct hv_io_port_intercept_message *
guest_io(const struct guest *g)
{
	return (const void *)g->message.payload;
}

const struct hv_memory_intercept_message *
guest_access(const struct guest *g)
{
	return (const void *)g->message.payload;
}
