/* SPDX-License-Identifier: Apache-2.0 */
/* A beat every two seconds; those that are missed are counted. */
#include "integration/heartbeat.h"

#include <string.h>

#include "integration/container.h"

static const struct ic_version versions[] = { { 1, 0 }, { 3, 0 } };

static struct heartbeat *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct heartbeat, ic);
}

static void
beat(struct ic *ic, uint64_t now)
{
	struct heartbeat *h = of(ic);
	struct wire_heartbeat body = { .sequence = ++h->sequence };

	ic_request(ic, &body, sizeof(body), now, HEARTBEAT_PERIOD);
}

static void
miss(struct heartbeat *h)
{
	h->missed_total++;
	if (h->missed < HEARTBEAT_MISSES)
		h->missed++;
	if (h->missed == HEARTBEAT_MISSES)
		h->state = HEARTBEAT_LOST;
}

/* Nothing is sent on top of what the guest has not even read. */
static void
heartbeat_missed(struct ic *ic, uint64_t now)
{
	miss(of(ic));
	ic_wake(ic, now + HEARTBEAT_PERIOD);
}

static void
heartbeat_woken(struct ic *ic, uint64_t now)
{
	if (ic_idle(ic))
		beat(ic, now);
	else
		heartbeat_missed(ic, now);
}

static void
heartbeat_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct heartbeat *h = of(ic);
	struct wire_heartbeat body;

	ic_wake(ic, now + HEARTBEAT_PERIOD);
	if (a->size < sizeof(body) || a->status != IC_STATUS_OK) {
		ic->odd++;
		return;
	}
	memcpy(&body, a->body, sizeof(body));
	if (body.sequence != h->sequence + 1) {
		ic->odd++;
		return;
	}
	h->state = HEARTBEAT_OK;
	h->missed = 0;
	h->answered_at = now;
}

static void
heartbeat_closed(struct ic *ic, uint64_t now)
{
	struct heartbeat *h = of(ic);

	(void)now;
	h->state = HEARTBEAT_NONE;
	h->missed = 0;
	h->answered_at = 0;
}

static const struct ic_protocol protocol = {
	.type = IC_HEARTBEAT,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = sizeof(versions) / sizeof(versions[0]),
	.ops = {
		.ready = beat,
		.answered = heartbeat_answered,
		.missed = heartbeat_missed,
		.woken = heartbeat_woken,
		.closed = heartbeat_closed,
	},
};

void
heartbeat_init(struct heartbeat *h)
{
	memset(h, 0, sizeof(*h));
	ic_init(&h->ic, &protocol);
}

const char *
heartbeat_state_name(enum heartbeat_state state)
{
	switch (state) {
	case HEARTBEAT_OK:
		return "ok";
	case HEARTBEAT_LOST:
		return "lost";
	case HEARTBEAT_NONE:
		break;
	}
	return "none";
}
