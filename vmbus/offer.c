/* SPDX-License-Identifier: Apache-2.0 */
/* One offer of a provider: open, served, closed, taken back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "vmbus/journal.h"
#include "vmbus/provider_state.h"

/* What a lasting channel's journal takes, or 0. */
static size_t
journal_size(const struct offer_setup *setup)
{
	return setup->journal_slots == 0 ? 0 :
	    journal_bytes(setup->journal_slots, (uint32_t)setup->packet_max);
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	struct provider_offer m = {
		.head = { PROVIDER_OFFER, sizeof(m) },
		.offer = 1,
		.flags = setup->flags,
		.mmio_mib = setup->mmio_mib,
		.sub_channel = setup->sub_channel,
		.class_id = setup->class_id,
		.instance_id = setup->instance_id,
	};
	struct offer *o;

	while (m.offer <= PROVIDER_OFFERS_MAX && p->offers[m.offer] != NULL)
		m.offer++;
	o = m.offer <= PROVIDER_OFFERS_MAX ? calloc(1, sizeof(*o)) : NULL;
	if (o == NULL) {
		err_set(e, ENOMEM, "offer: too many, or out of memory");
		return NULL;
	}
	memcpy(m.user_data, setup->user_data, sizeof(m.user_data));
	o->provider = p;
	o->number = m.offer;
	o->setup = *setup;
	if (o->setup.packet_max == 0)
		o->setup.packet_max = PACKET_LINUX_MAX;
	o->ops = ops;
	o->ctx = ctx;
	o->kick_fd = o->call_fd = -1;
	m.journal_bytes = (uint32_t)journal_size(&o->setup);
	p->offers[o->number] = o;
	provider_send(p, &m);
	return o;
}

static int
journal_map(struct offer *o, int fd, struct err *e)
{
	size_t bytes = journal_size(&o->setup);
	struct stat st;
	void *base;

	if (fstat(fd, &st) < 0 || bytes == 0 || (uint64_t)st.st_size != bytes)
		return err_set(e, EPROTO, "journal: not the memory asked for");
	base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return err_set(e, errno, "journal: %s", strerror(errno));
	o->journal = base;
	return 0;
}

static void
journal_unmap(struct offer *o)
{
	if (o->journal != NULL)
		munmap(o->journal, journal_size(&o->setup));
	o->journal = NULL;
}

static void
channel_end(struct offer *o)
{
	if (o->kick_fd < 0)
		return;
	sd_event_source_disable_unref(o->kick_source);
	o->kick_source = NULL;
	if (o->channel != NULL)
		channel_destroy(o->channel);
	o->channel = NULL;
	ring_map_destroy(&o->rings);
	journal_unmap(o);
	close(o->kick_fd);
	close(o->call_fd);
	o->kick_fd = o->call_fd = -1;
	o->close_asked = o->close_done = false;
}

/* One list of the guest for this offer, or NULL. */
static struct gpadl *
gpadl_of(const struct offer *o)
{
	const struct gpadl_table *t = &o->provider->gpadls;
	struct gpadl *g = gpadl_next(t, NULL);

	while (g != NULL && g->relid != o->number)
		g = gpadl_next(t, g);
	return g;
}

void
offer_destroy(struct offer *o)
{
	struct gpadl *g;

	channel_end(o);
	while ((g = gpadl_of(o)) != NULL)
		gpadl_free(&o->provider->gpadls, g);
	o->provider->offers[o->number] = NULL;
	free(o);
}

static void
offer_release(struct offer *o, int status)
{
	const struct offer_ops *ops = o->ops;
	void *ctx = o->ctx;

	offer_destroy(o);
	if (ops->released != NULL)
		ops->released(ctx, status);
}

void
offer_on_offered(struct offer *o, uint32_t status)
{
	if (status != 0)
		offer_release(o, (int)status);
}

void
offer_on_released(struct offer *o)
{
	offer_release(o, 0);
}

static void
gpadl_remove(struct offer *o, struct gpadl *g)
{
	g->state = GPADL_REMOVING;
	if (o->ops->gpadl_remove != NULL)
		o->ops->gpadl_remove(o->ctx, g);
	else
		offer_gpadl_removed(o, g->handle);
}

/* A list that can begin to be removed, or NULL. */
static struct gpadl *
gpadl_held(const struct offer *o)
{
	const struct gpadl_table *t = &o->provider->gpadls;
	struct gpadl *g = gpadl_next(t, NULL);

	while (g != NULL && (g->relid != o->number ||
	    g->state == GPADL_REMOVING))
		g = gpadl_next(t, g);
	return g;
}

