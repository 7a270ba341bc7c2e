/* SPDX-License-Identifier: Apache-2.0 */
/* INS and OUTS: port accesses whose other side is memory. */
#ifndef MULLION_WORKER_STRING_IO_H
#define MULLION_WORKER_STRING_IO_H

#include <stdbool.h>
#include <stdint.h>

#include <tlfs/intercept_message.h>

#include "worker/machine.h"

/* Elements done at once; a longer REP is gone on with at its next exit. */
#define STRING_IO_BATCH 1024

/* What the instruction says. */
struct string_io {
	bool in;
	bool rep;
	bool down;		/* from high to low addresses */
	unsigned size;		/* of an element: 1, 2 or 4 */
	uint64_t mask;		/* of addresses and counts */
	uint32_t segment;	/* enum hv_register_name */
};

/* Read the instruction from its message. */
void string_io_decode(const struct hv_io_port_intercept_message *msg,
    struct string_io *out);

/* Carry it out, as far as it gets; -1 if it cannot be. */
int string_io_answer(struct vp *vp,
    const struct hv_io_port_intercept_message *msg, struct err *e);

#endif
