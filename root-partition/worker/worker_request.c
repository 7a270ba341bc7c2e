/* SPDX-License-Identifier: Apache-2.0 */
/* What each request on the control socket does. */
#include "worker/figures.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>

static int
pause_child(struct worker *w, struct err *e)
{
	if (w->status.status.state == STATUS_PAUSED)
		return 0;
	if (machine_pause(&w->machine, e) < 0)
		return -1;
	vmbus_host_paused(&w->vmbus, true);
	status_file_set(&w->status, STATUS_PAUSED, "");
	return 0;
}

static int
resume_child(struct worker *w, struct err *e)
{
	if (w->status.status.state != STATUS_PAUSED)
		return 0;
	if (machine_resume(&w->machine, e) < 0)
		return -1;
	vmbus_host_paused(&w->vmbus, false);
	status_file_set(&w->status, STATUS_RUNNING, "");
	return 0;
}

static int
press_power(struct worker *w, struct err *e)
{
	struct machine *m = &w->machine;
	struct devices_effect fx;
	bool heard;

	if (w->status.status.state == STATUS_PAUSED)
		return err_set(e, EAGAIN,
		    "it is paused, and would not notice: resume it first");
	pthread_mutex_lock(&m->devices_lock);
	heard = devices_press_power(&m->devices, &fx);
	pthread_mutex_unlock(&m->devices_lock);
	if (!heard)
		return err_set(e, EAGAIN,
		    "the guest does not listen to its power button");
	machine_effect(m, &fx);
	return 0;
}

/* Requests whose answer is yes or no. */
static int
act(struct worker *w, enum request_op request, struct err *e)
{
	switch (request) {
	case REQUEST_PAUSE:
		return pause_child(w, e);
	case REQUEST_RESUME:
		return resume_child(w, e);
	case REQUEST_POWER_BUTTON:
		return press_power(w, e);
	case REQUEST_RESET:
		machine_end(&w->machine, MACHINE_RESET, 0,
		    "reset on request");
		return 0;
	case REQUEST_QUIT:
		machine_end(&w->machine, MACHINE_POWERED_OFF, 0,
		    "ended on request");
		return 0;
	default:
		return err_set(e, EPROTO, "not understood");
	}
}

static size_t
report_channels_from(struct worker *w, uint32_t from,
    char text[REPORT_SIZE_MAX])
{
	static struct channel_state channels[REPORT_CHANNELS_MAX];
	bool more;
	unsigned count = vmbus_host_channels(&w->vmbus, from, channels,
	    REPORT_CHANNELS_MAX, &more);

	return report_channels(channels, count, more, text);
}

void
worker_request(struct worker *w, unsigned index,
    const struct request *request)
{
	static char text[REPORT_SIZE_MAX];
	static struct partition_stats stats;
	struct err e;
	size_t len;

	if (request->op == REQUEST_STATUS) {
		len = report_status(&w->status.status, text);
	} else if (request->op == REQUEST_STATS) {
		figures_collect(&w->machine, &stats);
		len = report_stats(&stats, text);
	} else if (request->op == REQUEST_CHANNELS) {
		len = report_channels_from(w, request->from, text);
	} else if (act(w, request->op, &e) == 0) {
		len = report_done(text);
	} else {
		len = report_refused(e.text, text);
	}
	control_reply(&w->control, index, text, len);
}
