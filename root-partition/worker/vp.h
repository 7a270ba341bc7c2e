/* SPDX-License-Identifier: Apache-2.0 */
/* A processor's thread, and what it does when the child needs something. */
#ifndef MULLION_WORKER_VP_H
#define MULLION_WORKER_VP_H

#include <signal.h>

#include <tlfs/intercept_message.h>

#include "worker/machine.h"

/* Makes a thread leave the child; its handler does nothing. */
#define VP_KICK_SIGNAL SIGUSR1

/* Install the handler of VP_KICK_SIGNAL. */
void vp_setup_signal(void);

/* The thread: @arg is a struct vp. */
void *vp_main(void *arg);

/*
 * Answer vp->message, so that the child can go on. Whatever it is that cannot
 * be answered ends the child.
 */
void vp_answer(struct vp *vp);

/* Its parts that are about VMBus; the machine must have one. */
int vp_answer_hypercall(struct vp *vp,
    const struct hv_hypercall_intercept_message *m, struct err *e);
void vp_answer_deliverable(struct vp *vp,
    const struct hv_sint_deliverable_message *m);

#endif
