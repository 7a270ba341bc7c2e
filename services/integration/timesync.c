/* SPDX-License-Identifier: Apache-2.0 */
/* One packet that sets the clock, then a sample every few seconds. */
#include "integration/timesync.h"

#include <string.h>

#include "integration/container.h"

/* A guest that does not care answers all the same. */
#define ANSWER_LIMIT TIMESYNC_PERIOD

static const struct ic_version versions[] = { { 1, 0 }, { 3, 0 }, { 4, 0 } };

static struct timesync *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct timesync, ic);
}

static void
drift_note(struct timesync *t, const struct timesync_reading *r)
{
	t->has_drift = r->has_reference && t->set_at.has_reference;
	if (!t->has_drift)
		return;
	/* Modulo 2^64 in between: only the difference has to be small. */
	t->drift = (int64_t)((r->reference - t->set_at.reference) -
	    (r->host - t->set_at.host));
	if (t->drift > TIMESYNC_STEP || t->drift < -TIMESYNC_STEP)
		t->step_due = true;
}

/* Returns the size of the body. */
static size_t
body_make(const struct timesync *t, const struct timesync_reading *r,
    uint8_t out[sizeof(struct wire_time_old)])
{
	uint8_t flags = t->step_due ? WIRE_TIME_SYNC : WIRE_TIME_SAMPLE;
	struct wire_time body = {
		.host = r->host, .reference = r->reference, .flags = flags,
	};
	struct wire_time_old old = { .host = r->host, .flags = flags };

	if (ic_has_version(&t->ic, 4, 0)) {
		memcpy(out, &body, sizeof(body));
		return sizeof(body);
	}
	memcpy(out, &old, sizeof(old));
	return sizeof(old);
}

static void
tell(struct ic *ic, uint64_t now)
{
	struct timesync *t = of(ic);
	uint8_t body[sizeof(struct wire_time_old)];
	struct timesync_reading r;
	size_t size;

	ic_wake(ic, now + TIMESYNC_PERIOD);
	t->clock->read(t->context, &r);
	/* The newest version makes no sense without it; it may come back. */
	if (!ic_idle(ic) || (ic_has_version(ic, 4, 0) && !r.has_reference))
		return;
	drift_note(t, &r);
	size = body_make(t, &r, body);
	if (t->step_due) {
		t->set_at = r;
		t->drift = 0;
		t->steps++;
	}
	t->step_due = false;
	t->sent_at = now;
	ic_request(ic, body, size, now, ANSWER_LIMIT);
}

static void
timesync_ready(struct ic *ic, uint64_t now)
{
	of(ic)->step_due = true;
	tell(ic, now);
}

static void
timesync_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct timesync *t = of(ic);

	(void)a;
	t->round_trip = now - t->sent_at;
	/* It stood still, and its clock with it; or it set an old time. */
	if (t->round_trip > TIMESYNC_STALL)
		t->step_due = true;
	if (t->step_due)
		tell(ic, now);
}

static void
timesync_closed(struct ic *ic, uint64_t now)
{
	struct timesync *t = of(ic);

	(void)now;
	t->step_due = false;
	t->has_drift = false;
	t->round_trip = 0;
	memset(&t->set_at, 0, sizeof(t->set_at));
}

void
timesync_step(struct timesync *t, uint64_t now)
{
	if (t->ic.state != IC_READY)
		return;
	t->step_due = true;
	if (ic_idle(&t->ic))
		tell(&t->ic, now);
}

#define TIMESYNC_OPS { \
	.ready = timesync_ready, \
	.answered = timesync_answered, \
	.woken = tell, \
	.closed = timesync_closed, \
}

static const struct ic_protocol newest = {
	.type = IC_TIMESYNC,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = 3,
	.ops = TIMESYNC_OPS,
};

static const struct ic_protocol without_reference = {
	.type = IC_TIMESYNC,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = 2,
	.ops = TIMESYNC_OPS,
};

void
timesync_init(struct timesync *t, const struct timesync_clock *clock,
    void *context)
{
	memset(t, 0, sizeof(*t));
	t->clock = clock;
	t->context = context;
	ic_init(&t->ic, &without_reference);
}

void
timesync_use_reference(struct timesync *t, bool known)
{
	if (t->ic.state == IC_CLOSED)
		t->ic.protocol = known ? &newest : &without_reference;
}
