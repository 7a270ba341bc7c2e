/* SPDX-License-Identifier: Apache-2.0 */
/* What happens between the guest, the clock and the clients. */
#include "integration/integration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "integration/source.h"
#include "manager/cleanup.h"
#include "manager/clock.h"
#include "process/process.h"

#define TIMER_ACCURACY (IC_SECOND / 20)
#define NS_PER_TICK 100
/* From 1601 to 1970. */
#define TICKS_TO_1970 UINT64_C(116444736000000000)

static uint64_t
real_now(const struct integration *g)
{
	uint64_t usec = 0;

	sd_event_now(g->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static uint64_t
guest_now(void *ctx)
{
	const struct integration *g = ctx;

	return (g->paused ? g->paused_at : real_now(g)) - g->stood_still;
}

/* Until the worker has told both clocks, there is the parent's own. */
static void
reading_take(void *ctx, struct timesync_reading *out)
{
	const struct integration *g = ctx;

	*out = g->reading;
	if (out->has_reference)
		return;
	out->host = clock_ns(CLOCK_REALTIME) / NS_PER_TICK + TICKS_TO_1970;
}

static const struct timesync_clock clock_ops = { reading_take };

static void
reply(struct integration *g, unsigned client, size_t len)
{
	if (len > 0)
		service_control_reply(g->control, client, g->desk.reply, len);
}

/* Ask for the clocks in time, and sleep until something is due. */
static void
timer_set(struct integration *g)
{
	uint64_t next = services_deadline(&g->services);
	uint64_t now = guest_now(g);

	if (now >= g->reading_due) {
		provider_ask_time(g->provider);
		g->reading_due = now + INTEGRATION_CLOCK_PERIOD;
	}
	if (g->reading_due < next)
		next = g->reading_due;
	sd_event_source_set_time(g->timer, next + g->stood_still);
	sd_event_source_set_enabled(g->timer,
	    g->paused ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Something happened: whoever waited for it is to know. */
static void
changed(void *ctx)
{
	struct integration *g = ctx;

	desk_feed(&g->desk, guest_now(g));
	for (unsigned i = 0; i < DESK_CLIENTS; i++)
		reply(g, i, desk_outcome(&g->desk, i));
	lines_flush(&g->lines);
	timer_set(g);
}

static const struct lines_ops line_ops = { guest_now, changed };

static int
time_passes(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct integration *g = ctx;

	(void)source;
	(void)usec;
	if (!g->paused)
		services_tick(&g->services, guest_now(g));
	changed(g);
	return 0;
}

static void
client_asks(void *ctx, unsigned client, struct service_request *asked)
{
	struct integration *g = ctx;
	struct request r;
	struct err e;

	if (request_parse(asked->packet, asked->len, &r, &e) < 0) {
		reply(g, client, desk_refuse(&g->desk, &e));
		return;
	}
	reply(g, client, desk_ask(&g->desk, client, &r,
	    take_fd(&asked->fds[0]), guest_now(g)));
	changed(g);
}

static void
client_leaves(void *ctx, unsigned client)
{
	struct integration *g = ctx;

	desk_forget(&g->desk, client, guest_now(g));
	lines_flush(&g->lines);
	timer_set(g);
}

static const struct service_control_ops control_ops = {
	client_asks, client_leaves,
};

static void
worker_lost(void *ctx, const struct err *why)
{
	const struct integration *g = ctx;

	process_lost(g->event, why);
}

static void
guest_paused(struct integration *g)
{
	if (g->paused)
		return;
	g->paused_at = real_now(g);
	g->paused = true;
	timer_set(g);
}

/* Its clock is set once we know what it should show. */
static void
guest_resumed(struct integration *g)
{
	if (!g->paused)
		return;
	g->stood_still += real_now(g) - g->paused_at;
	g->paused = false;
	g->step_due = true;
	g->reading_due = 0;
	changed(g);
}

static void
worker_tells(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	struct integration *g = ctx;
	struct err e;

	(void)value;
	switch (kind) {
	case PROVIDER_PAUSED:
		guest_paused(g);
		break;
	case PROVIDER_RESUMED:
		guest_resumed(g);
		break;
	case PROVIDER_CONTACT:
		if (lines_offer(&g->lines, &e) < 0)
			fprintf(stderr, "%s\n", e.text);
		break;
	case PROVIDER_UNLOAD:
	case PROVIDER_LEAVING:
		break;
	}
}

static void
worker_tells_time(void *ctx, uint64_t reference, uint64_t realtime)
{
	struct integration *g = ctx;

	g->reading = (struct timesync_reading){
		.host = realtime / NS_PER_TICK + TICKS_TO_1970,
		.reference = reference,
		.has_reference = true,
	};
	timesync_use_reference(&g->services.timesync, true);
	if (g->step_due)
		timesync_step(&g->services.timesync, guest_now(g));
	g->step_due = false;
	changed(g);
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.event = worker_tells,
	.time = worker_tells_time,
};

static int
rights_give_up(struct integration *g, struct err *e)
{
	int calls[16] = { SYS_pread64, SYS_fstat, SYS_newfstatat };
	size_t count = 3;

	for (size_t i = 0; i < service_control_call_count; i++)
		calls[count++] = service_control_calls[i];
	return provider_sandbox(g->provider, calls, count, e);
}

int
integration_begin(struct integration *g, sd_event *event, const char *run_dir,
    struct err *e)
{
	int r;

	memset(g, 0, sizeof(*g));
	g->event = event;
	services_init(&g->services, &clock_ops, g);
	desk_init(&g->desk, &g->services, &source_files);
	r = sd_event_add_time(event, &g->timer, CLOCK_MONOTONIC, 0,
	    TIMER_ACCURACY, time_passes, g);
	if (r < 0)
		return err_set(e, -r, "timer: %s", strerror(-r));
	g->provider = provider_connect(event, run_dir, PROVIDER_INTEGRATION,
	    &worker_ops, g, e);
	if (g->provider == NULL)
		return -1;
	lines_init(&g->lines, g->provider, &g->services, &line_ops, g);
	g->control = service_control_open(event, run_dir, INTEGRATION_SOCKET,
	    &control_ops, g, e);
	if (g->control == NULL || rights_give_up(g, e) < 0)
		return -1;
	return lines_offer(&g->lines, e);
}

void
integration_end(struct integration *g)
{
	service_control_close(g->control);
	if (g->provider != NULL)
		provider_destroy(g->provider);
	sd_event_source_disable_unref(g->timer);
}
