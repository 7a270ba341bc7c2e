/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a server: messages of a guest, answers of providers, resets. */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "vmbus/server.h"
#include "vmbus/server_channel.h"

#define GUEST_PAGES	64u
#define VPS		2u
#define PROVIDERS	3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A provider that owes answers, and what it believes. */
struct provider {
	struct server_channel *channel;
	uint32_t added_due, removed_due;	/* handles, 0: none */
	bool open, opened_due, closed_due;
	int lists;
};

static uint8_t pages[GUEST_PAGES * MEMORY_PAGE];
static struct provider providers[PROVIDERS];
static struct server *server;
static bool late, busy;

static enum server_posted
post(void *ctx, uint32_t vp, uint8_t sint, const void *message, size_t len)
{
	uint32_t type;

	(void)ctx;
	assert(vp < VPS && sint < 16);
	assert(len >= 8 && len <= MESSAGE_BYTES_MAX);
	memcpy(&type, message, sizeof(type));
	assert(type >= MESSAGE_OFFER &&
	    type <= MESSAGE_MODIFY_CHANNEL_RESPONSE);
	return busy ? SERVER_BUSY : SERVER_POSTED;
}

static void
signal_guest(void *ctx, uint32_t vp, uint8_t sint, uint16_t relid)
{
	(void)ctx;
	assert(vp < VPS && sint < 16 && relid <= SERVER_RELID_MAX);
}

static void
contact(void *ctx, uint32_t version)
{
	(void)ctx;
	assert(version == server_version(server));
}

static void
quiet(void *ctx)
{
	(void)ctx;
	for (unsigned i = 0; i < PROVIDERS; i++)
		assert(!providers[i].open && providers[i].lists == 0);
}

static void
connect_request(void *ctx, const struct guid *endpoint,
    const struct guid *service)
{
	(void)ctx;
	server_refuse_connect(server, endpoint, service);
}

static const struct server_ops ops = { post, signal_guest, contact, quiet,
	connect_request };

static void
gpadl_add(void *ctx, const struct gpadl *g)
{
	struct provider *p = ctx;

	p->lists++;
	if (late && p->added_due == 0)
		p->added_due = g->handle;
	else
		server_gpadl_added(p->channel, g->handle, true);
}

static void
gpadl_remove(void *ctx, const struct gpadl *g)
{
	struct provider *p = ctx;

	assert(--p->lists >= 0);
	if (late && p->removed_due == 0)
		p->removed_due = g->handle;
	else
		server_gpadl_removed(p->channel, g->handle);
}

static void
open_channel(void *ctx, const struct server_open *o)
{
	struct provider *p = ctx;

	assert(!p->open && p->lists > 0 && o->downstream_page > 1);
	p->open = true;
	p->opened_due = late;
	if (!late)
		server_opened(p->channel, true);
}

static void
close_channel(void *ctx)
{
	struct provider *p = ctx;

	assert(p->open);
	p->closed_due = late;
	if (!late) {
		p->open = false;
		server_closed(p->channel);
	}
}

static void
signal_host(void *ctx)
{
	struct provider *p = ctx;

	assert(p->open);
	server_signal_guest(p->channel);
}

static void
released(void *ctx)
{
	memset(ctx, 0, sizeof(struct provider));
}

static const struct server_channel_ops channel_ops = { gpadl_add,
	gpadl_remove, open_channel, close_channel, signal_host, released };

static void
offer(uint8_t which)
{
	struct server_offer o = {
		.class_id.bytes = { 1 },
		.instance_id.bytes = { which / 2 },
		.sub_channel = which % 2,
	};

	if (providers[which].channel == NULL)
		providers[which].channel = server_offer(server, &o,
		    &channel_ops, &providers[which]);
}

static void
answer(struct provider *p)
{
	uint32_t added = p->added_due, removed = p->removed_due;

	if (p->channel == NULL)
		return;
	p->added_due = p->removed_due = 0;
	if (added != 0)
		server_gpadl_added(p->channel, added, true);
	if (removed != 0)
		server_gpadl_removed(p->channel, removed);
	if (p->opened_due) {
		p->opened_due = false;
		server_opened(p->channel, true);
	}
	if (p->closed_due) {
		p->closed_due = p->open = false;
		server_closed(p->channel);
	}
}

static void
rescind(uint8_t which)
{
	struct provider *p = &providers[which];
	struct server_channel *c = p->channel;

	if (c == NULL)
		return;
	/* The rule: whoever is rescinded has stopped, sub-channels, too. */
	for (unsigned i = which; i < PROVIDERS && i / 2 == which / 2u; i++) {
		c = providers[i].channel;
		memset(&providers[i], 0, sizeof(*p));
		providers[i].channel = c;
	}
	server_rescind(p->channel);
}

static void
step(uint8_t op)
{
	uint8_t which = op / 16 % PROVIDERS;

	switch (op % 16) {
	case 0:
		late = !late;
		break;
	case 1:
		busy = !busy;
		break;
	case 2:
		rescind(which);
		break;
	case 3:
		server_reset(server);
		break;
	case 4:
		server_signal_host(server, 0x2000u | op / 16u, 0);
		break;
	case 5:
	case 6:
		offer(which);
		break;
	case 7:
		server_deliverable(server, which % VPS, 2);
		break;
	default:
		answer(&providers[which]);
		break;
	}
}

/* The one server, as new: nobody is connected and nothing offered. */
static void
server_renew(void)
{
	static const struct memory_region region = { 0, sizeof(pages), 0 };
	static struct memory memory;

	late = busy = false;
	if (server == NULL) {
		assert(memory_set(&memory, pages, sizeof(pages), &region, 1));
		server = server_create(&ops, NULL, &memory, VPS);
		assert(server != NULL);
	}
	for (unsigned i = 0; i < PROVIDERS; i++)
		answer(&providers[i]);
	server_reset(server);
	assert(server_version(server) == 0);
	for (uint8_t i = 0; i < PROVIDERS; i++)
		rescind(i);
	assert(server_channel_next(server, NULL) == NULL);
}

/* A byte below 128 is a step; others say half of how long a message is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t now;

	server_renew();
	offer(0);
	while (size > 0) {
		uint8_t op = *data++;
		size_t len = op < 128 ? 0 : (op - 128) * 2u;

		size--;
		now += 100000;
		if (len > size)
			len = size;
		if (op < 128)
			step(op);
		else
			server_message(server, 1, data, len, now);
		data += len;
		size -= len;
	}
	return 0;
}
