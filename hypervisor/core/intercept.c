/* SPDX-License-Identifier: Apache-2.0 */
/* The messages by which a parent learns what its child did. */
#include "core/intercept.h"
#include "core/partition.h"
#include "core/string.h"
#include "core/vp.h"
#include "core/vp_page.h"
#include "x86/cpu.h"
#include "x86/exits.h"
#include "x86/walk.h"
#include "x86/fpu.h"
#include "x86/vendor.h"

/* Longest instruction; the message has room for one byte more. */
#define INSN_BYTES	15u

static uint16_t
execution_state(const struct vp *vp)
{
	uint64_t cr0 = vendor_register(vp, HV_REGISTER_CR0);
	uint32_t state = vendor_segment(vp, HV_REGISTER_SS).attributes >>
	    HV_SEGMENT_DPL_SHIFT & HV_EXECUTION_CPL_MASK;

	if ((cr0 & CR0_PE) != 0)
		state |= HV_EXECUTION_CR0_PE;
	if ((cr0 & CR0_AM) != 0)
		state |= HV_EXECUTION_CR0_AM;
	if ((vendor_register(vp, HV_REGISTER_EFER) & EFER_LMA) != 0)
		state |= HV_EXECUTION_EFER_LMA;
	if (vp->event.valid)
		state |= HV_EXECUTION_INTERRUPTION_PENDING;
	if ((vendor_register(vp, HV_REGISTER_INTERRUPT_STATE) &
	    HV_INTERRUPT_SHADOW) != 0)
		state |= HV_EXECUTION_INTERRUPT_SHADOW;
	return (uint16_t)state;
}

/* The message to fill, its payload of @size bytes zeroed. */
static void *
message_new(struct vp *vp, uint32_t type, size_t size)
{
	struct hv_message *msg = vp->intercept_page;

	msg->header = (struct hv_message_header){
		.message_type = type,
		.payload_size = (uint8_t)size,
		.sender = vp->part->id,
	};
	memset(msg->payload, 0, size);
	return msg->payload;
}

/* One that begins with the header of an instruction of @length, if known. */
static void *
message_begin(struct vp *vp, uint32_t type, size_t size,
    enum hv_intercept_access access, uint8_t length)
{
	struct hv_intercept_message_header *h = message_new(vp, type, size);

	h->vp_index = vp->index;
	h->length_cr8 = (uint8_t)(length |
	    vapic_tpr(&vp->apic) >> 4 << HV_INTERCEPT_CR8_SHIFT);
	h->intercept_access_type = (uint8_t)access;
	h->execution_state = execution_state(vp);
	h->cs = vendor_segment(vp, HV_REGISTER_CS);
	h->rip = vp->regs.rip;
	h->rflags = vp->regs.rflags;
	return h;
}

static uint8_t
insn_copy(struct vp *vp, uint8_t bytes[HV_INTERCEPT_BYTES])
{
	return (uint8_t)walk_fetch(vp, bytes, INSN_BYTES);
}

static void
message_end(struct vp *vp)
{
	vp_page_store(vp);
	vp->intercept_suspend = true;
	vp->attention = true;
}

void
intercept_memory(struct vp *vp, gpa_t addr, bool known,
    enum hv_intercept_access access)
{
	struct hv_memory_intercept_message *m;

	/* How long the instruction is, only who decodes it knows. */
	m = message_begin(vp, known ? HVMSG_GPA_INTERCEPT :
	    HVMSG_UNMAPPED_GPA, sizeof(*m), access, 0);
	m->instruction_byte_count = insn_copy(vp, m->instruction_bytes);
	m->cache_type = HV_CACHE_TYPE_WRITE_BACK;
	m->tpr_priority = vapic_tpr(&vp->apic) >> 4;
	m->guest_physical_address = addr.v;
	message_end(vp);
}

void
intercept_io(struct vp *vp, const struct io_exit *io)
{
	struct hv_io_port_intercept_message *m;

	m = message_begin(vp, HVMSG_X64_IO_PORT_INTERCEPT, sizeof(*m),
	    io->in ? HV_INTERCEPT_ACCESS_READ : HV_INTERCEPT_ACCESS_WRITE,
	    io->length);
	m->port_number = io->port;
	m->access_info = (uint8_t)(io->size |
	    (io->string ? HV_IO_PORT_STRING : 0) |
	    (io->rep ? HV_IO_PORT_REP : 0));
	m->rax = vp->regs.gpr[GPR_RAX];
	if (io->string) {
		m->instruction_byte_count = insn_copy(vp,
		    m->instruction_bytes);
		m->ds = vendor_segment(vp, HV_REGISTER_DS);
		m->es = vendor_segment(vp, HV_REGISTER_ES);
		m->rcx = vp->regs.gpr[GPR_RCX];
		m->rsi = vp->regs.gpr[GPR_RSI];
		m->rdi = vp->regs.gpr[GPR_RDI];
	}
	message_end(vp);
}

