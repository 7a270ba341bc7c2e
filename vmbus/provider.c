/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's connection: hello, welcome, and the worker's messages. */
#include "vmbus/provider.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "vmbus/provider_state.h"
#include "vmbus/sandbox.h"

#define WELCOME_PATIENCE_MS	30000
/* Messages in a row, before channels have their turn. */
#define MESSAGES_AT_ONCE	64

static void
socket_watch(struct provider *p)
{
	uint32_t events = EPOLLIN;

	if (provider_link_waits(&p->link))
		events |= EPOLLOUT;
	sd_event_source_set_io_events(p->source, events);
}

void
provider_send(struct provider *p, const void *message)
{
	struct err e;

	if (p->lost)
		return;
	/* The socket then reads as closed, where its loss is dealt with. */
	if (provider_link_send(&p->link, message, NULL, 0, &e) < 0) {
		if (e.code != EPIPE)
			p->failed = e;
		shutdown(p->link.fd, SHUT_RDWR);
	}
	socket_watch(p);
}

void
provider_send_short(struct provider *p, uint32_t type, uint32_t offer,
    uint32_t status)
{
	struct provider_short m = {
		.head = { type, sizeof(m) },
		.offer = offer,
		.status = status,
	};

	provider_send(p, &m);
}

static void
on_event(struct provider *p, const struct provider_event *m)
{
	if (m->kind == PROVIDER_CONTACT)
		p->guest_version = m->value;
	else if (m->kind == PROVIDER_UNLOAD)
		p->guest_version = 0;
	if (p->ops->event != NULL)
		p->ops->event(p->ctx, (enum provider_event_kind)m->kind,
		    m->value);
}

static void
on_offer_message(struct offer *o, const void *message, const int *fds)
{
	const struct provider_short *m = message;

	switch (m->head.type) {
	case PROVIDER_OFFERED:
		offer_on_offered(o, m->status);
		break;
	case PROVIDER_RELEASED:
		offer_on_released(o);
		break;
	case PROVIDER_GPADL_ADD:
		offer_on_gpadl_add(o, message);
		break;
	case PROVIDER_GPADL_REMOVE:
		offer_on_gpadl_remove(o,
		    ((const struct provider_gpadl *)message)->handle);
		break;
	case PROVIDER_OPEN:
	case PROVIDER_OPEN_LASTING:
	case PROVIDER_RESUME:
		offer_on_open(o, message, fds);
		break;
	default:
		offer_on_close(o);
		break;
	}
}

static void
fds_close(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
}

/* One message, in p->buffer, that has the form of its type. */
static void
on_message(struct provider *p, const int *fds, unsigned fd_count)
{
	const struct provider_short *m = (const void *)p->buffer;
	const struct provider_connect *c = (const void *)p->buffer;
	const struct provider_time *t = (const void *)p->buffer;
	struct offer *o;

	switch (m->head.type) {
	case PROVIDER_WELCOME:
		fds_close(fds, fd_count);
		break;
	case PROVIDER_EVENT:
		on_event(p, (const void *)p->buffer);
		break;
	case PROVIDER_TIME:
		if (p->ops->time != NULL)
			p->ops->time(p->ctx, t->reference, t->realtime);
		break;
	case PROVIDER_MEMORY_ANSWER:
		if (p->ops->memory != NULL)
			p->ops->memory(p->ctx, (const void *)p->buffer);
		break;
	case PROVIDER_CONNECT_REQUEST:
		if (p->ops->connect_request != NULL)
			p->ops->connect_request(p->ctx, &c->endpoint,
			    &c->service);
		else
			provider_refuse_connect(p, &c->endpoint, &c->service);
		break;
	default:
		o = m->offer <= PROVIDER_OFFERS_MAX ? p->offers[m->offer] :
		    NULL;
		if (o != NULL)
			on_offer_message(o, p->buffer, fds);
		else
			fds_close(fds, fd_count);
		break;
	}
}

