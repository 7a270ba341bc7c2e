/* SPDX-License-Identifier: Apache-2.0 */
/* What the server asks of a channel's provider, and the answers. */
#include "worker/provider_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlfs/synic.h>

#include "vmbus/farewell.h"
#include "vmbus/journal.h"
#include "vmbus/ring.h"
#include "worker/lasting.h"
#include "worker/machine.h"
#include "worker/sealed_file.h"
#include "worker/vmbus_host.h"

/*
 * Where it can be had, a bell goes directly from guest to provider, or back.
 * Where not, the guest's processor stops and op_signal() passes it on, or our
 * loop is told and provider_channel_rung() does.
 */
static int
kick_connect(const struct provider_channel *c, bool on)
{
	const struct machine *m = c->providers->host->machine;
	struct err ignored;

	return m->backend->doorbell(&m->partition,
	    SERVER_CONNECTION_ID(c->relid), c->kick_fd, on, &ignored);
}

/*
 * The bell of a raw channel goes on to a program that is not ours. It could
 * have each write of ours to an eventfd wait, but not what is sent to a socket
 * whose other end it has.
 */
static int
kick_begin(struct provider_channel *c)
{
	int ends[2];

	c->lent = c->session != NULL && c->session->kind == PROVIDER_RAW;
	if (kick_connect(c, true) == 0 || !c->lent)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, ends) < 0)
		return -1;
	close(c->kick_fd);
	c->kick_fd = ends[0];
	c->ring_fd = ends[1];
	return 0;
}

static int
call_connect(struct provider_channel *c)
{
	struct machine *m = c->providers->host->machine;
	struct server_channel_info info;
	struct err ignored;

	server_channel_get(c->channel, &info);
	c->target_vp = info.target_vp;
	if (info.sint != HV_SINT_VMBUS || info.target_vp >= m->cpus)
		return -1;
	return m->backend->event_connect(&m->partition, c->relid,
	    info.target_vp, c->call_fd, &ignored);
}

/* Have the loop hear the provider's bell. */
static int
call_listen(struct provider_channel *c)
{
	struct providers *p = c->providers;
	struct err ignored;

	for (c->bell = 0; c->bell < SERVER_RELID_MAX; c->bell++) {
		if (p->bells[c->bell] != NULL)
			continue;
		if (loop_add_edge(p->loop, c->call_fd, LOOP_VMBUS_BELL,
		    c->bell, &ignored) < 0)
			return -1;
		p->bells[c->bell] = c;
		return 0;
	}
	return -1;
}

static void
call_end(struct provider_channel *c)
{
	struct providers *p = c->providers;
	struct machine *m = p->host->machine;

	if (c->direct) {
		m->backend->event_disconnect(&m->partition, c->relid,
		    c->call_fd);
		c->direct = false;
	} else {
		/* The provider has it, too: to close it is not enough. */
		loop_remove(p->loop, c->call_fd);
		p->bells[c->bell] = NULL;
	}
}

static void
journal_remove(struct provider_channel *c)
{
	if (c->journal_fd >= 0)
		close(c->journal_fd);
	c->journal_fd = -1;
}

/* A new one, of zeros, each time: an old one may still be mapped. */
static int
journal_make(struct provider_channel *c)
{
	struct err ignored;

	journal_remove(c);
	if (c->journal_bytes == 0)
		return 0;
	c->journal_fd = sealed_file_create("journal", c->journal_bytes,
	    &ignored);
	return c->journal_fd < 0 ? -1 : 0;
}

static void
bells_remove(struct provider_channel *c)
{
	if (c->call_fd < 0)
		return;
	kick_connect(c, false);
	call_end(c);
	close(c->call_fd);
	close(c->kick_fd);
	if (c->ring_fd >= 0)
		close(c->ring_fd);
	c->call_fd = c->kick_fd = c->ring_fd = -1;
	journal_remove(c);
	c->open = c->rang = false;
}

static int
bells_make(struct provider_channel *c)
{
	struct server_channel_info info;

	if (journal_make(c) < 0)
		return -1;
	server_channel_get(c->channel, &info);
	c->relid = info.relid;
	c->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->kick_fd >= 0 && c->call_fd >= 0) {
		c->direct = call_connect(c) == 0;
		if (c->direct || call_listen(c) == 0) {
			if (kick_begin(c) == 0)
				return 0;
			call_end(c);
		}
	}
	if (c->kick_fd >= 0)
		close(c->kick_fd);
	if (c->call_fd >= 0)
		close(c->call_fd);
	c->kick_fd = c->call_fd = -1;
	journal_remove(c);
	return -1;
}

