/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of a processor that waits for its answer. */
#ifndef MULLION_WORKER_VP_REGISTERS_H
#define MULLION_WORKER_VP_REGISTERS_H

#include <stdint.h>

#include "manager/err.h"
#include "worker/machine.h"

#define VP_REGISTERS 16

enum vp_register {
	VP_RAX,
	VP_RCX,
	VP_RDX,
	VP_RBX,
	VP_RSP,
	VP_RBP,
	VP_RSI,
	VP_RDI,
};

/* The general registers, in order of their numbers. */
int vp_registers_read(struct vp *vp, uint64_t out[VP_REGISTERS],
    struct err *e);
int vp_registers_write(struct vp *vp, uint64_t rip,
    const uint64_t in[VP_REGISTERS], struct err *e);

/* Go on at @rip, and with RAX := *@rax if that is not NULL. */
int vp_step(struct vp *vp, uint64_t rip, const uint64_t *rax, struct err *e);

/* Let the guest take a page fault at @address. */
int vp_page_fault(struct vp *vp, uint64_t address, uint32_t error_code,
    struct err *e);

#endif
