/* SPDX-License-Identifier: Apache-2.0 */
/* The server's way to the guest, and the guest's way to the server. */
#include "worker/vmbus_host.h"

#include <errno.h>
#include <string.h>

#include <tlfs/synic.h>

#include "manager/clock.h"
#include "vmbus/message.h"
#include "worker/machine.h"

static void
host_lock(struct vmbus_host *h)
{
	pthread_mutex_lock(&h->lock);
}

/* What ops have put off until the server was done is done here. */
static void
host_unlock(struct vmbus_host *h)
{
	providers_settle(&h->providers);
	pthread_mutex_unlock(&h->lock);
}

/* Without this the guest would wait for ever for what is queued. */
static void
await_slot(struct vmbus_host *h, uint32_t vp, uint8_t sint)
{
	const struct machine *m = h->machine;
	struct err e;

	h->awaited[vp] |= (uint16_t)(1u << sint);
	if (m->backend->await_slots(&m->partition, vp, h->awaited[vp],
	    &e) < 0)
		machine_end(h->machine, MACHINE_FAILED, 0, "VMBus: %s",
		    e.text);
}

static enum server_posted
op_post(void *ctx, uint32_t vp, uint8_t sint, const void *message, size_t len)
{
	struct hv_message m = { .header = {
		.message_type = MESSAGE_HV_TYPE,
		.payload_size = (uint8_t)len,
	} };
	struct vmbus_host *h = ctx;
	const struct machine *machine = h->machine;

	memcpy(m.payload_bytes, message, len);
	if (machine->backend->post_message(&machine->partition, vp, sint,
	    &m) == BACKEND_DELIVERED)
		return SERVER_POSTED;
	await_slot(h, vp, sint);
	return SERVER_BUSY;
}

static void
op_signal(void *ctx, uint32_t vp, uint8_t sint, uint16_t relid)
{
	const struct vmbus_host *h = ctx;
	const struct machine *m = h->machine;

	m->backend->signal_event(&m->partition, vp, sint, relid);
}

static void
op_contact(void *ctx, uint32_t version)
{
	struct vmbus_host *h = ctx;

	/* Whatever an earlier guest had given up, this one has it. */
	balloon_forget(&h->machine->memory.balloon);
	providers_tell(&h->providers, PROVIDER_CONTACT, version);
}

static void
op_quiet(void *ctx)
{
	struct vmbus_host *h = ctx;

	balloon_forget(&h->machine->memory.balloon);
	providers_left(&h->providers);
	providers_tell(&h->providers, PROVIDER_UNLOAD, 0);
}

static void
op_connect_request(void *ctx, const struct guid *endpoint,
    const struct guid *service)
{
	struct vmbus_host *h = ctx;

	if (!providers_connect(&h->providers, endpoint, service))
		server_refuse_connect(h->server, endpoint, service);
}

static const struct server_ops ops = {
	.post = op_post,
	.signal = op_signal,
	.contact = op_contact,
	.quiet = op_quiet,
	.connect_request = op_connect_request,
};

/* With what may be added: the table is fixed, and files have holes. */
static bool
memory_describe(const struct guest_memory *g, struct memory *out)
{
	const struct memory_region regions[] = {
		{ .gpa = 0, .size = g->room.low, .offset = 0 },
		{ .gpa = MEMMAP_HOLE_END, .size = g->room.high,
		    .offset = g->room.low },
	};

	return memory_set(out, g->base, g->size, regions,
	    g->room.high != 0 ? 2 : 1);
}

int
vmbus_host_init(struct vmbus_host *h, struct machine *m, struct loop *l,
    struct err *e)
{
	memset(h, 0, sizeof(*h));
	h->machine = m;
	m->vmbus = h;
	pthread_mutex_init(&h->lock, NULL);
	if (!memory_describe(&m->memory, &h->memory))
		return err_set(e, EINVAL, "VMBus: odd guest memory");
	h->server = server_create(&ops, h, &h->memory, m->cpus);
	if (h->server == NULL)
		return err_set(e, ENOMEM, "VMBus: out of memory");
	return providers_init(&h->providers, h, l, e);
}

int
vmbus_host_open(struct vmbus_host *h, struct machine *m, struct loop *l,
    const char *run_dir, uint32_t uid_base, struct err *e)
{
	if (vmbus_host_init(h, m, l, e) < 0)
		return -1;
	return providers_listen(&h->providers, run_dir, uid_base, e);
}

static uint32_t
message_type(const struct guest_call *call)
{
	struct message_header head = { .type = 0 };

	if (call->len >= sizeof(head))
		memcpy(&head, call->message, sizeof(head));
	return head.type;
}

static enum hv_status
message_take(struct vmbus_host *h, const struct guest_call *call)
{
	bool leaving = server_leaving(h->server);
	enum hv_status status;

	status = server_message(h->server, call->connection_id, call->message,
	    call->len, clock_ns(CLOCK_MONOTONIC));
	/* Asking again and again makes the wait no longer. */
	if (!leaving && server_leaving(h->server))
		providers_leaving(&h->providers);
	if (message_type(call) == MESSAGE_MODIFY_CHANNEL)
		providers_retarget(&h->providers);
	return status;
}

enum hv_status
vmbus_host_call(struct vmbus_host *h, const struct guest_call *call)
{
	enum hv_status status;

	host_lock(h);
	if (call->kind == GUEST_CALL_SIGNAL)
		status = server_signal_host(h->server, call->connection_id,
		    call->flag);
	else
		status = message_take(h, call);
	host_unlock(h);
	return status;
}

void
vmbus_host_deliverable(struct vmbus_host *h, uint32_t vp, uint16_t sints)
{
	host_lock(h);
	h->awaited[vp] &= (uint16_t)~sints;
	for (uint8_t sint = 0; sint < HV_SINT_COUNT; sint++)
		if ((sints >> sint & 1) != 0)
			server_deliverable(h->server, vp, sint);
	host_unlock(h);
}

void
vmbus_host_event(struct vmbus_host *h, const struct loop_event *event)
{
	host_lock(h);
	providers_event(&h->providers, event);
	host_unlock(h);
}

void
vmbus_host_paused(struct vmbus_host *h, bool paused)
{
	host_lock(h);
	providers_tell(&h->providers, paused ? PROVIDER_PAUSED :
	    PROVIDER_RESUMED, 0);
	host_unlock(h);
}

unsigned
vmbus_host_channels(struct vmbus_host *h, uint32_t from,
    struct channel_state *out, unsigned most, bool *more)
{
	unsigned count;

	host_lock(h);
	count = providers_channels(&h->providers, from, out, most, more);
	host_unlock(h);
	return count;
}

void
vmbus_host_memory(struct vmbus_host *h, struct partition_stats *out)
{
	const struct guest_memory *g = &h->machine->memory;

	host_lock(h);
	out->memory = (balloon_present(&g->balloon) -
	    g->balloon.given_up_pages) * BALLOON_PAGE;
	host_unlock(h);
	out->has_resident = true;
	out->resident = guest_memory_resident(g);
}
