/* SPDX-License-Identifier: Apache-2.0 */
/* Exits, once the vendor has told what they are. */
#ifndef HV_X86_EXITS_H
#define HV_X86_EXITS_H

#include "core/types.h"
#include <tlfs/intercept_message.h>

struct vp;

/*
 * Each handles one exit of @vp whole: afterwards the VP may be entered again,
 * unless an intercept for its parent was latched or it stopped.  Those named
 * after an instruction advance RIP when it took effect.
 */
void exit_cpuid(struct vp *vp);
void exit_rdmsr(struct vp *vp);
void exit_wrmsr(struct vp *vp);
void exit_hlt(struct vp *vp);
void exit_hypercall(struct vp *vp, bool allowed);
void exit_xsetbv(struct vp *vp, bool allowed);
void exit_iret(struct vp *vp);

/* An access of @size bytes to @port; @string and @rep for INS and OUTS. */
struct io_exit {
	uint16_t port;
	uint8_t size;
	uint8_t length;		/* of the instruction */
	bool in;
	bool string;
	bool rep;
};
void exit_io(struct vp *vp, const struct io_exit *io);

/* The nested map does not allow @access to @addr. */
void exit_memory(struct vp *vp, gpa_t addr, enum hv_intercept_access access);

/* Exception @vector, which this VP's exits were set up for. */
void exit_exception(struct vp *vp, uint8_t vector, uint32_t error);

/* Shutdown, or a state the processor refuses to run: why, for a person. */
void exit_unrecoverable(struct vp *vp, const char *why);

/*
 * The exit came while @event was being delivered.  Delivered again, or for an
 * interrupt not taken out of the APIC yet.
 */
void exit_event_interrupted(struct vp *vp, uint8_t type, uint8_t vector,
    bool has_error, uint32_t error);

#endif