/* What of it is no end of the worker: see op lost(). */
static void
reason_find(const struct provider *p, struct err *e)
{
	struct provider_word word;

	if (e->code != ECONNRESET && e->code != EPIPE)
		return;
	e->code = ECONNRESET;
	memcpy(&word, p->figures, sizeof(word));
	if (word.given_up != 0)
		err_set(e, ECANCELED, "it gave us up, as its log says");
	else if (p->failed.code != 0)
		*e = p->failed;
}

static void
lose(struct provider *p, struct err *e)
{
	p->lost = true;
	sd_event_source_set_enabled(p->source, SD_EVENT_OFF);
	reason_find(p, e);
	if (p->ops->lost != NULL)
		p->ops->lost(p->ctx, e);
}

static int
on_socket(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct provider *p = ctx;
	int fds[PROVIDER_FDS_MAX];
	unsigned fd_count;
	struct err e;
	int got = 1;

	(void)source;
	(void)fd;
	if ((events & EPOLLOUT) != 0 &&
	    provider_link_flush(&p->link, &e) < 0) {
		lose(p, &e);
		return 0;
	}
	for (int i = 0; i < MESSAGES_AT_ONCE && got == 1; i++) {
		got = provider_link_receive(&p->link, p->buffer, fds,
		    &fd_count, &e);
		if (got == 1)
			on_message(p, fds, fd_count);
	}
	if (got < 0)
		lose(p, &e);
	else
		socket_watch(p);
	return 0;
}

static int
memory_map(struct provider *p, const struct provider_welcome *m, int fd,
    struct err *e)
{
	struct stat st;
	uint8_t *base;

	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != m->memory_size)
		return err_set(e, EPROTO, "guest memory: not the file told");
	base = mmap(NULL, m->memory_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (base == MAP_FAILED)
		return err_set(e, errno, "guest memory: %s", strerror(errno));
	p->memory.base = base;
	p->memory.size = m->memory_size;
	/* Hints: a kernel that does not know them loses nothing. */
	madvise(base, m->memory_size, MADV_DONTDUMP);
	madvise(base, m->memory_size, MADV_DONTFORK);
	if (!memory_set(&p->memory, base, m->memory_size, m->regions,
	    m->region_count))
		return err_set(e, EPROTO, "guest memory: wrong regions");
	return 0;
}

static int
figures_map(struct provider *p, int fd, struct err *e)
{
	size_t size = provider_figures_size(p->kind);
	struct stat st;
	void *base;

	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != size)
		return err_set(e, EPROTO, "figures: not the file expected");
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return err_set(e, errno, "figures: %s", strerror(errno));
	p->figures = base;
	return 0;
}

static int
welcome_take(struct provider *p, struct err *e)
{
	const struct provider_welcome *m = (const void *)p->buffer;
	struct pollfd readable = { .fd = p->link.fd, .events = POLLIN };
	int fds[PROVIDER_FDS_MAX], got;
	unsigned fd_count = 0;

	if (poll(&readable, 1, WELCOME_PATIENCE_MS) != 1)
		return err_set(e, ETIMEDOUT, "the worker does not answer");
	got = provider_link_receive(&p->link, p->buffer, fds, &fd_count, e);
	if (got < 0)
		return -1;
	if (got == 0 || m->head.type != PROVIDER_WELCOME ||
	    m->version != PROVIDER_PROTOCOL_VERSION) {
		fds_close(fds, fd_count);
		return err_set(e, EPROTO, "the worker speaks otherwise");
	}
	p->memory_fd = fds[0];
	p->figures_fd = fds[1];
	p->uid = m->uid;
	p->partition_id = m->partition_id;
	p->vps = m->vps;
	p->guest_version = m->guest_version;
	if (memory_map(p, m, fds[0], e) < 0)
		return -1;
	return figures_map(p, fds[1], e);
}