void
provider_channels_retarget(struct provider_channel *list)
{
	struct provider_channel *c;

	for (c = list; c != NULL; c = c->next) {
		struct server_channel_info info;

		if (!c->direct)
			continue;
		server_channel_get(c->channel, &info);
		if (info.target_vp == c->target_vp || call_connect(c) == 0)
			continue;
		/* What cannot be moved passes through the loop from now on. */
		call_end(c);
		if (call_listen(c) < 0 && c->session != NULL)
			session_end(c->session, "its bell cannot be moved");
	}
}

static void
ask(struct provider_channel *c, const void *message)
{
	c->questions++;
	session_send(c->session, message, NULL, 0);
}

void
provider_channel_tell_gpadl(struct provider_channel *c, const struct gpadl *g)
{
	/* One at a time, under the host's lock. */
	static union {
		struct provider_gpadl_add head;
		uint8_t bytes[PROVIDER_MESSAGE_MAX];
	} m;
	size_t pages = g->page_count * sizeof(g->pfns[0]);

	m.head = (struct provider_gpadl_add){
		.head = {
			.type = PROVIDER_GPADL_ADD,
			.size = (uint32_t)(sizeof(m.head) + pages),
		},
		.offer = c->number,
		.handle = g->handle,
		.byte_count = g->byte_count,
		.byte_offset = g->byte_offset,
		.page_count = g->page_count,
	};
	memcpy(m.head.pfns, g->pfns, pages);
	ask(c, &m);
}

/*
 * Without a session the channel is kept for a provider to come: nobody uses
 * what is there, and who comes is told all anew.
 */
static void
op_gpadl_add(void *ctx, const struct gpadl *g)
{
	struct provider_channel *c = ctx;

	if (c->session != NULL)
		provider_channel_tell_gpadl(c, g);
}

static void
op_gpadl_remove(void *ctx, const struct gpadl *g)
{
	struct provider_channel *c = ctx;
	struct provider_gpadl m = {
		.head = {
			.type = PROVIDER_GPADL_REMOVE,
			.size = sizeof(m),
		},
		.offer = c->number,
		.handle = g->handle,
	};

	if (c->session != NULL)
		ask(c, &m);
	else
		provider_channel_gpadl_removed(c, g->handle);
}

static void
tell_open(struct provider_channel *c, enum provider_message type)
{
	const struct server_open *open = &c->opened_as;
	const int fds[] = { c->kick_fd, c->call_fd, c->journal_fd };
	struct server_channel_info info;
	struct provider_open m = {
		.head = { .type = type, .size = sizeof(m) },
		.offer = c->number,
		.ring_gpadl = open->ring_gpadl,
		.downstream_page = open->downstream_page,
	};

	server_channel_get(c->channel, &info);
	m.target_vp = info.target_vp;
	memcpy(m.user_data, open->user_data, sizeof(m.user_data));
	c->questions++;
	session_send(c->session, &m, fds, type == PROVIDER_OPEN ? 2 : 3);
}

static void
op_open(void *ctx, const struct server_open *open)
{
	struct provider_channel *c = ctx;

	c->opened_as = *open;
	if (bells_make(c) < 0)
		server_opened(c->channel, false);
	else if (c->session != NULL)
		tell_open(c, c->journal_bytes != 0 ? PROVIDER_OPEN_LASTING :
		    PROVIDER_OPEN);
}

void
provider_channel_reopen(struct provider_channel *c)
{
	if (journal_make(c) < 0) {
		bells_remove(c);
		server_opened(c->channel, false);
		return;
	}
	tell_open(c, PROVIDER_OPEN_LASTING);
}

void
provider_channel_resume(struct provider_channel *c)
{
	c->resuming = true;
	tell_open(c, PROVIDER_RESUME);
}

static void
op_close(void *ctx)
{
	struct provider_channel *c = ctx;
	struct provider_short m = {
		.head = { .type = PROVIDER_CLOSE, .size = sizeof(m) },
		.offer = c->number,
	};

	if (c->session != NULL) {
		ask(c, &m);
		return;
	}
	c->providers->unsettled = true;
	provider_channel_closed(c);
}