/* Closed, then without lists, then it can be taken back. */
static void
rescind_step(struct offer *o)
{
	struct gpadl *g;

	if (!o->rescinding || o->rescinded || o->channel != NULL)
		return;
	while ((g = gpadl_held(o)) != NULL)
		gpadl_remove(o, g);
	/* The last one may have come here already. */
	if (o->rescinded || gpadl_of(o) != NULL)
		return;
	o->rescinded = true;
	provider_send_short(o->provider, PROVIDER_RESCIND, o->number, 0);
}

static void
close_finish(struct offer *o)
{
	bool answer = o->worker_closes;

	o->worker_closes = false;
	channel_end(o);
	if (answer)
		provider_send_short(o->provider, PROVIDER_CLOSED, o->number,
		    0);
	rescind_step(o);
}

static void
close_ask(struct offer *o)
{
	if (o->close_asked)
		return;
	o->close_asked = true;
	/* Nobody signals any more, and what it holds back is lost. */
	sd_event_source_set_enabled(o->kick_source, SD_EVENT_OFF);
	o->in_op = true;
	o->ops->close(o->ctx, o->channel);
	o->in_op = false;
	if (o->close_done)
		close_finish(o);
}

void
offer_closed(struct offer *o)
{
	if (o->channel == NULL || !o->close_asked)
		return;
	/* Whoever called the op still has the channel in hand. */
	o->close_done = true;
	if (!o->in_op)
		close_finish(o);
}

void
offer_rescind(struct offer *o)
{
	if (o->rescinding)
		return;
	o->rescinding = true;
	/* Within an op the channel is in use: op_end() goes on. */
	if (o->in_op)
		return;
	if (o->channel != NULL)
		close_ask(o);
	rescind_step(o);
}

/* What is due after an op: signals, and what the op has set off. */
static void
op_end(struct offer *o)
{
	o->in_op = false;
	channel_flush(o->channel);
	if (channel_broken(o->channel) && !o->rescinding) {
		o->rescinding = true;
		if (o->ops->broken != NULL)
			o->ops->broken(o->ctx);
	}
	if (o->rescinding)
		close_ask(o);
}

static int
on_kick(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct offer *o = ctx;
	struct channel_work work = channel_signalled(o->channel);

	(void)source;
	(void)fd;
	(void)events;
	o->in_op = true;
	if (work.writable && o->ops->writable != NULL)
		o->ops->writable(o->ctx, o->channel);
	if (work.receive)
		o->ops->receive(o->ctx, o->channel);
	op_end(o);
	return 0;
}

static int
channel_begin(struct offer *o, const struct provider_open *m, struct err *e)
{
	const struct gpadl *g = offer_gpadl(o, m->ring_gpadl);
	struct channel_setup setup;
	size_t first = (size_t)m->downstream_page * MEMORY_PAGE;

	if (g == NULL || g->byte_offset != 0 ||
	    m->downstream_page >= g->page_count)
		return err_set(e, EPROTO, "rings: no such pages");
	o->ring_gpadl = m->ring_gpadl;
	o->downstream_page = m->downstream_page;
	if (ring_map_create(&o->rings, g, &o->provider->memory,
	    o->provider->memory_fd, e) < 0)
		return -1;
	setup = (struct channel_setup){
		.ring_in = o->rings.base,
		.ring_in_bytes = first,
		.ring_out = o->rings.base + first,
		.ring_out_bytes = o->rings.bytes - first,
		.memory = &o->provider->memory,
		.packet_max = o->setup.packet_max,
		.duplex = o->setup.duplex,
		.call_fd = o->call_fd,
		.kick_fd = o->kick_fd,
		.figures = (void *)(o->provider->figures +
		    provider_figures_offset(o->provider->kind, o->number)),
		.journal = o->journal,
		.journal_slots = o->setup.journal_slots,
		.resumed = m->head.type == PROVIDER_RESUME,
	};
	o->channel = channel_create(&setup, e);
	if (o->channel == NULL) {
		ring_map_destroy(&o->rings);
		return -1;
	}
	return 0;
}

