/* SPDX-License-Identifier: Apache-2.0 */
/* Guest and holder come and go; their pages are lent while both are there. */
#include "raw/raw.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "process/process.h"
#include "raw/doors.h"
#include "vmbus/lend.h"
#include "vmbus/raw/raw_protocol.h"

/* Less than the worker has for all of us; see PROVIDER_LEAVING. */
#define PATIENCE_USEC 5000000
/* How late it may be. */
#define ACCURACY_USEC 100000

static int port_offer(struct raw_port *p, struct err *e);

static void
complain(const struct raw_port *p, const char *why)
{
	fprintf(stderr, "channel %s: %s\n", p->name, why);
}

/*
 * The rings are as the holder left them. A guest that has the channel open is
 * to begin anew, and hears of it as of a device that is removed.
 */
static void
holder_lose(struct raw_port *p)
{
	bool lent = p->lent;

	sd_event_source_disable_unref(p->holder);
	p->holder = NULL;
	close(p->holder_fd);
	p->holder_fd = -1;
	p->lent = false;
	if (!lent)
		return;
	if (p->closing)
		offer_closed(p->offer);
	else
		offer_rescind(p->offer);
}

static void
holder_tell(struct raw_port *p, enum raw_message_type type)
{
	const struct raw_message m = { .type = (uint32_t)type };

	if (raw_message_send(p->holder_fd, &m, NULL, 0) < 0)
		holder_lose(p);
}

/* Both are there. */
static void
port_lend(struct raw_port *p)
{
	struct raw_message m = { .type = RAW_OPEN };
	struct offer_loan loan;
	struct err e;
	int ret;

	if (offer_lend(p->offer, p->raw->udmabuf_fd, &loan, &e) < 0) {
		complain(p, e.text);
		holder_lose(p);
		return;
	}
	m.in_bytes = loan.in_bytes;
	m.out_bytes = loan.out_bytes;
	ret = raw_message_send(p->holder_fd, &m, (int[]){ loan.rings_fd,
	    loan.figures_fd, loan.kick_fd, loan.call_fd }, RAW_FDS);
	close(loan.rings_fd);
	close(loan.figures_fd);
	/* What was not sent is not lent. */
	p->lent = ret == 0;
	if (ret < 0)
		holder_lose(p);
}

static int
holder_ready(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct raw_port *p = ctx;
	struct raw_message m;
	int fds[RAW_FDS];
	int got = raw_message_receive(fd, RAW_SENDER_HOLDER, &m, fds);

	(void)source;
	(void)events;
	if (got == 0)
		return 0;
	if (got < 0 || !p->closing || !p->lent) {
		holder_lose(p);
		return 0;
	}
	p->lent = false;
	offer_closed(p->offer);
	return 0;
}

static void
holder_take(struct raw_port *p, int fd)
{
	if (sd_event_add_io(p->raw->event, &p->holder, fd, EPOLLIN,
	    holder_ready, p) < 0) {
		close(fd);
		return;
	}
	p->holder_fd = fd;
	holder_tell(p, RAW_HELLO);
	if (p->holder_fd >= 0 && p->channel != NULL && !p->closing)
		port_lend(p);
}

static int
door_ready(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	const struct raw_message busy = { .type = RAW_HELLO,
		.status = EBUSY };
	struct raw_port *p = ctx;
	int peer = door_accept(fd);

	(void)source;
	(void)events;
	if (peer < 0)
		return 0;
	if (p->holder_fd < 0) {
		holder_take(p, peer);
		return 0;
	}
	/* One that is not told sees that it is closed. */
	if (raw_message_send(peer, &busy, NULL, 0) < 0)
		complain(p, "somebody left at once");
	close(peer);
	return 0;
}

static int
guest_opens(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	struct raw_port *p = ctx;

	(void)user_data;
	(void)e;
	p->channel = c;
	p->closing = false;
	offer_leave_alone(p->offer);
	if (p->holder_fd >= 0)
		port_lend(p);
	return 0;
}

/* Nobody listens here: who holds the channel does. */
static void
guest_signals(void *ctx, struct channel *c)
{
	(void)ctx;
	(void)c;
}

static void
guest_closes(void *ctx, struct channel *c)
{
	struct raw_port *p = ctx;

	(void)c;
	p->channel = NULL;
	p->closing = true;
	if (p->lent)
		holder_tell(p, RAW_CLOSE);
	else
		offer_closed(p->offer);
}

/* A channel that was taken back because of its holder is there again. */
static void
guest_released(void *ctx, int status)
{
	struct raw_port *p = ctx;
	struct err e;

	p->offer = NULL;
	if (status != 0)
		complain(p, strerror(status));
	else if (port_offer(p, &e) < 0)
		complain(p, e.text);
}

static const struct offer_ops offer_ops = {
	.open = guest_opens,
	.receive = guest_signals,
	.close = guest_closes,
	.released = guest_released,
};

