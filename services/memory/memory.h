/* SPDX-License-Identifier: Apache-2.0 */
/* The process: a guest's dynamic memory, its channel, the control socket. */
#ifndef MULLION_MEMORY_MEMORY_H
#define MULLION_MEMORY_MEMORY_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "control/control.h"
#include "manager/config.h"
#include "memory/dm.h"
#include "memory/report.h"
#include "vmbus/provider.h"

#define MEMORY_SOCKET "memory.sock"

struct memory_service {
	sd_event *event;
	sd_event_source *timer;
	struct provider *provider;
	struct service_control *control;
	struct offer *offer;		/* NULL: not offered */
	struct channel *channel;	/* NULL: not open */
	bool stalled;			/* packets were left in the ring */
	bool paused;
	bool waits[SERVICE_CLIENTS];	/* for the outcome of a change */
	char reply[REPORT_MAX];
	struct dm dm;
};

/*
 * Connect to the worker whose sockets are in @run_dir, listen there, give up
 * all rights, and offer the device. What was opened is kept when this fails,
 * for memory_service_end().
 */
int memory_service_begin(struct memory_service *s, sd_event *event,
    const struct config *config, const char *run_dir, struct err *e);
void memory_service_end(struct memory_service *s);

#endif
