/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a processor's thread. */
#include "worker/vp.h"

#include <errno.h>
#include <string.h>

static void
on_kick(int signal)
{
	(void)signal;
}

void
vp_setup_signal(void)
{
	/* Without SA_RESTART: the call that runs the child is to return. */
	struct sigaction action = { .sa_handler = on_kick };

	sigemptyset(&action.sa_mask);
	sigaction(VP_KICK_SIGNAL, &action, NULL);
}

/* Wait until the gate is open. False when it is time to go. */
static bool
wait_at_gate(struct vp *vp)
{
	struct machine *m = vp->machine;
	int gate;

	pthread_mutex_lock(&m->lock);
	atomic_store(&vp->parked, true);
	m->parked++;
	pthread_cond_broadcast(&m->changed);
	while ((gate = atomic_load(&m->gate)) == MACHINE_HOLD)
		pthread_cond_wait(&m->changed, &m->lock);
	if (gate == MACHINE_RUN) {
		m->parked--;
		atomic_store(&vp->parked, false);
	}
	pthread_mutex_unlock(&m->lock);
	return gate == MACHINE_RUN;
}

static void
count(struct vp *vp, enum vp_exit_kind kind)
{
	/* Only this thread writes: no locked instruction is needed. */
	uint_fast64_t n = atomic_load_explicit(&vp->exits[kind],
	    memory_order_relaxed);

	atomic_store_explicit(&vp->exits[kind], n + 1, memory_order_relaxed);
}

static enum vp_exit_kind
kind_of(uint32_t message_type)
{
	switch (message_type) {
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return VP_EXIT_IO;
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return VP_EXIT_MEMORY;
	default:
		return VP_EXIT_OTHER;
	}
}

void *
vp_main(void *arg)
{
	struct vp *vp = arg;
	struct machine *m = vp->machine;
	const struct backend *b = m->backend;

	for (;;) {
		int status;

		if (atomic_load_explicit(&m->gate, memory_order_acquire) !=
		    MACHINE_RUN && !wait_at_gate(vp))
			return NULL;
		status = b->run(&vp->link, &vp->message);
		if (status == 0) {
			count(vp, kind_of(vp->message.header.message_type));
			vp_answer(vp);
		} else if (status == EINTR) {
			count(vp, VP_EXIT_SIGNAL);
		} else {
			machine_end(m, MACHINE_FAILED, 0,
			    "processor %u cannot run: %s", vp->link.index,
			    strerror(status));
		}
	}
}
