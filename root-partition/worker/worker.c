/* SPDX-License-Identifier: Apache-2.0 */
/* Setting a worker up, and its main loop. */
#include "worker/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "manager/clock.h"
#include "worker/identity.h"
#include "worker/sandbox.h"
#include "worker/vp.h"

/*
 * A console that writes byte by byte wakes this thread once in this time: the
 * first byte is passed on at once, what follows in pieces.
 */
#define FLUSH_EVERY_NS 10000000

/* For the guest to power off after its button was pressed for SIGTERM. */
#define PATIENCE_NS UINT64_C(5000000000)

static uint8_t output[DEVICES_OUTPUT_SIZE];

static int
timer_create_fd(struct worker *w, enum loop_source source, int *fd,
    struct err *e)
{
	*fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (*fd < 0)
		return err_set(e, errno, "timerfd: %s", strerror(errno));
	return loop_add(&w->loop, *fd, source, 0, e);
}

static void
timer_arm(int fd, uint64_t ns)
{
	struct itimerspec t = { .it_value = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000) } };

	timerfd_settime(fd, 0, &t, NULL);
}

static int
events_setup(struct worker *w, struct err *e)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	vp_setup_signal();
	if (loop_create(&w->loop, e) < 0)
		return -1;
	w->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return err_set(e, errno, "signalfd: %s", strerror(errno));
	if (loop_add(&w->loop, w->signal_fd, LOOP_SIGNAL, 0, e) < 0 ||
	    timer_create_fd(w, LOOP_FLUSH_TIMER, &w->flush_timer, e) < 0)
		return -1;
	return timer_create_fd(w, LOOP_PATIENCE_TIMER, &w->patience_timer, e);
}

/* As it is under a hypervisor that does not know our properties. */
static void
forget_bells(struct partition *p)
{
	p->signal_window = 0;
	p->event_interrupts = false;
}

int
worker_setup(struct worker *w, const struct worker_options *o,
    const struct backend *backend, struct err *e)
{
	uint32_t user;

	/* Sockets and logs are for their owner and group. */
	umask(0027);
	if (status_file_open(&w->status, o->run_dir, e) < 0 ||
	    config_load(o->config, &w->config, e) < 0 ||
	    identity_claim(IDENTITY_FOLDER, &user, e) < 0 ||
	    events_setup(w, e) < 0 ||
	    machine_create(&w->machine, backend, &w->config, output, e) < 0 ||
	    loop_add(&w->loop, w->machine.event_fd, LOOP_MACHINE, 0, e) < 0 ||
	    console_open(&w->console, &w->machine, &w->loop, o->run_dir,
		o->log, e) < 0 ||
	    vmbus_host_open(&w->vmbus, &w->machine, &w->loop, o->run_dir,
		user, e) < 0 ||
	    control_open(&w->control, &w->loop, o->run_dir, e) < 0 ||
	    sandbox_drop_privileges(user, w->status.dir_fd,
		w->console.log_fd, e) < 0 ||
	    machine_start_threads(&w->machine, e) < 0)
		return -1;
	if (o->slow_signals)
		forget_bells(&w->machine.partition);
	/* The filter leaves no way to the service manager. */
	sd_notify(0, "READY=1");
	return sandbox_filter_calls(e);
}

static void
drain(int fd)
{
	uint64_t n;

	/* Non-blocking: what matters is that it does not stay readable. */
	if (read(fd, &n, sizeof(n)) < 0)
		return;
}

static void
flush(struct worker *w)
{
	w->flush_armed = false;
	w->flushed_at = clock_ns(CLOCK_MONOTONIC);
	console_flush(&w->console);
}

static void
on_machine(struct worker *w)
{
	uint64_t since;

	drain(w->machine.event_fd);
	atomic_store(&w->machine.woken, false);
	console_input_wanted(&w->console);
	if (w->flush_armed)
		return;
	since = clock_ns(CLOCK_MONOTONIC) - w->flushed_at;
	if (since >= FLUSH_EVERY_NS) {
		flush(w);
		return;
	}
	w->flush_armed = true;
	timer_arm(w->flush_timer, FLUSH_EVERY_NS - since);
}

