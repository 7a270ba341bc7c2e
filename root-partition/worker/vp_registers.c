/* SPDX-License-Identifier: Apache-2.0 */
/* Registers, through the page shared with the hypervisor where there is one. */
#include "worker/vp_registers.h"

#include <string.h>

#include <tlfs/registers.h>

#define PAGE_FAULT 14

static bool
page_usable(const struct vp *vp)
{
	return vp->link.page != NULL && vp->link.page->isvalid != 0;
}

int
vp_step(struct vp *vp, uint64_t rip, const uint64_t *rax, struct err *e)
{
	struct hv_vp_register_page *page = vp->link.page;
	struct hv_register_assoc list[2];

	if (page_usable(vp)) {
		page->rip = rip;
		page->dirty |= HV_REGISTER_PAGE_DIRTY_IP;
		if (rax != NULL) {
			page->gp_registers[VP_RAX] = *rax;
			page->dirty |= HV_REGISTER_PAGE_DIRTY_GENERAL;
		}
		return 0;
	}
	list[0] = (struct hv_register_assoc){ .name = HV_REGISTER_RIP,
		.value.reg64 = rip };
	list[1] = (struct hv_register_assoc){ .name = HV_REGISTER_RAX,
		.value.reg64 = rax != NULL ? *rax : 0 };
	return vp->machine->backend->set_registers(&vp->link, list,
	    rax != NULL ? 2 : 1, e);
}

int
vp_registers_read(struct vp *vp, uint64_t out[VP_REGISTERS], struct err *e)
{
	struct hv_register_assoc list[VP_REGISTERS];

	if (page_usable(vp)) {
		memcpy(out, vp->link.page->gp_registers,
		    VP_REGISTERS * sizeof(out[0]));
		return 0;
	}
	memset(list, 0, sizeof(list));
	for (unsigned i = 0; i < VP_REGISTERS; i++)
		list[i].name = HV_REGISTER_RAX + i;
	if (vp->machine->backend->get_registers(&vp->link, list,
	    VP_REGISTERS, e) < 0)
		return -1;
	for (unsigned i = 0; i < VP_REGISTERS; i++)
		out[i] = list[i].value.reg64;
	return 0;
}

int
vp_registers_write(struct vp *vp, uint64_t rip,
    const uint64_t in[VP_REGISTERS], struct err *e)
{
	struct hv_register_assoc list[VP_REGISTERS + 1];
	struct hv_vp_register_page *page = vp->link.page;

	if (page_usable(vp)) {
		memcpy(page->gp_registers, in, VP_REGISTERS * sizeof(in[0]));
		page->rip = rip;
		page->dirty |= HV_REGISTER_PAGE_DIRTY_GENERAL |
		    HV_REGISTER_PAGE_DIRTY_IP;
		return 0;
	}
	memset(list, 0, sizeof(list));
	for (unsigned i = 0; i < VP_REGISTERS; i++) {
		list[i].name = HV_REGISTER_RAX + i;
		list[i].value.reg64 = in[i];
	}
	list[VP_REGISTERS].name = HV_REGISTER_RIP;
	list[VP_REGISTERS].value.reg64 = rip;
	return vp->machine->backend->set_registers(&vp->link, list,
	    VP_REGISTERS + 1, e);
}

int
vp_page_fault(struct vp *vp, uint64_t address, uint32_t error_code,
    struct err *e)
{
	struct hv_register_assoc list[2] = {
		{ .name = HV_REGISTER_CR2, .value.reg64 = address },
		{ .name = HV_REGISTER_PENDING_INTERRUPTION },
	};

	list[1].value.reg64 = HV_INTERRUPTION_PENDING |
	    (uint64_t)HV_INTERRUPTION_HARDWARE_EXCEPTION <<
		HV_INTERRUPTION_TYPE_SHIFT |
	    HV_INTERRUPTION_HAS_ERROR_CODE |
	    (uint64_t)PAGE_FAULT << HV_INTERRUPTION_VECTOR_SHIFT |
	    (uint64_t)error_code << HV_INTERRUPTION_ERROR_SHIFT;
	return vp->machine->backend->set_registers(&vp->link, list, 2, e);
}
