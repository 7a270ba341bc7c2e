/* SPDX-License-Identifier: Apache-2.0 */
/* Building a child, and starting, stopping and ending its processors. */
#include "worker/machine.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "disk-loader/failure.h"
#include "worker/loader.h"
#include "worker/start_state.h"
#include "worker/vp.h"

#define THREAD_STACK (64U << 10)
#define KICK_EVERY_NS 10000000
#define PAUSE_TRIES 300

static int
processors_create(struct machine *m, const struct start *start,
    struct err *e)
{
	struct hv_register_assoc list[START_STATE_MAX];
	size_t n = start_state(start, list);

	for (unsigned i = 0; i < m->cpus; i++) {
		struct vp *vp = &m->vp[i];

		vp->machine = m;
		if (m->backend->vp_create(&m->partition, i, &vp->link,
		    e) < 0)
			return -1;
	}
	/* The others wait for the first to start them. */
	if (m->backend->set_registers(&m->vp[0].link, list, (unsigned)n,
	    e) < 0)
		return err_prefix(e, "state of the first processor");
	return 0;
}

static int
memory_map(struct machine *m, struct err *e)
{
	struct guest_memory *g = &m->memory;
	const struct backend *b = m->backend;

	if (b->map(&m->partition, 0, g->base, g->map.low, e) < 0)
		return -1;
	if (g->map.high == 0)
		return 0;
	return b->map(&m->partition, MEMMAP_HOLE_END, g->base + g->map.low,
	    g->map.high, e);
}

int
machine_create(struct machine *m, const struct backend *backend,
    const struct config *c, uint8_t *output, struct err *e)
{
	struct start start;

	m->backend = backend;
	m->cpus = c->cpus;
	m->from_disk = c->from_disk;
	pthread_mutex_init(&m->devices_lock, NULL);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	atomic_init(&m->gate, MACHINE_HOLD);
	devices_init(&m->devices, c->console == CONFIG_CONSOLE_SERIAL,
	    output);
	m->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->event_fd < 0)
		return err_set(e, errno, "eventfd: %s", strerror(errno));
	if (guest_memory_create(&m->memory, c->memory, c->memory_max,
		e) < 0 ||
	    loader_load(c, &m->memory, &start, e) < 0 ||
	    backend->create(&m->partition, e) < 0 ||
	    memory_map(m, e) < 0)
		return -1;
	return processors_create(m, &start, e);
}

int
machine_start_threads(struct machine *m, struct err *e)
{
	pthread_attr_t attr;
	sigset_t mask, old;
	int failed = 0;

	/* Signals are the main thread's, but for the one that kicks. */
	sigfillset(&mask);
	sigdelset(&mask, VP_KICK_SIGNAL);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (unsigned i = 0; i < m->cpus && failed == 0; i++)
		failed = pthread_create(&m->vp[i].thread, &attr, vp_main,
		    &m->vp[i]);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed != 0)
		return err_set(e, failed, "threads of the processors: %s",
		    strerror(failed));
	pthread_mutex_lock(&m->lock);
	while (m->parked < m->cpus)
		pthread_cond_wait(&m->changed, &m->lock);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static void
