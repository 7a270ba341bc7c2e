/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with providers: their beginning, their messages, their end. */
#include "worker/providers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "manager/clock.h"
#include "manager/unix_socket.h"
#include "worker/lasting.h"
#include "worker/machine.h"
#include "worker/provider_channel.h"
#include "worker/provider_memory.h"
#include "worker/sealed_file.h"
#include "worker/vmbus_host.h"

/* A guest that panicked waits much longer. */
#define LEAVING_PATIENCE_S 10

int
providers_init(struct providers *p, struct vmbus_host *host, struct loop *l,
    struct err *e)
{
	p->host = host;
	p->loop = l;
	p->listen_fd = -1;
	p->timer_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->timer_fd < 0)
		return err_set(e, errno, "timerfd: %s", strerror(errno));
	if (loop_add(l, p->timer_fd, LOOP_VMBUS_TIMER, 0, e) < 0)
		return -1;
	return lasting_init(p, e);
}

int
providers_listen(struct providers *p, const char *run_dir, uint32_t uid_base,
    struct err *e)
{
	p->uid_base = uid_base;
	p->listen_fd = unix_socket_listen(run_dir, PROVIDER_SOCKET,
	    SOCK_SEQPACKET, e);
	if (p->listen_fd < 0)
		return -1;
	return loop_add(p->loop, p->listen_fd, LOOP_VMBUS_LISTEN, 0, e);
}

static unsigned
session_index(const struct session *s)
{
	return (unsigned)(s - s->providers->sessions);
}

int
providers_attach(struct providers *p, int fd, struct err *e)
{
	struct session *s = NULL;

	for (unsigned i = 0; i < PROVIDERS_MAX && s == NULL; i++)
		if (!p->sessions[i].used)
			s = &p->sessions[i];
	if (s == NULL)
		return err_set(e, EMFILE, "too many providers");
	*s = (struct session){ .providers = p, .figures_fd = -1 };
	if (loop_add(p->loop, fd, LOOP_VMBUS_CLIENT, session_index(s), e) < 0)
		return -1;
	s->used = true;
	provider_link_init(&s->link, fd, PROVIDER_SENDER_PROVIDER);
	return 0;
}

static void
session_accept(struct providers *p)
{
	int fd = unix_socket_accept(p->listen_fd);
	struct err e;

	if (fd >= 0 && providers_attach(p, fd, &e) < 0)
		close(fd);
}

void
session_end(struct session *s, const char *why)
{
	if (s->ending)
		return;
	fprintf(stderr, "mullion-worker: provider %d: %s\n", (int)s->kind,
	    why);
	s->ending = true;
	s->providers->unsettled = true;
}

/* The link has failed, most likely because the peer has ended. */
static void
session_lose(struct session *s, const struct err *e)
{
	if (!s->ending)
		s->gone = e->code == ECONNRESET || e->code == EPIPE;
	session_end(s, e->text);
}

/* The loop tells of room only as long as something waits for it. */
static void
session_watch(struct session *s)
{
	bool waits = provider_link_waits(&s->link);

	if (waits == s->writing)
		return;
	s->writing = waits;
	loop_change(s->providers->loop, s->link.fd, LOOP_VMBUS_CLIENT,
	    session_index(s), true, waits);
}

void
session_send(struct session *s, const void *message, const int *fds,
    unsigned fd_count)
{
	struct err e;

	if (s->ending)
		return;
	if (provider_link_send(&s->link, message, fds, fd_count, &e) < 0)
		session_lose(s, &e);
	else
		session_watch(s);
}

void
session_send_short(struct session *s, enum provider_message type,
    uint32_t offer, uint32_t status)
{
	struct provider_short m = {
		.head = { .type = type, .size = sizeof(m) },
		.offer = offer,
		.status = status,
	};

	session_send(s, &m, NULL, 0);
}

