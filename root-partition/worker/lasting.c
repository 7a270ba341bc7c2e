/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping channels of dead providers. The guest does not notice. */
#include "worker/lasting.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "worker/provider_channel.h"
#include "worker/vmbus_host.h"

/*
 * Linux's storvsc waits for ever. So this is longer than systemd lets a service
 * flush what its dead process leaves (TimeoutStopSec of mullion-storage@).
 */
#define PATIENCE_S 1200
/* A request that kills its provider would kill the next one, too. */
#define DEATHS_MAX 5
#define DEATHS_WITHIN_S 60

int
lasting_init(struct providers *p, struct err *e)
{
	p->kept_timer_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->kept_timer_fd < 0)
		return err_set(e, errno, "timerfd: %s", strerror(errno));
	return loop_add(p->loop, p->kept_timer_fd, LOOP_VMBUS_KEPT_TIMER, 0,
	    e);
}

static time_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void
timer_arm(const struct providers *p)
{
	struct itimerspec t = { .it_value.tv_sec = PATIENCE_S };

	timerfd_settime(p->kept_timer_fd, 0, &t, NULL);
}

static bool
may_be_kept(struct provider_channel *c, time_t now)
{
	struct server_channel_info info;

	if (c->journal_bytes == 0 || c->rescinded || c->channel == NULL)
		return false;
	server_channel_get(c->channel, &info);
	if (info.state == SERVER_CHANNEL_RESCINDED)
		return false;
	if (now - c->died_first > DEATHS_WITHIN_S) {
		c->died_first = now;
		c->deaths = 0;
	}
	return ++c->deaths <= DEATHS_MAX;
}

/* A list whose removal the dead process was asked for, or NULL. */
static const struct gpadl *
list_held(const struct provider_channel *c)
{
	const struct gpadl *g = server_channel_gpadl_next(c->channel, NULL);

	while (g != NULL && g->state != GPADL_REMOVING)
		g = server_channel_gpadl_next(c->channel, g);
	return g;
}

/* Give one answer that the dead process owes: it uses nothing any more. */
static bool
answer_one(const struct providers *p)
{
	struct provider_channel *c;

	for (c = p->kept; c != NULL; c = c->next) {
		const struct gpadl *g = list_held(c);
		struct server_channel_info info;

		server_channel_get(c->channel, &info);
		if (info.state == SERVER_CHANNEL_CLOSING) {
			provider_channel_closed(c);
			return true;
		}
		if (g != NULL) {
			provider_channel_gpadl_removed(c, g->handle);
			return true;
		}
	}
	return false;
}

void
lasting_keep(struct session *s)
{
	struct provider_channel **link = &s->channels, *c;
	struct providers *p = s->providers;
	time_t now = now_s();

	while ((c = *link) != NULL) {
		if (!may_be_kept(c, now)) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		c->session = NULL;
		c->questions = 0;
		c->resuming = false;
		c->kept_until = now + PATIENCE_S;
		c->next = p->kept;
		p->kept = c;
		timer_arm(p);
	}
	/* Any answer may make others due, and channels go. */
	while (answer_one(p))
		continue;
	p->unsettled = true;
}

static struct provider_channel *
kept_find(const struct providers *p, const struct guid *instance,
    uint16_t sub_channel)
{
	struct provider_channel *c = p->kept;

	while (c != NULL && (c->offer.sub_channel != sub_channel ||
	    guid_compare(&c->offer.instance_id, instance) != 0))
		c = c->next;
	return c;
}

/* It hears all that its predecessor was told and that still holds. */
static void
tell(struct provider_channel *c)
{
	const struct gpadl *g = NULL;
	struct server_channel_info info;

	session_send_short(c->session, PROVIDER_OFFERED, c->number, 0);
	while ((g = server_channel_gpadl_next(c->channel, g)) != NULL)
		if (g->state == GPADL_ADDING || g->state == GPADL_READY)
			provider_channel_tell_gpadl(c, g);
	server_channel_get(c->channel, &info);
	if (info.state == SERVER_CHANNEL_OPENING)
		provider_channel_reopen(c);
	else if (info.state == SERVER_CHANNEL_OPEN)
		provider_channel_resume(c);
}

bool
lasting_take_over(struct session *s, const struct provider_offer *m)
{
	struct providers *p = s->providers;
	struct provider_channel *c = kept_find(p, &m->instance_id,
	    m->sub_channel);

	if (c == NULL)
		return false;
	if (guid_compare(&c->offer.class_id, &m->class_id) != 0 ||
	    c->journal_bytes != m->journal_bytes) {
		provider_channel_rescind(c);
		return false;
	}
	provider_channel_unlink(c);
	c->session = s;
	c->kept_until = 0;
	c->number = m->offer;
	c->next = s->channels;
	s->channels = c;
	tell(c);
	return true;
}

void
lasting_expire(struct providers *p)
{
	struct provider_channel *c;
	uint64_t n;

	if (read(p->kept_timer_fd, &n, sizeof(n)) < 0)
		return;
	while ((c = provider_channel_first_to_go(p->kept, now_s())) != NULL)
		provider_channel_rescind(c);
	if (p->kept != NULL)
		timer_arm(p);
}

/* A guest that closes a device expects its sub-channels to be taken back. */
static struct provider_channel *
stray_next(const struct providers *p)
{
	struct provider_channel *c;

	for (c = p->kept; c != NULL; c = c->next) {
		const struct provider_channel *primary = kept_find(p,
		    &c->offer.instance_id, 0);
		struct server_channel_info info;

		if (c->offer.sub_channel == 0 || primary == NULL)
			continue;
		server_channel_get(primary->channel, &info);
		if (info.state != SERVER_CHANNEL_OPEN)
			return c;
	}
	return NULL;
}

void
lasting_settle(struct providers *p)
{
	struct provider_channel *c;

	while ((c = stray_next(p)) != NULL)
		provider_channel_rescind(c);
}