static int
channel_open(struct offer *o, const struct provider_open *m, struct err *e)
{
	int ret;

	if (channel_begin(o, m, e) < 0)
		return -1;
	/* Each write to it is an event: the count is never read. */
	ret = sd_event_add_io(o->provider->event, &o->kick_source, o->kick_fd,
	    EPOLLIN | EPOLLET, on_kick, o);
	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	o->in_op = true;
	ret = o->ops->open(o->ctx, o->channel, m->user_data, e);
	o->in_op = false;
	/* Bells that a predecessor heard do not ring again. */
	if (ret == 0 && channel_resumed(o->channel))
		channel_resume(o->channel);
	return ret;
}

/* Whatever fails, the caller has the two bells in the offer. */
static int
open_as_told(struct offer *o, const struct provider_open *m, int journal_fd,
    struct err *e)
{
	AUTO_CLOSE int journal = journal_fd;

	if ((journal >= 0) != (o->setup.journal_slots > 0))
		return err_set(e, EPROTO, "the worker forgot its journal");
	if (journal >= 0 && journal_map(o, journal, e) < 0)
		return -1;
	return channel_open(o, m, e);
}

void
offer_on_open(struct offer *o, const struct provider_open *m, const int *fds)
{
	int journal_fd = m->head.type == PROVIDER_OPEN ? -1 : fds[2];
	struct err e;

	if (o->rescinding || o->channel != NULL) {
		close(fds[0]);
		close(fds[1]);
		if (journal_fd >= 0)
			close(journal_fd);
		return;
	}
	o->kick_fd = fds[0];
	o->call_fd = fds[1];
	if (open_as_told(o, m, journal_fd, &e) < 0) {
		fprintf(stderr, "opening a channel: %s\n", e.text);
		channel_end(o);
		provider_send_short(o->provider, PROVIDER_OPENED, o->number,
		    EIO);
		rescind_step(o);
		return;
	}
	provider_send_short(o->provider, PROVIDER_OPENED, o->number, 0);
	op_end(o);
}

void
offer_on_close(struct offer *o)
{
	if (o->rescinding)
		return;
	if (o->channel == NULL) {
		provider_send_short(o->provider, PROVIDER_CLOSED, o->number,
		    0);
		return;
	}
	o->worker_closes = true;
	close_ask(o);
}

static void
gpadl_answer(struct offer *o, uint32_t type, uint32_t handle, uint32_t status)
{
	struct provider_gpadl m = {
		.head = { type, sizeof(m) },
		.offer = o->number,
		.handle = handle,
		.status = status,
	};

	provider_send(o->provider, &m);
}

static bool
pages_valid(const struct memory *memory, const uint64_t *pfns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (memory_page_offset(memory, pfns[i]) < 0)
			return false;
	return true;
}

void
offer_on_gpadl_add(struct offer *o, const struct provider_gpadl_add *m)
{
	struct gpadl_extent extent = { m->byte_count, m->byte_offset,
		m->page_count };
	bool ok;

	if (o->rescinding)
		return;
	ok = pages_valid(&o->provider->memory, m->pfns, m->page_count) &&
	    gpadl_put(&o->provider->gpadls, o->number, m->handle, &extent,
	    m->pfns) != NULL;
	gpadl_answer(o, PROVIDER_GPADL_ADDED, m->handle, ok ? 0 : ENOMEM);
}

void
offer_on_gpadl_remove(struct offer *o, uint32_t handle)
{
	struct gpadl *g = gpadl_find(&o->provider->gpadls, handle);

	if (o->rescinding)
		return;
	if (g == NULL || g->relid != o->number)
		gpadl_answer(o, PROVIDER_GPADL_REMOVED, handle, 0);
	else if (g->state != GPADL_REMOVING)
		gpadl_remove(o, g);
}

void
offer_gpadl_removed(struct offer *o, uint32_t handle)
{
	struct gpadl *g = gpadl_find(&o->provider->gpadls, handle);

	if (g == NULL || g->relid != o->number || g->state != GPADL_REMOVING)
		return;
	gpadl_free(&o->provider->gpadls, g);
	if (!o->rescinding)
		gpadl_answer(o, PROVIDER_GPADL_REMOVED, handle, 0);
	rescind_step(o);
}

const struct gpadl *
offer_gpadl(const struct offer *o, uint32_t handle)
{
	const struct gpadl *g = gpadl_find(&o->provider->gpadls, handle);

	return g != NULL && g->relid == o->number &&
	    g->state == GPADL_READY ? g : NULL;
}

struct channel *
offer_channel(const struct offer *o)
{
	return o->channel;
}