static void
welcome(struct session *s, const struct provider_hello *hello)
{
	const struct providers *p = s->providers;
	const struct vmbus_host *h = p->host;
	struct provider_welcome m = {
		.head = { .type = PROVIDER_WELCOME, .size = sizeof(m) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.uid = p->uid_base + hello->kind,
		.vps = h->machine->cpus,
		.guest_version = server_version(h->server),
		.memory_size = h->memory.size,
		.region_count = h->memory.region_count,
	};
	struct err e;

	if (hello->version != PROVIDER_PROTOCOL_VERSION ||
	    hello->kind == 0 || hello->kind >= PROVIDER_KINDS) {
		session_end(s, "of another version");
		return;
	}
	s->kind = (enum provider_kind)hello->kind;
	s->figures_fd = sealed_file_create("provider-figures",
	    provider_figures_size(s->kind), &e);
	if (s->figures_fd < 0) {
		session_end(s, e.text);
		return;
	}
	memcpy(m.regions, h->memory.regions, sizeof(m.regions));
	session_send(s, &m,
	    (int[]){ h->machine->memory.fd, s->figures_fd }, 2);
}

static void
tell_time(struct session *s)
{
	const struct machine *m = s->providers->host->machine;
	struct provider_time answer = {
		.head = { .type = PROVIDER_TIME, .size = sizeof(answer) },
	};
	struct err e;

	if (m->backend->reference_time(&m->partition, &answer.reference,
	    &e) < 0) {
		session_end(s, e.text);
		return;
	}
	answer.realtime = clock_ns(CLOCK_REALTIME);
	session_send(s, &answer, NULL, 0);
}

static void
on_offer(struct session *s, const struct provider_offer *m)
{
	if (provider_channel_find(s, m->offer) != NULL)
		session_end(s, "offered the same number twice");
	else
		provider_channel_offer(s, m);
}

static void
on_refused(struct session *s, const struct provider_connect *m)
{
	if (s->kind != PROVIDER_SOCKETS)
		session_end(s, "refused what it was not asked for");
	else
		server_refuse_connect(s->providers->host->server,
		    &m->endpoint, &m->service);
}

/* What is about an offer; one that is rescinded by now is ignored. */
static void
on_answer(struct session *s, const struct provider_short *m)
{
	struct provider_channel *c = provider_channel_find(s, m->offer);
	const struct provider_gpadl *g = (const void *)m;

	if (c == NULL)
		return;
	switch (m->head.type) {
	case PROVIDER_RESCIND:
		provider_channel_rescind(c);
		break;
	case PROVIDER_GPADL_ADDED:
		provider_channel_gpadl_added(c, g->handle, g->status == 0);
		break;
	case PROVIDER_GPADL_REMOVED:
		provider_channel_gpadl_removed(c, g->handle);
		break;
	case PROVIDER_OPENED:
		provider_channel_opened(c, m->status == 0);
		break;
	case PROVIDER_CLOSED:
		provider_channel_closed(c);
		break;
	}
}

static void
on_message(struct session *s, const void *message)
{
	const struct provider_head *head = message;

	/* HELLO is the first, and only the first. */
	if ((head->type == PROVIDER_HELLO) != (s->kind == 0)) {
		session_end(s, "does not begin with a greeting");
		return;
	}
	switch (head->type) {
	case PROVIDER_HELLO:
		welcome(s, message);
		break;
	case PROVIDER_OFFER:
		on_offer(s, message);
		break;
	case PROVIDER_CONNECT_REFUSED:
		on_refused(s, message);
		break;
	case PROVIDER_TIME_REQUEST:
		tell_time(s);
		break;
	case PROVIDER_MEMORY_REQUEST:
		provider_memory_request(s, message);
		break;
	default:
		on_answer(s, message);
		break;
	}
}

static void
session_event(struct session *s, const struct loop_event *event)
{
	static uint8_t buffer[PROVIDER_MESSAGE_MAX]
	    __attribute__((aligned(8)));
	int fds[PROVIDER_FDS_MAX], got;
	unsigned fd_count;
	struct err e;

	if (!s->used || s->ending)
		return;
	if (event->writable && provider_link_flush(&s->link, &e) < 0) {
		session_lose(s, &e);
		return;
	}
	session_watch(s);
	if (!event->readable)
		return;
	got = provider_link_receive(&s->link, buffer, fds, &fd_count, &e);
	if (got < 0)
		session_lose(s, &e);
	else if (got > 0)
		on_message(s, buffer);
}

/* Their time is over: the guest has waited long enough. */
static void
on_timer(struct providers *p)
{
	uint64_t n;

	if (read(p->timer_fd, &n, sizeof(n)) < 0)
		return;
	for (unsigned i = 0; i < PROVIDERS_MAX; i++) {
		struct session *s = &p->sessions[i];

		if (s->used && provider_channels_owe(s))
			session_end(s, "does not let go of its channels");
	}
}

void
providers_event(struct providers *p, const struct loop_event *event)
{
	switch (event->source) {
	case LOOP_VMBUS_LISTEN:
		session_accept(p);
		break;
	case LOOP_VMBUS_CLIENT:
		session_event(&p->sessions[event->index], event);
		break;
	case LOOP_VMBUS_BELL:
		provider_channel_rung(p, event->index);
		break;
	case LOOP_VMBUS_TIMER:
		on_timer(p);
		break;
	case LOOP_VMBUS_KEPT_TIMER:
		lasting_expire(p);
		break;
	default:
		break;
	}
}

void
providers_tell(struct providers *p, enum provider_event_kind kind,
    uint32_t value)
{
	struct provider_event m = {
		.head = { .type = PROVIDER_EVENT, .size = sizeof(m) },
		.kind = kind,
		.value = value,
	};

	for (unsigned i = 0; i < PROVIDERS_MAX; i++)
		if (p->sessions[i].used && p->sessions[i].kind != 0)
			session_send(&p->sessions[i], &m, NULL, 0);
}

bool
providers_connect(struct providers *p, const struct guid *endpoint,
    const struct guid *service)
{
	struct provider_connect m = {
		.head = {
			.type = PROVIDER_CONNECT_REQUEST,
			.size = sizeof(m),
		},
		.endpoint = *endpoint,
		.service = *service,
	};

	for (unsigned i = 0; i < PROVIDERS_MAX; i++) {
		struct session *s = &p->sessions[i];

		if (!s->used || s->ending || s->kind != PROVIDER_SOCKETS)
			continue;
		session_send(s, &m, NULL, 0);
		return true;
	}
	return false;
}

/* The open channel with the least relid that is at least @from, or NULL. */
static const struct provider_channel *
channel_from(const struct providers *p, uint32_t from)
{
	const struct provider_channel *best = NULL;

	for (unsigned i = 0; i < PROVIDERS_MAX; i++) {
		if (!p->sessions[i].used)
			continue;
		for (const struct provider_channel *c =
		    p->sessions[i].channels; c != NULL; c = c->next)
			if (c->open && c->relid >= from &&
			    (best == NULL || c->relid < best->relid))
				best = c;
	}
	return best;
}

unsigned
providers_channels(const struct providers *p, uint32_t from,
    struct channel_state *out, unsigned most, bool *more)
{
	const struct provider_channel *c;
	unsigned count = 0;

	while ((c = channel_from(p, from)) != NULL && count < most) {
		if (provider_channel_look(c, &out[count]))
			count++;
		from = c->relid + 1u;
	}
	*more = c != NULL;
	return count;
}

void
providers_retarget(struct providers *p)
{
	for (unsigned i = 0; i < PROVIDERS_MAX; i++)
		if (p->sessions[i].used)
			provider_channels_retarget(p->sessions[i].channels);
	provider_channels_retarget(p->kept);
}

static void
timer_arm(struct providers *p, time_t seconds)
{
	struct itimerspec t = { .it_value.tv_sec = seconds };

	timerfd_settime(p->timer_fd, 0, &t, NULL);
}

void
providers_leaving(struct providers *p)
{
	timer_arm(p, LEAVING_PATIENCE_S);
	providers_tell(p, PROVIDER_LEAVING, 0);
}

void
providers_left(struct providers *p)
{
	timer_arm(p, 0);
}

/* Lest it takes the end of its connection for that of the machine. */
static void
give_up(const struct session *s)
{
	static const struct provider_word word = { .given_up = 1 };

	if (s->figures_fd >= 0 && pwrite(s->figures_fd, &word, sizeof(word),
	    0) < 0)
		fprintf(stderr, "mullion-worker: provider %d does not learn "
		    "that it is given up: %s\n", (int)s->kind,
		    strerror(errno));
}

static void
session_destroy(struct session *s)
{
	if (!s->gone)
		give_up(s);
	/*
	 * First: a provider that has ended has unmapped the guest's memory
	 * before its socket closed, and one that has not is to hear of it.
	 */
	provider_link_close(&s->link);
	if (s->gone)
		lasting_keep(s);
	provider_channels_abandon(s);
	if (s->figures_fd >= 0)
		close(s->figures_fd);
	s->used = false;
}

void
providers_settle(struct providers *p)
{
	/* Each round may put something off again. */
	while (p->unsettled) {
		p->unsettled = false;
		for (unsigned i = 0; i < PROVIDERS_MAX; i++) {
			struct session *s = &p->sessions[i];

			if (s->used && s->ending)
				session_destroy(s);
			else if (s->used)
				provider_channels_retry(s);
		}
		lasting_settle(p);
	}
}
