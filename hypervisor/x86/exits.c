/* SPDX-License-Identifier: Apache-2.0 */
/* Exits that are neither CPUID, MSR nor the APIC's. */
#include "core/guest.h"
#include "core/hypercall.h"
#include "core/intercept.h"
#include "core/lp.h"
#include "core/partition.h"
#include "core/port.h"
#include "core/print.h"
#include "core/vp.h"
#include "x86/acpi.h"
#include "x86/apic_access.h"
#include "x86/cpu.h"
#include "x86/exits.h"
#include "x86/fpu.h"
#include "x86/vendor.h"

#define VECTOR_BP	3
#define VECTOR_OF	4
#define VECTOR_MC	18
/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX push an error code. */
#define VECTORS_WITH_ERROR	0x60227d00u

void
exit_hlt(struct vp *vp)
{
	vp->exits[VP_EXIT_HLT]++;
	vp_skip(vp, 1);
	vp->activity = VP_HALTED;
	/* It may be that what would wake it came before it halted. */
	vp->attention = true;
}

void
exit_hypercall(struct vp *vp, bool allowed)
{
	vp->exits[VP_EXIT_HYPERCALL]++;
	if (allowed)
		hypercall_handle(vp);
	else
		VP_INJECT_UD(vp);
}

void
exit_xsetbv(struct vp *vp, bool allowed)
{
	uint64_t value = vp->regs.gpr[GPR_RDX] << 32 |
	    (uint32_t)vp->regs.gpr[GPR_RAX];

	if ((vendor_register(vp, HV_REGISTER_CR4) & CR4_OSXSAVE) == 0) {
		VP_INJECT_UD(vp);
		return;
	}
	if (!allowed || (uint32_t)vp->regs.gpr[GPR_RCX] != 0 ||
	    !fpu_xcr0_valid(value)) {
		VP_INJECT_GP(vp);
		return;
	}
	vp->xcr0 = value;
	xsetbv(value);
	vp_skip(vp, 3);
}

/* It is about to end the handler of an NMI or of what needs no EOI. */
void
exit_iret(struct vp *vp)
{
	vp->nmi_masked = false;
	vp->attention = true;
}

void
exit_io(struct vp *vp, const struct io_exit *io)
{
	vp->exits[VP_EXIT_IO]++;
	intercept_io(vp, io);
}

/* The parent reached for something that is not in its map yet, or never. */
static void
exit_root_memory(struct vp *vp, gpa_t addr)
{
	enum hv_status st;

	st = gpamap_identity_fault(&vp->part->map, addr.v >> PAGE_SHIFT);
	if (st == HV_SUCCESS)
		return;
	hv_printf("parent: VP %u touched %#lx at RIP %#lx: %s", vp->index,
	    addr.v, vp->regs.rip, st == HV_ACCESS_DENIED ?
	    "memory of the hypervisor" : "no memory left to map it");
	VP_INJECT_GP(vp);
}

static const uint32_t access_needs[] = {
	[HV_INTERCEPT_ACCESS_READ] = GPAMAP_READ,
	[HV_INTERCEPT_ACCESS_WRITE] = GPAMAP_WRITE,
	[HV_INTERCEPT_ACCESS_EXECUTE] = GPAMAP_EXECUTE,
};

void
exit_memory(struct vp *vp, gpa_t addr, enum hv_intercept_access access)
{
	struct gpamap_entry entry;

	vp->exits[VP_EXIT_MEMORY]++;
	if (vp->part->is_root) {
		exit_root_memory(vp, addr);
		return;
	}
	if (apic_page_access(vp, addr))
		return;
	entry = gpamap_query(&vp->part->map, addr.v >> PAGE_SHIFT);
	/* It was there after all: another processor was at the table. */
	if (entry.state == GPAMAP_MAPPED &&
	    (entry.perms & access_needs[access]) != 0)
		return;
	if (entry.state == GPAMAP_UNMAPPED &&
	    access == HV_INTERCEPT_ACCESS_WRITE && port_doorbell(vp, addr))
		return;
	intercept_memory(vp, addr, entry.state != GPAMAP_UNMAPPED, access);
}

/* The parent has the machine's registers, whoever ran on the processor. */
static void
exit_machine_check(struct vp *vp)
{
	struct vp *root = lp_self()->root_vp;

	vp_inject_exception(root, VECTOR_MC, false, 0);
	/* It runs next. */
	vp_request(root, VP_REQ_STOP);
	vp->attention = true;
}

void
exit_exception(struct vp *vp, uint8_t vector, uint32_t error)
{
	bool has_error = (VECTORS_WITH_ERROR >> vector & 1) != 0;

	vp->exits[VP_EXIT_EXCEPTION]++;
	if (vector == VECTOR_MC) {
		exit_machine_check(vp);
		return;
	}
	if ((vp->part->exception_intercepts >> vector & 1) != 0) {
		intercept_exception(vp, vector, has_error, error,
		    vendor_register(vp, HV_REGISTER_CR2));
		return;
	}
	vp_inject_exception(vp, vector, has_error, error);
}

void
exit_unrecoverable(struct vp *vp, const char *why)
{
	if (vp->part->is_root) {
		hv_printf("parent: VP %u stopped at RIP %#lx: %s; resetting "
		    "the machine", vp->index, vp->regs.rip, why);
		machine_reset();
	}
	hv_printf("partition %lu: VP %u stopped at RIP %#lx: %s",
	    vp->part->id, vp->index, vp->regs.rip, why);
	vp->activity = VP_SHUTDOWN;
	intercept_unrecoverable(vp);
}

void
exit_event_interrupted(struct vp *vp, uint8_t type, uint8_t vector,
    bool has_error, uint32_t error)
{
	switch (type) {
	case HV_INTERRUPTION_EXTERNAL:
		/* It is still requested, and will be offered again. */
		vp->attention = true;
		break;
	case HV_INTERRUPTION_NMI:
		vp->nmi_masked = false;
		vp->nmi_pending = true;
		vp->attention = true;
		break;
	case HV_INTERRUPTION_HARDWARE_EXCEPTION:
		/* INT3 and INTO execute again by themselves. */
		if (vector != VECTOR_BP && vector != VECTOR_OF)
			vp_inject_exception(vp, vector, has_error, error);
		break;
	default:
		break;
	}
}
