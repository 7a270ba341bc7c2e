/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a backup; whatever happens in between, the guest is thawed. */
#include "integration/vss.h"

#include <errno.h>
#include <string.h>

#include "integration/container.h"

static const struct ic_version frameworks[] = { { 3, 0 } };
static const struct ic_version versions[] = { { 5, 0 } };

static struct vss *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct vss, ic);
}

static void
op_send(struct vss *v, enum vss_state state, enum wire_vss_op op, uint64_t now,
    uint64_t limit)
{
	struct wire_vss body = { .op = (uint8_t)op };

	v->state = state;
	v->op = (uint8_t)op;
	ic_request(&v->ic, &body, sizeof(body), now, limit);
}

/* Only the first thing that goes wrong is told. */
static void
fail(struct vss *v, int code, const char *why)
{
	if (v->outcome != 0)
		return;
	v->outcome = code;
	err_set(&v->why, code, "%s", why);
}

/* Before the guest was told to freeze, there is nothing to thaw. */
static void
give_up(struct vss *v, uint64_t now)
{
	v->thaw_due = false;
	v->thaw_at = IC_NEVER;
	ic_wake(&v->ic, IC_NEVER);
	if (v->state == VSS_PREPARING)
		v->state = VSS_THAWED;
	else
		op_send(v, VSS_THAWING, WIRE_VSS_THAW, now, VSS_LIMIT);
}

int
vss_freeze(struct vss *v, unsigned seconds, uint64_t now, struct err *e)
{
	if (v->ic.state != IC_READY)
		return err_set(e, ENOTCONN,
		    "the guest has no service to freeze it");
	if (v->state != VSS_THAWED || !ic_idle(&v->ic))
		return err_set(e, EBUSY, "the guest is being frozen or thawed");
	if (seconds == 0 || seconds > VSS_SECONDS_MAX)
		return err_set(e, EINVAL, "from 1 to %d seconds, not %u",
		    VSS_SECONDS_MAX, seconds);
	v->outcome = 0;
	v->thaw_due = false;
	v->thaw_at = now + seconds * IC_SECOND;
	ic_wake(&v->ic, v->thaw_at);
	op_send(v, VSS_PREPARING, WIRE_VSS_HOT_BACKUP, now, VSS_LIMIT);
	return 0;
}

void
vss_thaw(struct vss *v, uint64_t now)
{
	if (v->state == VSS_FROZEN) {
		give_up(v, now);
	} else if (v->state == VSS_PREPARING || v->state == VSS_FREEZING) {
		fail(v, ECANCELED, "thawed before it was frozen");
		v->thaw_due = true;
	}
}

int
vss_report_freeze(const struct vss *v, struct err *e)
{
	if (v->outcome != 0) {
		*e = v->why;
		return -1;
	}
	switch (v->state) {
	case VSS_FROZEN:
		return 0;
	case VSS_PREPARING:
	case VSS_FREEZING:
		return err_set(e, EINPROGRESS, "the guest is being frozen");
	case VSS_THAWED:
	case VSS_THAWING:
	case VSS_COMPLETING:
		break;
	}
	return err_set(e, ENOENT, "the guest is not frozen");
}

int
vss_report_thaw(const struct vss *v, struct err *e)
{
	/* Nobody waits for a guest that may never answer again. */
	if (v->state != VSS_THAWED && !v->ic.late)
		return err_set(e, EINPROGRESS, "the guest is being thawed");
	if (v->outcome == 0)
		return 0;
	*e = v->why;
	return -1;
}

/* The step behind the one that has gone well. */
static void
go_on(struct vss *v, uint64_t now)
{
	switch (v->op) {
	case WIRE_VSS_HOT_BACKUP:
		op_send(v, VSS_PREPARING, WIRE_VSS_GET_INFO, now, VSS_LIMIT);
		break;
	case WIRE_VSS_GET_INFO:
		op_send(v, VSS_FREEZING, WIRE_VSS_FREEZE, now,
		    v->thaw_at > now ? v->thaw_at - now : 0);
		break;
	case WIRE_VSS_FREEZE:
		v->state = VSS_FROZEN;
		v->freezes++;
		break;
	}
}

static void
vss_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct vss *v = of(ic);

	if (a->status != IC_STATUS_OK)
		fail(v, EIO, v->op == WIRE_VSS_THAW ?
		    "the guest failed to thaw" : "the guest refuses to freeze");
	if (v->state == VSS_THAWING)
		op_send(v, VSS_COMPLETING, WIRE_VSS_COMPLETE, now, VSS_LIMIT);
	else if (v->state == VSS_COMPLETING)
		v->state = VSS_THAWED;
	else if (a->status != IC_STATUS_OK || v->thaw_due)
		give_up(v, now);
	else
		go_on(v, now);
}

/* The next step waits for the late answer: the guest takes one at a time. */
static void
vss_missed(struct ic *ic, uint64_t now)
{
	(void)now;
	fail(of(ic), ERR_TIMEOUT, "the guest does not answer");
	of(ic)->thaw_due = true;
}

static void
vss_time_is_up(struct ic *ic, uint64_t now)
{
	struct vss *v = of(ic);

	if (v->state == VSS_FROZEN)
		v->overdue++;
	fail(v, ERR_TIMEOUT, v->state == VSS_FROZEN ?
	    "frozen for too long" : "the guest took too long to freeze");
	v->thaw_due = true;
	if (v->state == VSS_FROZEN)
		give_up(v, now);
}

/* A guest that closes the channel has thawed itself. */
static void
vss_closed(struct ic *ic, uint64_t now)
{
	struct vss *v = of(ic);

	(void)now;
	if (v->state != VSS_THAWED)
		fail(v, ENOTCONN, "the guest ended the service");
	v->state = VSS_THAWED;
	v->thaw_due = false;
}

static const struct ic_protocol protocol = {
	.type = IC_VSS,
	.framework = frameworks,
	.framework_count = 1,
	.message = versions,
	.message_count = 1,
	.ops = {
		.answered = vss_answered,
		.missed = vss_missed,
		.woken = vss_time_is_up,
		.closed = vss_closed,
	},
};

void
vss_init(struct vss *v)
{
	memset(v, 0, sizeof(*v));
	ic_init(&v->ic, &protocol);
}