static int
provider_start(struct provider *p, struct err *e)
{
	struct provider_hello hello = {
		.head = { PROVIDER_HELLO, sizeof(hello) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.kind = (uint32_t)p->kind,
	};
	int ret;

	if (provider_link_send(&p->link, &hello, NULL, 0, e) < 0 ||
	    welcome_take(p, e) < 0)
		return -1;
	ret = sd_event_add_io(p->event, &p->source, p->link.fd, EPOLLIN,
	    on_socket, p);
	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	return 0;
}

struct provider *
provider_attach(sd_event *event, int fd, enum provider_kind kind,
    const struct provider_ops *ops, void *ctx, struct err *e)
{
	struct provider *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		close(fd);
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	p->event = sd_event_ref(event);
	p->ops = ops;
	p->ctx = ctx;
	p->memory_fd = p->figures_fd = -1;
	p->kind = kind;
	provider_link_init(&p->link, fd, PROVIDER_SENDER_WORKER);
	if (provider_start(p, e) < 0) {
		provider_destroy(p);
		return NULL;
	}
	return p;
}

struct provider *
provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
	    run_dir, PROVIDER_SOCKET);

	if (len < 0 || (size_t)len >= sizeof(address.sun_path)) {
		err_set(e, ENAMETOOLONG, "%s: too long", run_dir);
		return NULL;
	}
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
	    sizeof(address)) < 0) {
		err_set(e, errno, "%s: %s", address.sun_path,
		    strerror(errno));
		return NULL;
	}
	return provider_attach(event, take_fd(&fd), kind, ops, ctx, e);
}

void
provider_destroy(struct provider *p)
{
	for (uint32_t i = 1; i <= PROVIDER_OFFERS_MAX; i++)
		if (p->offers[i] != NULL)
			offer_destroy(p->offers[i]);
	sd_event_source_disable_unref(p->source);
	provider_link_close(&p->link);
	if (p->memory.base != NULL)
		munmap(p->memory.base, p->memory.size);
	if (p->memory_fd >= 0)
		close(p->memory_fd);
	if (p->figures != NULL)
		munmap(p->figures, provider_figures_size(p->kind));
	if (p->figures_fd >= 0)
		close(p->figures_fd);
	sd_event_unref(p->event);
	free(p);
}

int
provider_sandbox(struct provider *p, const int *calls, size_t count,
    struct err *e)
{
	struct sandbox_calls more = { .calls = calls, .call_count = count };

	return provider_confine(p, &more, e);
}

int
provider_confine(struct provider *p, const struct sandbox_calls *more,
    struct err *e)
{
	if (geteuid() == 0 && sandbox_become(p->uid, p->uid, e) < 0)
		return -1;
	if (sandbox_no_capabilities(e) < 0 || sandbox_no_files(-1, e) < 0)
		return -1;
	return sandbox_filter(more, e);
}

int
provider_sandbox_in(struct provider *p, const char *dir, const int *calls,
    size_t count, struct err *e)
{
	if (sandbox_root(dir, e) < 0)
		return -1;
	return provider_sandbox(p, calls, count, e);
}

const struct memory *
provider_memory(const struct provider *p)
{
	return &p->memory;
}

uint32_t
provider_uid(const struct provider *p)
{
	return p->uid;
}

uint64_t
provider_partition_id(const struct provider *p)
{
	return p->partition_id;
}

uint32_t
provider_vps(const struct provider *p)
{
	return p->vps;
}

uint32_t
provider_guest_version(const struct provider *p)
{
	return p->guest_version;
}

void
provider_ask_time(struct provider *p)
{
	provider_send_short(p, PROVIDER_TIME_REQUEST, 0, 0);
}

void
provider_ask_memory(struct provider *p,
    const struct provider_memory_request *request)
{
	provider_send(p, request);
}

uint64_t
provider_memory_resident(const struct provider *p)
{
	struct stat st;

	if (fstat(p->memory_fd, &st) < 0)
		return 0;
	return (uint64_t)st.st_blocks * 512;
}

void
provider_refuse_connect(struct provider *p, const struct guid *endpoint,
    const struct guid *service)
{
	struct provider_connect m = {
		.head = { PROVIDER_CONNECT_REFUSED, sizeof(m) },
		.endpoint = *endpoint,
		.service = *service,
	};

	provider_send(p, &m);
}