static void
op_signal(void *ctx)
{
	static const uint64_t one = 1;
	const struct provider_channel *c = ctx;

	/* It cannot overflow: then the provider has been told anyway. */
	if (c->ring_fd >= 0 && send(c->ring_fd, &one, sizeof(one),
	    MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	if (!c->lent && c->kick_fd >= 0 &&
	    write(c->kick_fd, &one, sizeof(one)) < 0)
		return;
}

void
provider_channel_unlink(struct provider_channel *c)
{
	struct providers *p = c->providers;
	struct provider_channel **link = c->rescinded ? &p->orphans : &p->kept;

	if (c->session != NULL)
		link = &c->session->channels;
	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
}

static void
channel_free(struct provider_channel *c)
{
	bells_remove(c);
	provider_channel_unlink(c);
	if (c->session != NULL)
		session_send_short(c->session, PROVIDER_RELEASED, c->number,
		    0);
	free(c);
}

static void
op_released(void *ctx)
{
	struct provider_channel *c = ctx;

	/* Its instance is free for one that waits for it. */
	c->providers->unsettled = true;
	channel_free(c);
}

static const struct server_channel_ops ops = {
	.gpadl_add = op_gpadl_add,
	.gpadl_remove = op_gpadl_remove,
	.open = op_open,
	.close = op_close,
	.signal = op_signal,
	.released = op_released,
};

/* Is there a rescinded channel of the instance, which the guest will free? */
static bool
instance_will_be_free(const struct server *s, const struct server_offer *o)
{
	struct server_channel *other = NULL;

	while ((other = server_channel_next(s, other)) != NULL) {
		struct server_channel_info info;

		server_channel_get(other, &info);
		if (info.state == SERVER_CHANNEL_RESCINDED &&
		    info.offer->sub_channel == o->sub_channel &&
		    guid_compare(&info.offer->instance_id,
			&o->instance_id) == 0)
			return true;
	}
	return false;
}

static void
offer_try(struct provider_channel *c)
{
	struct server *s = c->providers->host->server;
	struct session *session = c->session;

	c->channel = server_offer(s, &c->offer, &ops, c);
	if (c->channel != NULL) {
		session_send_short(session, PROVIDER_OFFERED, c->number, 0);
	} else if (!instance_will_be_free(s, &c->offer)) {
		session_send_short(session, PROVIDER_OFFERED, c->number,
		    EEXIST);
		provider_channel_unlink(c);
		free(c);
	}
}

void
provider_channel_offer(struct session *s, const struct provider_offer *m)
{
	struct provider_channel *c;

	if (m->journal_bytes > JOURNAL_BYTES_MAX) {
		session_send_short(s, PROVIDER_OFFERED, m->offer, EINVAL);
		return;
	}
	if (lasting_take_over(s, m))
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		session_send_short(s, PROVIDER_OFFERED, m->offer, ENOMEM);
		return;
	}
	c->providers = s->providers;
	c->session = s;
	c->number = m->offer;
	c->journal_bytes = m->journal_bytes;
	c->kick_fd = c->call_fd = c->ring_fd = c->journal_fd = -1;
	c->offer = (struct server_offer){
		.class_id = m->class_id,
		.instance_id = m->instance_id,
		.flags = m->flags,
		.mmio_mib = m->mmio_mib,
		.sub_channel = m->sub_channel,
	};
	memcpy(c->offer.user_data, m->user_data, sizeof(c->offer.user_data));
	c->next = s->channels;
	s->channels = c;
	offer_try(c);
}

void
provider_channels_retry(struct session *s)
{
	struct provider_channel *c, *next;

	for (c = s->channels; c != NULL; c = next) {
		next = c->next;
		if (c->channel == NULL)
			offer_try(c);
	}
}

struct provider_channel *
provider_channel_find(const struct session *s, uint32_t number)
{
	struct provider_channel *c;

	for (c = s->channels; c != NULL; c = c->next)
		if (c->number == number && !c->rescinded)
			return c;
	return NULL;
}

void
provider_channel_rescind(struct provider_channel *c)
{
	bells_remove(c);
	/* One that was kept has nobody to hear of it. */
	if (c->session == NULL && !c->rescinded) {
		provider_channel_unlink(c);
		c->next = c->providers->orphans;
		c->providers->orphans = c;
	}
	c->rescinded = true;
	if (c->channel != NULL)
		server_rescind(c->channel);
	else
		channel_free(c);
}

/*
 * What Linux's driver of network adapters is told of each frame that it sent:
 * that it is done with. It waits for it before it lets go of its device, and
 * does so for ever. NVSP message 108, success.
 */
static const struct guid network_class = GUID(0xf8615163, 0xdf3e, 0x46c5, 0x91,
    0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e);
static const uint32_t network_farewell[] = { 108, 1 };

static void
farewell(struct provider_channel *c)
{
	const struct gpadl *pages;
	uint32_t downstream;

	if (c->channel == NULL ||
	    guid_compare(&c->offer.class_id, &network_class) != 0)
		return;
	pages = server_channel_pages(c->channel, &downstream);
	if (pages != NULL && farewell_say(&c->providers->host->memory, pages,
	    downstream, network_farewell, sizeof(network_farewell)))
		server_signal_guest(c->channel);
}

struct provider_channel *
provider_channel_first_to_go(struct provider_channel *list, time_t now)
{
	struct provider_channel *c, *last = NULL;

	for (c = list; c != NULL; c = c->next) {
		if (c->rescinded || c->kept_until > now)
			continue;
		last = c;
		if (c->offer.sub_channel != 0)
			break;
	}
	return last;
}

void
provider_channels_abandon(struct session *s)
{
	struct providers *p = s->providers;
	struct provider_channel *c;

	while ((c = provider_channel_first_to_go(s->channels, 0)) != NULL) {
		farewell(c);
		provider_channel_rescind(c);
	}
	while ((c = s->channels) != NULL) {
		s->channels = c->next;
		c->session = NULL;
		c->next = p->orphans;
		p->orphans = c;
	}
}

static void
answered(struct provider_channel *c)
{
	if (c->questions > 0)
		c->questions--;
}

void
provider_channel_gpadl_added(struct provider_channel *c, uint32_t handle,
    bool ok)
{
	answered(c);
	if (c->channel != NULL)
		server_gpadl_added(c->channel, handle, ok);
}

void
provider_channel_gpadl_removed(struct provider_channel *c, uint32_t handle)
{
	answered(c);
	if (c->channel != NULL)
		server_gpadl_removed(c->channel, handle);
}

void
provider_channel_opened(struct provider_channel *c, bool ok)
{
	answered(c);
	if (c->channel == NULL)
		return;
	if (c->resuming) {
		c->resuming = false;
		if (!ok)
			provider_channel_rescind(c);
		return;
	}
	c->open = ok;
	if (!ok)
		bells_remove(c);
	server_opened(c->channel, ok);
	/* The provider may have rung before we heard that it is open. */
	if (c->open && c->rang)
		server_signal_guest(c->channel);
	c->rang = false;
}

void
provider_channel_closed(struct provider_channel *c)
{
	answered(c);
	bells_remove(c);
	if (c->channel != NULL)
		server_closed(c->channel);
}

void
provider_channel_rung(struct providers *p, unsigned index)
{
	struct provider_channel *c = p->bells[index];

	/* One that has been closed meanwhile, or was opened anew. */
	if (c == NULL)
		return;
	if (c->open)
		server_signal_guest(c->channel);
	else
		c->rang = true;
}

bool
provider_channels_owe(const struct session *s)
{
	const struct provider_channel *c;

	for (c = s->channels; c != NULL; c = c->next)
		if (c->questions > 0 && !c->rescinded)
			return true;
	return false;
}

/* Both rings are the guest's: it may say anything of what is in them. */
static void
ring_look(const struct memory *memory, const struct server_ring *ring,
    struct channel_flow *out)
{
	const void *header = memory_at(memory,
	    ring->header_pfn << MEMORY_PAGE_SHIFT, MEMORY_PAGE);
	uint32_t fill;

	out->size = ring->size;
	out->broken = header == NULL ||
	    !ring_fill(header, ring->size, &fill);
	if (!out->broken)
		out->fill = fill;
}

/* What the provider has not said is 0. */
static void
figures_look(const struct provider_channel *c, struct channel_state *out)
{
	struct provider_figures f;

	if (pread(c->session->figures_fd, &f, sizeof(f),
	    (off_t)provider_figures_offset(c->session->kind, c->number)) !=
	    (ssize_t)sizeof(f))
		return;
	out->from_guest.packets = f.packets_in;
	out->from_guest.bytes = f.bytes_in;
	out->from_guest.signals = f.signals_in;
	out->to_guest.packets = f.packets_out;
	out->to_guest.bytes = f.bytes_out;
	out->to_guest.signals = f.signals_out;
	out->full = f.full;
}

bool
provider_channel_look(const struct provider_channel *c,
    struct channel_state *out)
{
	const struct memory *memory = &c->providers->host->memory;
	struct server_channel_info info;
	struct server_ring in, to;

	if (!server_channel_rings(c->channel, &in, &to))
		return false;
	server_channel_get(c->channel, &info);
	*out = (struct channel_state){
		.relid = info.relid,
		.sub_channel = c->offer.sub_channel,
		.vp = info.target_vp,
		.has_vp = info.target_vp < c->providers->host->machine->cpus,
	};
	guid_format(&c->offer.class_id, out->class_id);
	guid_format(&c->offer.instance_id, out->instance_id);
	ring_look(memory, &in, &out->from_guest);
	ring_look(memory, &to, &out->to_guest);
	figures_look(c, out);
	return true;
}
