/* SPDX-License-Identifier: Apache-2.0 */
/* All services of one child together. */
#ifndef MULLION_INTEGRATION_SERVICES_H
#define MULLION_INTEGRATION_SERVICES_H

#include "integration/fcopy.h"
#include "integration/heartbeat.h"
#include "integration/kvp.h"
#include "integration/shutdown.h"
#include "integration/timesync.h"
#include "integration/vss.h"

enum service {
	SERVICE_HEARTBEAT,
	SERVICE_SHUTDOWN,
	SERVICE_TIMESYNC,
	SERVICE_KVP,
	SERVICE_VSS,
	SERVICE_FCOPY,
	SERVICES,
};

struct services {
	struct heartbeat heartbeat;
	struct shutdown shutdown;
	struct timesync timesync;
	struct kvp kvp;
	struct vss vss;
	struct fcopy fcopy;
};

/* @clock and @context are for time sync, which keeps them. */
void services_init(struct services *s, const struct timesync_clock *clock,
    void *context);

struct ic *services_ic(struct services *s, enum service which);

/* "heartbeat" for SERVICE_HEARTBEAT and so on. */
const char *service_name(enum service which);

void services_tick(struct services *s, uint64_t now);
uint64_t services_deadline(struct services *s);

#endif