void
intercept_msr(struct vp *vp, bool write)
{
	struct hv_msr_intercept_message *m;

	m = message_begin(vp, HVMSG_X64_MSR_INTERCEPT, sizeof(*m), write ?
	    HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ, 2);
	m->msr_number = (uint32_t)vp->regs.gpr[GPR_RCX];
	m->rdx = vp->regs.gpr[GPR_RDX];
	m->rax = vp->regs.gpr[GPR_RAX];
	message_end(vp);
}

void
intercept_cpuid(struct vp *vp, const struct cpuid_result *result)
{
	struct hv_cpuid_intercept_message *m;

	m = message_begin(vp, HVMSG_X64_CPUID_INTERCEPT, sizeof(*m),
	    HV_INTERCEPT_ACCESS_EXECUTE, 2);
	m->rax = vp->regs.gpr[GPR_RAX];
	m->rcx = vp->regs.gpr[GPR_RCX];
	m->rdx = vp->regs.gpr[GPR_RDX];
	m->rbx = vp->regs.gpr[GPR_RBX];
	m->default_result_rax = result->eax;
	m->default_result_rcx = result->ecx;
	m->default_result_rdx = result->edx;
	m->default_result_rbx = result->ebx;
	message_end(vp);
}

void
intercept_exception(struct vp *vp, uint8_t vector, bool has_error,
    uint32_t error, uint64_t parameter)
{
	struct hv_exception_intercept_message *m;

	m = message_begin(vp, HVMSG_X64_EXCEPTION_INTERCEPT, sizeof(*m),
	    HV_INTERCEPT_ACCESS_EXECUTE, 0);
	m->exception_vector = vector;
	m->exception_info = has_error ? HV_EXCEPTION_HAS_ERROR_CODE : 0;
	m->error_code = error;
	m->exception_parameter = parameter;
	m->instruction_byte_count = insn_copy(vp, m->instruction_bytes);
	m->ds = vendor_segment(vp, HV_REGISTER_DS);
	m->ss = vendor_segment(vp, HV_REGISTER_SS);
	memcpy(m->gp_registers, vp->regs.gpr, sizeof(m->gp_registers));
	message_end(vp);
}

void
intercept_hypercall(struct vp *vp)
{
	struct hv_hypercall_intercept_message *m;

	m = message_begin(vp, HVMSG_HYPERCALL_INTERCEPT, sizeof(*m),
	    HV_INTERCEPT_ACCESS_EXECUTE, HYPERCALL_INSN_LENGTH);
	m->rax = vp->regs.gpr[GPR_RAX];
	m->rbx = vp->regs.gpr[GPR_RBX];
	m->rcx = vp->regs.gpr[GPR_RCX];
	m->rdx = vp->regs.gpr[GPR_RDX];
	m->r8 = vp->regs.gpr[GPR_R8];
	m->rsi = vp->regs.gpr[GPR_RSI];
	m->rdi = vp->regs.gpr[GPR_RDI];
	fpu_xmm_live(m->xmm);
	message_end(vp);
}

void
intercept_unrecoverable(struct vp *vp)
{
	message_begin(vp, HVMSG_UNRECOVERABLE_EXCEPTION,
	    sizeof(struct hv_intercept_message_header),
	    HV_INTERCEPT_ACCESS_EXECUTE, 0);
	message_end(vp);
}

void
intercept_eoi(struct vp *vp, uint8_t vector)
{
	struct hv_apic_eoi_message *m;

	m = message_new(vp, HVMSG_X64_APIC_EOI, sizeof(*m));
	m->vp_index = vp->index;
	m->interrupt_vector = vector;
	message_end(vp);
}

void
intercept_deliverable(struct vp *vp, uint16_t sints)
{
	struct hv_sint_deliverable_message *m;

	m = message_begin(vp, HVMSG_SYNIC_SINT_DELIVERABLE, sizeof(*m),
	    HV_INTERCEPT_ACCESS_READ, 0);
	m->deliverable_sints = sints;
	message_end(vp);
}