static int
port_offer(struct raw_port *p, struct err *e)
{
	const struct offer_setup setup = {
		.class_id = p->class_id,
		.instance_id = p->instance_id,
	};

	p->offer = provider_offer(p->raw->provider, &setup, &offer_ops, p, e);
	return p->offer != NULL ? 0 : -1;
}

static void
worker_lost(void *ctx, const struct err *why)
{
	const struct raw *r = ctx;

	process_lost(r->event, why);
}

/* A holder that keeps its pages costs its own channel, and not the others. */
static int
patience_ends(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct raw *r = ctx;

	(void)source;
	(void)usec;
	for (unsigned i = 0; i < r->port_count; i++) {
		struct raw_port *p = &r->ports[i];

		if (!p->lent || !p->closing)
			continue;
		complain(p, "its holder does not let go: it is given up");
		holder_lose(p);
	}
	return 0;
}

/* A guest that leaves waits for all of its pages, one that closes may wait. */
static void
worker_tells(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	const struct raw *r = ctx;

	(void)value;
	if (kind == PROVIDER_LEAVING) {
		sd_event_source_set_time_relative(r->patience, PATIENCE_USEC);
		sd_event_source_set_enabled(r->patience, SD_EVENT_ONESHOT);
	} else if (kind == PROVIDER_CONTACT || kind == PROVIDER_UNLOAD) {
		sd_event_source_set_enabled(r->patience, SD_EVENT_OFF);
	}
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.event = worker_tells,
};

static int
patience_make(struct raw *r, struct err *e)
{
	int ret = sd_event_add_time(r->event, &r->patience, CLOCK_MONOTONIC,
	    UINT64_MAX, ACCURACY_USEC, patience_ends, r);

	return ret < 0 ? err_set(e, -ret, "event loop: %s", strerror(-ret)) :
	    0;
}

static int
port_begin(struct raw *r, const struct config_channel *c, int doors_fd,
    struct err *e)
{
	struct raw_port *p = &r->ports[r->port_count];
	const struct passwd *owner = c->user[0] != '\0' ? getpwnam(c->user) :
	    NULL;
	char instance[CONFIG_GUID_MAX];
	int ret;

	*p = (struct raw_port){ .raw = r, .door_fd = -1, .holder_fd = -1 };
	config_channel_name(c, r->port_count, p->name);
	config_channel_instance(c, r->port_count++, instance);
	if (!guid_parse(c->class_id, &p->class_id) ||
	    !guid_parse(instance, &p->instance_id))
		return err_set(e, EINVAL, "channel %s: wrong GUID", p->name);
	if (c->user[0] != '\0' && owner == NULL)
		return err_set(e, ENOENT, "channel %s: there is no user %s",
		    p->name, c->user);
	p->door_fd = door_listen(doors_fd, p->name,
	    owner != NULL ? owner->pw_uid : geteuid(), e);
	if (p->door_fd < 0)
		return -1;
	ret = sd_event_add_io(r->event, &p->door, p->door_fd, EPOLLIN,
	    door_ready, p);
	return ret < 0 ? err_set(e, -ret, "event loop: %s", strerror(-ret)) :
	    0;
}

static int
ports_begin(struct raw *r, const struct config *config, const char *run_dir,
    struct err *e)
{
	int doors_fd = doors_open(run_dir, e), ret = 0;

	if (doors_fd < 0)
		return -1;
	for (unsigned i = 0; ret == 0 && i < config->channel_count; i++)
		ret = port_begin(r, &config->channels[i], doors_fd, e);
	close(doors_fd);
	return ret;
}

int
raw_begin(struct raw *r, sd_event *event, const struct config *config,
    const char *run_dir, struct err *e)
{
	static const unsigned long ioctls[] = { OFFER_LEND_IOCTL };
	const struct sandbox_calls more = {
		.ioctls = ioctls, .ioctl_count = 1,
	};

	memset(r, 0, sizeof(*r));
	r->event = event;
	r->udmabuf_fd = lend_open(e);
	if (r->udmabuf_fd < 0 || patience_make(r, e) < 0)
		return -1;
	r->provider = provider_connect(event, run_dir, PROVIDER_RAW,
	    &worker_ops, r, e);
	if (r->provider == NULL || ports_begin(r, config, run_dir, e) < 0 ||
	    provider_confine(r->provider, &more, e) < 0)
		return -1;
	for (unsigned i = 0; i < r->port_count; i++)
		if (port_offer(&r->ports[i], e) < 0)
			return -1;
	return 0;
}

static void
port_end(struct raw_port *p)
{
	sd_event_source_disable_unref(p->holder);
	sd_event_source_disable_unref(p->door);
	if (p->holder_fd >= 0)
		close(p->holder_fd);
	if (p->door_fd >= 0)
		close(p->door_fd);
}

void
raw_end(struct raw *r)
{
	for (unsigned i = 0; i < r->port_count; i++)
		port_end(&r->ports[i]);
	if (r->provider != NULL)
		provider_destroy(r->provider);
	sd_event_source_disable_unref(r->patience);
	if (r->udmabuf_fd >= 0)
		close(r->udmabuf_fd);
}
