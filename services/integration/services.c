/* SPDX-License-Identifier: Apache-2.0 */
/* Doing something with each of the services. */
#include "integration/services.h"

#include <assert.h>

void
services_init(struct services *s, const struct timesync_clock *clock,
    void *context)
{
	heartbeat_init(&s->heartbeat);
	shutdown_init(&s->shutdown);
	timesync_init(&s->timesync, clock, context);
	kvp_init(&s->kvp);
	vss_init(&s->vss);
	fcopy_init(&s->fcopy);
}

struct ic *
services_ic(struct services *s, enum service which)
{
	switch (which) {
	case SERVICE_HEARTBEAT:
		return &s->heartbeat.ic;
	case SERVICE_SHUTDOWN:
		return &s->shutdown.ic;
	case SERVICE_TIMESYNC:
		return &s->timesync.ic;
	case SERVICE_KVP:
		return &s->kvp.ic;
	case SERVICE_VSS:
		return &s->vss.ic;
	case SERVICE_FCOPY:
		return &s->fcopy.ic;
	case SERVICES:
		break;
	}
	assert(0);
	return NULL;
}

const char *
service_name(enum service which)
{
	static const char *const names[SERVICES] = {
		[SERVICE_HEARTBEAT] = "heartbeat",
		[SERVICE_SHUTDOWN] = "shutdown",
		[SERVICE_TIMESYNC] = "time",
		[SERVICE_KVP] = "pairs",
		[SERVICE_VSS] = "freeze",
		[SERVICE_FCOPY] = "copy",
	};

	return names[which];
}

void
services_tick(struct services *s, uint64_t now)
{
	for (unsigned i = 0; i < SERVICES; i++)
		ic_tick(services_ic(s, (enum service)i), now);
}

uint64_t
services_deadline(struct services *s)
{
	uint64_t first = IC_NEVER;

	for (unsigned i = 0; i < SERVICES; i++) {
		uint64_t at = ic_deadline(services_ic(s, (enum service)i));

		if (at < first)
			first = at;
	}
	return first;
}
