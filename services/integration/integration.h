/* SPDX-License-Identifier: Apache-2.0 */
/* The process: services, their channels, and the control socket. */
#ifndef MULLION_INTEGRATION_INTEGRATION_H
#define MULLION_INTEGRATION_INTEGRATION_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "control/control.h"
#include "integration/desk.h"
#include "integration/line.h"
#include "integration/services.h"

#define INTEGRATION_SOCKET "integration.sock"

/* As often as time sync has use for it. */
#define INTEGRATION_CLOCK_PERIOD (TIMESYNC_PERIOD / 2)

struct integration {
	sd_event *event;
	sd_event_source *timer;
	struct provider *provider;
	struct service_control *control;
	struct services services;
	struct lines lines;
	struct desk desk;

	/* The services' time stands still while the guest does. */
	bool paused;
	uint64_t paused_at;
	uint64_t stood_still; /* for how long, of all times */

	struct timesync_reading reading;
	uint64_t reading_due;
	bool step_due; /* when the next reading is there */
};

/*
 * Connect to the worker whose sockets are in @run_dir, listen there, give up
 * all rights, and offer the services. What was opened is kept when this fails,
 * for integration_end().
 */
int integration_begin(struct integration *g, sd_event *event,
    const char *run_dir, struct err *e);
void integration_end(struct integration *g);

#endif
