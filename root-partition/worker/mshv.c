/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor as the root partition's driver presents it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/interrupt.h>
#include <tlfs/memory.h>
#include <tlfs/partition.h>
#include <tlfs/registers.h>
#include <tlfs/status.h>

#include "manager/cleanup.h"
#include "worker/backend.h"
#include "worker/counters.h"
#include "worker/mshv_abi.h"
#include "worker/mshv_call.h"

#define DEVICE "/dev/mshv"
#define PAGE 4096
#define REGISTERS_MAX 32

/* What a child's kernel is offered, as far as the hypervisor can. */
#define WANTED_FEATURES \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 | \
	HV_SYNTHETIC_VP_RUN_TIME | HV_SYNTHETIC_REFERENCE_COUNTER | \
	HV_SYNTHETIC_SYNIC | HV_SYNTHETIC_TIMERS | \
	HV_SYNTHETIC_INTERRUPT_CONTROL | HV_SYNTHETIC_HYPERCALL | \
	HV_SYNTHETIC_VP_INDEX | HV_SYNTHETIC_REFERENCE_TSC | \
	HV_SYNTHETIC_GUEST_IDLE | HV_SYNTHETIC_FREQUENCY | \
	HV_SYNTHETIC_DIRECT_TIMERS | HV_SYNTHETIC_EX_MASKS | \
	HV_SYNTHETIC_TLB_FLUSH | HV_SYNTHETIC_CLUSTER_IPI | \
	HV_SYNTHETIC_LONG_SPIN_WAIT | HV_SYNTHETIC_SIGNAL_EVENTS)

static int
property_set(int fd, uint32_t property, uint64_t value, const char *what,
    struct err *e)
{
	struct hv_input_set_partition_property in = {
		.property_code = property,
		.property_value = value,
	};
	struct mshv_call_request r = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
	};

	return mshv_call(fd, &r, what, e);
}

int
mshv_property(const struct partition *p, uint32_t property, uint64_t *value,
    const char *what, struct err *e)
{
	struct hv_input_get_partition_property in = {
		.property_code = property,
	};
	uint64_t out;
	struct mshv_call_request r = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
		.out = (uintptr_t)&out,
		.out_size = sizeof(out),
	};

	if (mshv_call(p->fd, &r, what, e) < 0)
		return -1;
	*value = out;
	return 0;
}

/* A hypervisor that cannot tell gets asked for all that is wanted. */
static uint64_t
features(int device)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = HV_PROPERTY_ASSIGNABLE_SYNTHETIC_FEATURES,
	};
	struct hv_partition_property_banks out = { .bank_count = 0 };
	struct mshv_call_request r = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
		.out = (uintptr_t)&out,
		.out_size = sizeof(out),
	};
	struct err ignored;

	if (mshv_call(device, &r, "features", &ignored) < 0 ||
	    out.bank_count == 0)
		return WANTED_FEATURES;
	return WANTED_FEATURES & out.bank[0];
}

static int
device_open(struct err *e)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return err_set(e, ENODEV, DEVICE " is not there: this system "
		    "does not run as the parent partition of a hypervisor");
	if (fd < 0)
		return err_set(e, errno, DEVICE ": %s", strerror(errno));
	return fd;
}

/* The partition's counters appear with it, under a number nobody tells. */
static int
initialize(struct partition *p, struct err *e)
{
	struct counters_scan scan;
	int failed;

	counters_scan_begin(&scan);
	failed = ioctl(p->fd, MSHV_INITIALIZE_PARTITION);
	if (failed != 0)
		err_set(e, errno, "the partition cannot be initialised: %s",
		    strerror(errno));
	p->counters_dir = counters_scan_end(&scan);
	p->counters_fd = counters_open(p->counters_dir);
	return failed != 0 ? -1 : 0;
}

static int
mshv_create(struct partition *p, struct err *e)
{
	struct mshv_partition_request request = {
		.flags = MSHV_PARTITION_LAPIC | MSHV_PARTITION_X2APIC |
		    MSHV_PARTITION_SUPER_PAGES,
	};
	AUTO_CLOSE int device = device_open(e);

	if (device < 0)
		return -1;
	p->fd = ioctl(device, MSHV_CREATE_PARTITION, &request);
	if (p->fd < 0)
		return err_set(e, errno, "no partition can be created: %s",
		    strerror(errno));
	if (property_set(p->fd, HV_PROPERTY_SYNTHETIC_PROCESSOR_FEATURES,
	    features(device), "features of the partition", e) < 0 ||
	    mshv_intercept_hypercalls(p, e) < 0 ||
	    initialize(p, e) < 0)
		return -1;
	mshv_find_bells(p);
	/* Kernels try model-specific registers that no virtual CPU has. */
	return property_set(p->fd, HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1,
	    "unimplemented MSRs", e);
}

static int
mshv_map(const struct partition *p, uint64_t gpa, void *host, uint64_t size,
    struct err *e)
{
	struct mshv_memory_request request = {
		.size = size,
		.gfn = gpa / PAGE,
		.address = (uintptr_t)host,
		.flags = MSHV_MEMORY_WRITABLE | MSHV_MEMORY_EXECUTABLE,
	};

