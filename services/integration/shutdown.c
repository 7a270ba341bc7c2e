/* SPDX-License-Identifier: Apache-2.0 */
/* Power off and restart, by the guest itself. */
#include "integration/shutdown.h"

#include <errno.h>
#include <string.h>

#include "integration/container.h"

/* Somebody meant it, for a reason of his own. */
#define REASON_PLANNED_OTHER 0x80000000U

static const struct ic_version versions[] = {
	{ 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 },
};

static struct shutdown *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct shutdown, ic);
}

int
shutdown_ask(struct shutdown *s, bool restart, bool forced, uint64_t now,
    struct err *e)
{
	struct wire_shutdown body = { .reason = REASON_PLANNED_OTHER };

	if (s->ic.state != IC_READY)
		return err_set(e, ENOTCONN,
		    "the guest has no shutdown service");
	if (!ic_idle(&s->ic))
		return err_set(e, EBUSY,
		    "the guest has not answered an earlier request");
	body.flags = (restart ? WIRE_SHUTDOWN_RESTART : WIRE_SHUTDOWN_OFF) |
	    (forced ? WIRE_SHUTDOWN_FORCED : 0);
	ic_request(&s->ic, &body, sizeof(body), now, SHUTDOWN_LIMIT);
	s->result = SHUTDOWN_ASKED;
	return 0;
}

int
shutdown_report(const struct shutdown *s, struct err *e)
{
	switch (s->result) {
	case SHUTDOWN_ACCEPTED:
		return 0;
	case SHUTDOWN_REFUSED:
		return err_set(e, EPERM, "the guest refuses, with status %#x",
		    s->status);
	case SHUTDOWN_SILENT:
		return err_set(e, ERR_TIMEOUT,
		    "the guest's shutdown service does not answer");
	case SHUTDOWN_GONE:
		return err_set(e, ENOTCONN,
		    "the guest ended its shutdown service");
	case SHUTDOWN_UNASKED:
	case SHUTDOWN_ASKED:
		break;
	}
	return err_set(e, EINPROGRESS, "the guest has not answered yet");
}

static void
shutdown_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct shutdown *s = of(ic);

	(void)now;
	/* Who asked was told that there is no answer: that stays. */
	if (a->late)
		return;
	s->status = a->status;
	s->result = a->status == IC_STATUS_OK ? SHUTDOWN_ACCEPTED
					      : SHUTDOWN_REFUSED;
}

static void
shutdown_missed(struct ic *ic, uint64_t now)
{
	(void)now;
	of(ic)->result = SHUTDOWN_SILENT;
}

static void
shutdown_closed(struct ic *ic, uint64_t now)
{
	(void)now;
	if (of(ic)->result == SHUTDOWN_ASKED)
		of(ic)->result = SHUTDOWN_GONE;
}

static const struct ic_protocol protocol = {
	.type = IC_SHUTDOWN,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = sizeof(versions) / sizeof(versions[0]),
	.ops = {
		.answered = shutdown_answered,
		.missed = shutdown_missed,
		.closed = shutdown_closed,
	},
};

void
shutdown_init(struct shutdown *s)
{
	memset(s, 0, sizeof(*s));
	ic_init(&s->ic, &protocol);
}
