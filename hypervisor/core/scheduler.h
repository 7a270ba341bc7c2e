/* SPDX-License-Identifier: Apache-2.0 */
/* Which VP a processor runs next: all policy is in scheduler.c. */
#ifndef HV_CORE_SCHEDULER_H
#define HV_CORE_SCHEDULER_H

#include "core/types.h"

struct lp;
struct vp;

/*
 * The VP to enter on @lp, or NULL when there is nothing to run before an
 * interrupt.  Ends a DISPATCH_VP whose child may not go on.
 */
struct vp *scheduler_next(struct lp *lp);

/*
 * Tell the parent that @vp, which it saw BLOCKED, may run again.  Any
 * processor; coalesces with a signal that it has not taken yet.
 */
void scheduler_signal(struct vp *vp);

/* Post what waits for the root VP of @lp, now that a slot may be free. */
void scheduler_signals_flush(struct lp *lp);

/* Forget signals of @vp: it is about to be destroyed. */
void scheduler_forget(struct vp *vp);

#endif