	if (ioctl(p->fd, MSHV_SET_GUEST_MEMORY, &request) < 0)
		return err_set(e, errno, "guest memory at %#llx: %s",
		    (unsigned long long)gpa, strerror(errno));
	return 0;
}

static int
mshv_vp_create(struct partition *p, unsigned index, struct vp_link *vp,
    struct err *e)
{
	struct mshv_vp_request request = { .index = index };
	void *page;

	vp->index = index;
	vp->fd = ioctl(p->fd, MSHV_CREATE_VP, &request);
	if (vp->fd < 0)
		return err_set(e, errno, "processor %u: %s", index,
		    strerror(errno));
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vp->fd, 0);
	vp->page = page == MAP_FAILED ? NULL : page;
	p->vp_counters_fd[index] = counters_open_vp(p->counters_dir, index);
	return 0;
}

static int
mshv_run(const struct vp_link *vp, struct hv_message *message)
{
	return ioctl(vp->fd, MSHV_RUN_VP, message) == 0 ? 0 : errno;
}

static int
mshv_get_registers(const struct vp_link *vp, struct hv_register_assoc *list,
    unsigned n, struct err *e)
{
	struct {
		struct hv_input_get_vp_registers head;
		uint32_t names[REGISTERS_MAX];
	} in = { .head = { .vp_index = vp->index } };
	union hv_register_value out[REGISTERS_MAX];
	struct mshv_call_request r = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = (uint16_t)n,
		.in = (uintptr_t)&in,
		.in_size = (uint16_t)(sizeof(in.head) + n * sizeof(uint32_t)),
		.out = (uintptr_t)out,
		.out_size = (uint16_t)(n * sizeof(out[0])),
	};

	if (n > REGISTERS_MAX)
		return err_set(e, EINVAL, "too many registers at once");
	for (unsigned i = 0; i < n; i++)
		in.names[i] = list[i].name;
	if (mshv_call(vp->fd, &r, "reading registers", e) < 0)
		return -1;
	for (unsigned i = 0; i < n; i++)
		list[i].value = out[i];
	return 0;
}

static int
mshv_set_registers(const struct vp_link *vp,
    const struct hv_register_assoc *list, unsigned n, struct err *e)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc list[REGISTERS_MAX];
	} in = { .head = { .vp_index = vp->index } };
	struct mshv_call_request r = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = (uint16_t)n,
		.in = (uintptr_t)&in,
		.in_size = (uint16_t)(sizeof(in.head) + n * sizeof(*list)),
	};

	if (n > REGISTERS_MAX)
		return err_set(e, EINVAL, "too many registers at once");
	memcpy(in.list, list, n * sizeof(*list));
	return mshv_call(vp->fd, &r, "writing registers", e);
}

static int
mshv_translate(const struct vp_link *vp, uint64_t gva, bool write,
    uint64_t *gpa, uint32_t *result, struct err *e)
{
	struct hv_input_translate_virtual_address in = {
		.vp_index = vp->index,
		.control_flags = HV_TRANSLATE_SET_PAGE_BITS |
		    (write ? HV_TRANSLATE_WRITE : HV_TRANSLATE_READ),
		.gva_page = gva / PAGE,
	};
	struct hv_output_translate_virtual_address out = { .gpa_page = 0 };
	struct mshv_call_request r = {
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
		.out = (uintptr_t)&out,
		.out_size = sizeof(out),
	};

	if (mshv_call(vp->fd, &r, "translating an address", e) < 0)
		return -1;
	*result = out.result_code;
	*gpa = out.gpa_page * PAGE + gva % PAGE;
	return 0;
}

static int
mshv_interrupt(const struct partition *p, const struct interrupt *i,
    struct err *e)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control = i->mode |
		    (i->logical ? HV_INTERRUPT_CONTROL_LOGICAL : 0),
		.dest_addr = i->destination,
		.vector = i->vector,
	};
	struct mshv_call_request r = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in = (uintptr_t)&in,
		.in_size = sizeof(in),
	};

	return mshv_call(p->fd, &r, "interrupt", e);
}

static int
mshv_freeze_time(const struct partition *p, bool frozen, struct err *e)
{
	return property_set(p->fd, HV_PROPERTY_TIME_FREEZE, frozen ? 1 : 0,
	    frozen ? "stopping the clock" : "starting the clock", e);
}

static int
mshv_reference_time(const struct partition *p, uint64_t *time, struct err *e)
{
	return mshv_property(p, HV_PROPERTY_REFERENCE_TIME, time,
	    "reading the clock", e);
}

const struct backend mshv_backend = {
	.create = mshv_create,
	.map = mshv_map,
	.vp_create = mshv_vp_create,
	.run = mshv_run,
	.get_registers = mshv_get_registers,
	.set_registers = mshv_set_registers,
	.translate = mshv_translate,
	.interrupt = mshv_interrupt,
	.freeze_time = mshv_freeze_time,
	.reference_time = mshv_reference_time,
	.post_message = mshv_post_message,
	.await_slots = mshv_await_slots,
	.signal_event = mshv_signal_event,
	.doorbell = mshv_doorbell,
	.event_connect = mshv_event_connect,
	.event_disconnect = mshv_event_disconnect,
};
