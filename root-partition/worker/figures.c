/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting figures: our own counters and those of the hypervisor. */
#include "worker/figures.h"

#include <string.h>
#include <time.h>

#include "manager/clock.h"
#include "worker/counters.h"
#include "worker/vmbus_host.h"

static const char *const own_names[VP_EXIT_KINDS] = {
	[VP_EXIT_IO] = "io-port",
	[VP_EXIT_MEMORY] = "device-memory",
	[VP_EXIT_SIGNAL] = "signal",
	[VP_EXIT_OTHER] = "other-message",
};

/* The thread runs the child, and is charged for it, in the kernel. */
static uint64_t
thread_time(pthread_t thread)
{
	struct timespec t;
	clockid_t clock;

	if (pthread_getcpuclockid(thread, &clock) != 0 ||
	    clock_gettime(clock, &t) < 0)
		return 0;
	return timespec_ns(&t);
}

static void
vp_collect(struct machine *m, unsigned index, char text[COUNTERS_TEXT_MAX],
    struct vp_stats *out)
{
	struct vp *vp = &m->vp[index];

	memset(out, 0, sizeof(*out));
	out->index = index;
	out->run_time_ns = thread_time(vp->thread);
	for (unsigned i = 0; i < VP_EXIT_KINDS; i++) {
		struct exit_stats *x = &out->exits[out->exit_kinds++];

		strcpy(x->name, own_names[i]);
		x->count = atomic_load_explicit(&vp->exits[i],
		    memory_order_relaxed);
	}
	figures_add_vp_text(text,
	    counters_read(m->partition.vp_counters_fd[index], text), out);
}

void
figures_collect(struct machine *m, struct partition_stats *out)
{
	static char text[COUNTERS_TEXT_MAX];

	memset(out, 0, sizeof(*out));
	vmbus_host_memory(m->vmbus, out);
	figures_add_partition_text(text,
	    counters_read(m->partition.counters_fd, text), out);
	for (unsigned i = 0; i < m->cpus; i++)
		vp_collect(m, i, text, &out->vp[out->vps++]);
}
