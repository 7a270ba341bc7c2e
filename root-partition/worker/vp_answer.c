/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to what stops a processor. The path of a port access is the one
 * that counts: it reads the message, asks the device, and leaves the result
 * in the register page, without a system call of its own.
 */
#include <inttypes.h>
#include <stdio.h>

#include <tlfs/intercept_message.h>
#include <tlfs/msr.h>

#include "worker/insn.h"
#include "worker/string_io.h"
#include "worker/vp.h"
#include "worker/vp_registers.h"

static void
fail(struct vp *vp, const char *what, const struct err *e)
{
	machine_end(vp->machine, MACHINE_FAILED, 0, "processor %u: %s: %s",
	    vp->link.index, what, e->text);
}

/* 4 bytes clear the upper half of RAX; fewer leave the rest as it was. */
static uint64_t
merge_rax(uint64_t rax, uint32_t value, unsigned size)
{
	uint64_t mask = (UINT64_C(1) << (8 * size)) - 1;

	return size == 4 ? value : (rax & ~mask) | (value & mask);
}

static void
answer_io(struct vp *vp, const struct hv_io_port_intercept_message *io)
{
	unsigned size = io->access_info & HV_IO_PORT_SIZE_MASK;
	unsigned length = io->header.length_cr8 & HV_INTERCEPT_LENGTH_MASK;
	bool in = io->header.intercept_access_type == HV_INTERCEPT_ACCESS_READ;
	struct machine *m = vp->machine;
	struct devices_effect fx;
	uint64_t rax = io->rax;
	struct err e;

	pthread_mutex_lock(&m->devices_lock);
	if (in)
		rax = merge_rax(rax, devices_in(&m->devices, io->port_number,
		    size, &fx), size);
	else
		devices_out(&m->devices, io->port_number, size,
		    (uint32_t)rax, &fx);
	pthread_mutex_unlock(&m->devices_lock);
	if (vp_step(vp, io->header.rip + length, in ? &rax : NULL, &e) < 0)
		fail(vp, "port access", &e);
	machine_effect(m, &fx);
}

/* INS, OUTS, and what the hypervisor should not have told us. */
static void
answer_rare_io(struct vp *vp, const struct hv_io_port_intercept_message *io)
{
	unsigned size = io->access_info & HV_IO_PORT_SIZE_MASK;
	struct err e;

	if ((size != 1 && size != 2 && size != 4) ||
	    (io->header.length_cr8 & HV_INTERCEPT_LENGTH_MASK) == 0) {
		machine_end(vp->machine, MACHINE_FAILED, 0, "processor %u: "
		    "an access to port %#x at %#" PRIx64 " has no size",
		    vp->link.index, io->port_number, io->header.rip);
		return;
	}
	if ((io->access_info & HV_IO_PORT_STRING) == 0)
		answer_io(vp, io);
	else if (string_io_answer(vp, io, &e) < 0)
		fail(vp, "string access to a port", &e);
}

/* What nearly all are: one element of a size that exists. */
static bool
is_plain_io(const struct hv_io_port_intercept_message *io)
{
	return (io->access_info == 1 || io->access_info == 2 ||
	    io->access_info == 4) &&
	    (io->header.length_cr8 & HV_INTERCEPT_LENGTH_MASK) != 0;
}

static enum insn_mode
mode_of(const struct hv_intercept_message_header *h)
{
	if ((h->execution_state & HV_EXECUTION_EFER_LMA) != 0 &&
	    (h->cs.attributes & HV_SEGMENT_LONG) != 0)
		return INSN_MODE_64;
	if ((h->cs.attributes & HV_SEGMENT_DEFAULT) != 0)
		return INSN_MODE_32;
	return INSN_MODE_16;
}

static void
fail_memory(struct vp *vp, const struct hv_memory_intercept_message *msg,
    const char *why)
{
	static const char *const accesses[] = { "read", "write", "execution" };
	unsigned access = msg->header.intercept_access_type;
	char bytes[3 * HV_INTERCEPT_BYTES + 1] = "";
	unsigned n = msg->instruction_byte_count;

	for (unsigned i = 0; i < n && i < HV_INTERCEPT_BYTES; i++)
		snprintf(bytes + 3 * i, 4, " %02x", msg->instruction_bytes[i]);
	machine_end(vp->machine, MACHINE_FAILED, 0, "processor %u: %s of "
	    "address %#" PRIx64 " at %#" PRIx64 " %s; instruction bytes:%s",
	    vp->link.index, access < 3 ? accesses[access] : "access",
	    msg->guest_physical_address, msg->header.rip, why, bytes);
}