static bool
press_power(struct worker *w)
{
	struct machine *m = &w->machine;
	struct devices_effect fx;
	bool heard;

	pthread_mutex_lock(&m->devices_lock);
	heard = devices_press_power(&m->devices, &fx);
	pthread_mutex_unlock(&m->devices_lock);
	machine_effect(m, &fx);
	return heard;
}

/* SIGTERM: the guest may end by itself, but not take all day. */
static void
on_signal(struct worker *w)
{
	struct signalfd_siginfo info;

	if (read(w->signal_fd, &info, sizeof(info)) < 0)
		return;
	if (w->asked_to_end || w->status.status.state != STATUS_RUNNING ||
	    !press_power(w)) {
		machine_end(&w->machine, MACHINE_POWERED_OFF, 0,
		    "ended on request");
		return;
	}
	w->asked_to_end = true;
	timer_arm(w->patience_timer, PATIENCE_NS);
}

static void
on_patience(struct worker *w)
{
	drain(w->patience_timer);
	machine_end(&w->machine, MACHINE_POWERED_OFF, 0,
	    "ended on request; the guest did not power off in time");
}

static void
dispatch(struct worker *w, const struct loop_event *event)
{
	struct request request;

	switch (event->source) {
	case LOOP_MACHINE:
		on_machine(w);
		break;
	case LOOP_SIGNAL:
		on_signal(w);
		break;
	case LOOP_FLUSH_TIMER:
		drain(w->flush_timer);
		flush(w);
		break;
	case LOOP_PATIENCE_TIMER:
		on_patience(w);
		break;
	case LOOP_CONSOLE_LISTEN:
		console_accept(&w->console);
		break;
	case LOOP_CONSOLE_CLIENT:
		console_client_event(&w->console, event);
		break;
	case LOOP_CONTROL_LISTEN:
		control_accept(&w->control);
		break;
	case LOOP_CONTROL_CLIENT:
		if (control_receive(&w->control, event->index, &request))
			worker_request(w, event->index, &request);
		break;
	case LOOP_VMBUS_LISTEN:
	case LOOP_VMBUS_CLIENT:
	case LOOP_VMBUS_BELL:
	case LOOP_VMBUS_TIMER:
	case LOOP_VMBUS_KEPT_TIMER:
		vmbus_host_event(&w->vmbus, event);
		break;
	}
}

static int
finish(struct worker *w, enum machine_ending ending, uint8_t code,
    const char *reason)
{
	char line[MACHINE_REASON_MAX + 32];

	if (ending == MACHINE_FAILED) {
		snprintf(line, sizeof(line), "\r\n[mullion: failed: %s]\r\n",
		    reason);
		console_say(&w->console, line);
		fprintf(stderr, "mullion-worker: %s\n", reason);
	}
	console_flush(&w->console);
	status_file_set(&w->status, ending == MACHINE_FAILED ?
	    STATUS_FAILED : STATUS_STOPPED, reason);
	switch (ending) {
	case MACHINE_FAILED:
		return WORKER_EXIT_FAILED;
	case MACHINE_RESET:
		return WORKER_EXIT_RESET;
	case MACHINE_PAYLOAD_EXIT:
		return (uint8_t)(code << 1) | 1;
	default:
		return WORKER_EXIT_DONE;
	}
}

int
worker_run(struct worker *w)
{
	char reason[MACHINE_REASON_MAX];
	enum machine_ending ending;
	struct err e;
	uint8_t code;

	if (machine_resume(&w->machine, &e) < 0)
		machine_end(&w->machine, MACHINE_FAILED, 0, "%s", e.text);
	else
		status_file_set(&w->status, STATUS_RUNNING, "");
	while ((ending = machine_ending(&w->machine, &code, reason)) ==
	    MACHINE_ALIVE) {
		struct loop_event event;

		loop_next(&w->loop, &event);
		dispatch(w, &event);
	}
	machine_stop_threads(&w->machine);
	return finish(w, ending, code, reason);
}