gate_set(struct machine *m, enum machine_gate gate)
{
	pthread_mutex_lock(&m->lock);
	/* What has ended does not come back. */
	if (m->ending == MACHINE_ALIVE)
		atomic_store(&m->gate, gate);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

int
machine_resume(struct machine *m, struct err *e)
{
	if (m->backend->freeze_time(&m->partition, false, e) < 0)
		return -1;
	gate_set(m, MACHINE_RUN);
	return 0;
}

static void
kick_all(struct machine *m)
{
	for (unsigned i = 0; i < m->cpus; i++)
		if (!atomic_load(&m->vp[i].parked))
			pthread_kill(m->vp[i].thread, VP_KICK_SIGNAL);
}

static struct timespec
soon(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += KICK_EVERY_NS;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

/*
 * A signal that comes just before a processor enters the child does not keep
 * it from entering, so that those which do not answer are sent another.
 */
static bool
wait_parked(struct machine *m)
{
	bool all;

	pthread_mutex_lock(&m->lock);
	for (int i = 0; m->parked < m->cpus && i < PAUSE_TRIES; i++) {
		struct timespec until = soon();

		pthread_mutex_unlock(&m->lock);
		kick_all(m);
		pthread_mutex_lock(&m->lock);
		if (m->parked < m->cpus)
			pthread_cond_timedwait(&m->changed, &m->lock, &until);
	}
	all = m->parked == m->cpus;
	pthread_mutex_unlock(&m->lock);
	return all;
}

int
machine_pause(struct machine *m, struct err *e)
{
	gate_set(m, MACHINE_HOLD);
	if (!wait_parked(m)) {
		gate_set(m, MACHINE_RUN);
		return err_set(e, ETIME,
		    "a processor does not come out of the child");
	}
	if (m->backend->freeze_time(&m->partition, true, e) < 0) {
		gate_set(m, MACHINE_RUN);
		return -1;
	}
	return 0;
}

void
machine_wake(struct machine *m)
{
	static const uint64_t one = 1;

	/* One write is enough until the main loop has looked. */
	if (atomic_load_explicit(&m->woken, memory_order_relaxed) ||
	    atomic_exchange(&m->woken, true))
		return;
	if (write(m->event_fd, &one, sizeof(one)) < 0)
		atomic_store(&m->woken, false);
}

void
machine_end(struct machine *m, enum machine_ending ending, uint8_t code,
    const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&m->lock);
	if (m->ending == MACHINE_ALIVE) {
		m->ending = ending;
		m->code = code;
		va_start(args, fmt);
		vsnprintf(m->reason, sizeof(m->reason), fmt, args);
		va_end(args);
	}
	atomic_store(&m->gate, MACHINE_QUIT);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	machine_wake(m);
}

/*
 * One that is killed while the parent's kernel fetches memory for the child
 * would have that kernel warn of memory it could not get.
 */
void
machine_stop_threads(struct machine *m)
{
	(void)wait_parked(m);
}

enum machine_ending
machine_ending(struct machine *m, uint8_t *code,
    char reason[MACHINE_REASON_MAX])
{
	enum machine_ending ending;

	pthread_mutex_lock(&m->lock);
	ending = m->ending;
	*code = m->code;
	memcpy(reason, m->reason, MACHINE_REASON_MAX);
	pthread_mutex_unlock(&m->lock);
	return ending;
}

/* Why the disk loader gave up, from the byte that it left; else NULL. */
static const char *
loader_failure(uint8_t code)
{
	switch (code) {
	case DISK_LOADER_NO_DISK:
		return "the disk loader found no disk";
	case DISK_LOADER_NO_SYSTEM:
		return "the disk loader found no system on the disks";
	case DISK_LOADER_NO_KERNEL:
		return "the disk loader found a system without a kernel";
	case DISK_LOADER_NO_START:
		return "the disk loader cannot start the kernel that it found";
	default:
		return NULL;
	}
}

/* A byte at the port where payloads and the disk loader end. */
static void
end_by_code(struct machine *m, uint8_t code)
{
	const char *failure = m->from_disk ? loader_failure(code) : NULL;

	if (failure != NULL)
		machine_end(m, MACHINE_FAILED, 0,
		    "%s; its console tells more: mullion log", failure);
	else
		machine_end(m, MACHINE_PAYLOAD_EXIT, code,
		    "the payload ended with code %u", code);
}

void
machine_effect(struct machine *m, const struct devices_effect *fx)
{
	struct err e;

	/* The child chose vector and target: what is refused is its loss. */
	if (fx->raise)
		m->backend->interrupt(&m->partition, &fx->interrupt, &e);
	if (fx->output || fx->input_wanted)
		machine_wake(m);
	switch (fx->order) {
	case DEVICES_GO_ON:
		break;
	case DEVICES_POWER_OFF:
		machine_end(m, MACHINE_POWERED_OFF, 0,
		    "the guest powered off");
		break;
	case DEVICES_RESET:
		machine_end(m, MACHINE_RESET, 0, "the guest asked for a reset");
		break;
	case DEVICES_DEBUG_EXIT:
		end_by_code(m, fx->code);
		break;
	}
}