static void
answer_memory(struct vp *vp, const struct hv_memory_intercept_message *msg)
{
	size_t n = msg->instruction_byte_count;
	struct machine *m = vp->machine;
	uint64_t registers[VP_REGISTERS];
	uint64_t gpa = msg->guest_physical_address;
	struct insn insn;
	struct err e;

	if (n > HV_INTERCEPT_BYTES)
		n = HV_INTERCEPT_BYTES;
	if (msg->header.intercept_access_type == HV_INTERCEPT_ACCESS_EXECUTE ||
	    !insn_decode(msg->instruction_bytes, n, mode_of(&msg->header),
		&insn)) {
		fail_memory(vp, msg, "which is no memory cannot be answered");
		return;
	}
	if (vp_registers_read(vp, registers, &e) < 0) {
		fail(vp, "access to a device", &e);
		return;
	}
	pthread_mutex_lock(&m->devices_lock);
	if (insn.write)
		devices_store(&m->devices, gpa, insn.size,
		    insn_stored(&insn, registers));
	else
		insn_load(&insn, devices_load(&m->devices, gpa, insn.size),
		    registers);
	pthread_mutex_unlock(&m->devices_lock);
	if (vp_registers_write(vp, msg->header.rip + insn.length, registers,
	    &e) < 0)
		fail(vp, "access to a device", &e);
}

/* What a child never does unless something is wrong with it, or with us. */
static void
fail_other(struct vp *vp, const struct hv_message *message)
{
	const struct hv_intercept_message_header *h =
	    (const void *)message->payload_bytes;
	const struct hv_msr_intercept_message *msr = (const void *)h;
	const struct hv_cpuid_intercept_message *cpuid = (const void *)h;
	const struct hv_exception_intercept_message *exception =
	    (const void *)h;
	uint32_t type = message->header.message_type;
	struct machine *m = vp->machine;
	unsigned index = vp->link.index;

	switch (type) {
	case HVMSG_UNRECOVERABLE_EXCEPTION:
		machine_end(m, MACHINE_FAILED, 0, "triple fault: processor %u "
		    "cannot deliver an exception at %#" PRIx64, index, h->rip);
		break;
	case HVMSG_INVALID_VP_REGISTER_VALUE:
		machine_end(m, MACHINE_FAILED, 0,
		    "processor %u is in a state that no processor can be in",
		    index);
		break;
	case HVMSG_UNSUPPORTED_FEATURE:
		machine_end(m, MACHINE_FAILED, 0,
		    "processor %u used a feature that the hypervisor lacks",
		    index);
		break;
	case HVMSG_X64_MSR_INTERCEPT:
		if (msr->msr_number == HV_MSR_CRASH_CTL)
			machine_end(m, MACHINE_FAILED, 0, "the guest's kernel "
			    "panicked on processor %u", index);
		else
			machine_end(m, MACHINE_FAILED, 0, "processor %u: "
			    "access to MSR %#x at %#" PRIx64 " was left to "
			    "the worker", index, msr->msr_number, h->rip);
		break;
	case HVMSG_X64_CPUID_INTERCEPT:
		machine_end(m, MACHINE_FAILED, 0, "processor %u: CPUID "
		    "%#" PRIx64 " at %#" PRIx64 " was left to the worker",
		    index, cpuid->rax, h->rip);
		break;
	case HVMSG_X64_EXCEPTION_INTERCEPT:
		machine_end(m, MACHINE_FAILED, 0, "processor %u: exception "
		    "%u at %#" PRIx64 " was left to the worker", index,
		    exception->exception_vector, h->rip);
		break;
	case HVMSG_X64_HALT:
		machine_end(m, MACHINE_FAILED, 0,
		    "processor %u halted for good at %#" PRIx64, index,
		    h->rip);
		break;
	default:
		machine_end(m, MACHINE_FAILED, 0, "processor %u stopped for "
		    "an unknown reason, message %#x", index, type);
		break;
	}
}

void
vp_answer(struct vp *vp)
{
	const void *payload = vp->message.payload_bytes;
	struct err e;

	switch (vp->message.header.message_type) {
	case HVMSG_X64_IO_PORT_INTERCEPT:
		if (is_plain_io(payload))
			answer_io(vp, payload);
		else
			answer_rare_io(vp, payload);
		break;
	case HVMSG_UNMAPPED_GPA:
		answer_memory(vp, payload);
		break;
	case HVMSG_HYPERCALL_INTERCEPT:
		if (vp_answer_hypercall(vp, payload, &e) < 0)
			fail(vp, "hypercall", &e);
		break;
	case HVMSG_SYNIC_SINT_DELIVERABLE:
		vp_answer_deliverable(vp, payload);
		break;
	case HVMSG_GPA_INTERCEPT:
		/* The driver gave up on it: the parent has no memory left? */
		fail_memory(vp, payload, "could not be given memory");
		break;
	default:
		fail_other(vp, &vp->message);
		break;
	}
}
