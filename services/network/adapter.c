/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter's life: queues, what waits for them, its link. */
#include "network/adapter.h"

#include <string.h>

#include "network/nvsp_wire.h"
#include "network/rndis_wire.h"

void
adapter_init(struct adapter *a, const struct adapter_config *config,
    const struct adapter_ops *ops, void *ctx, uint64_t now)
{
	memset(a, 0, sizeof(*a));
	a->config = *config;
	a->ops = ops;
	a->ctx = ctx;
	a->link_up = true;
	a->pool.free = POOL_NONE;
	bucket_init(&a->send_bucket, config->rate, now);
	bucket_init(&a->receive_bucket, config->rate, now);
}

void
adapter_destroy(struct adapter *a)
{
	pool_destroy(&a->pool);
}

void
adapter_set_coalesce(struct adapter *a, bool on)
{
	/* A small buffer might never have room for a long frame. */
	if (a->pool.count < 4 * SPARES_MAX)
		on = false;
	if (on == a->coalesce)
		return;
	a->coalesce = on;
	a->ops->port_offload(a->ctx, on);
}

static void
batch_forget(struct adapter_batch *b)
{
	b->count = 0;
	b->id = 0;
}

void
adapter_drop_receive_buffer(struct adapter *a)
{
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++) {
		batch_forget(&a->queues[i].batch);
		outbox_drop_ranges(&a->queues[i].outbox);
	}
	memset(&a->spares, 0, sizeof(a->spares));
	pool_destroy(&a->pool);
	a->receive_buffer = NULL;
	adapter_set_coalesce(a, false);
}

void
adapter_gpadl_removed(struct adapter *a, const struct gpadl *g)
{
	if (g == a->receive_buffer)
		adapter_drop_receive_buffer(a);
	if (g == a->send_buffer) {
		a->send_buffer = NULL;
		a->section_count = 0;
	}
}

void
adapter_opened(struct adapter *a, unsigned queue)
{
	struct adapter_queue *q = &a->queues[queue];

	q->open = true;
	q->outbox.count = 0;
	batch_forget(&q->batch);
}

/* The next driver starts from nothing. */
static void
protocol_reset(struct adapter *a)
{
	adapter_drop_receive_buffer(a);
	a->version = 0;
	a->capabilities = 0;
	a->initialized = false;
	a->filter = 0;
	memset(a->address, 0, sizeof(a->address));
	a->granted = 0;
	memset(&a->rss, 0, sizeof(a->rss));
	a->send_buffer = NULL;
	a->section_count = 0;
}

void
adapter_closed(struct adapter *a, unsigned queue)
{
	struct adapter_queue *q = &a->queues[queue];

	/* Parts of a batch that has an id count as sent. */
	q->open = false;
	q->outbox.count = 0;
	batch_forget(&q->batch);
	pool_drop_queue(&a->pool, queue);
	if (queue == 0)
		protocol_reset(a);
}

void
adapter_post(struct adapter *a, unsigned queue,
    const struct outbox_entry *entry)
{
	struct adapter_queue *q = &a->queues[queue];
	struct iovec iov;
	struct packet_out out = outbox_packet(entry, &iov);

	if (!q->open)
		return;
	if (q->outbox.count == 0 && a->ops->send(a->ctx, queue, &out))
		return;
	if (!outbox_push(&q->outbox, entry))
		q->stats.bad_messages++;
}

void
adapter_writable(struct adapter *a, unsigned queue)
{
	struct adapter_queue *q = &a->queues[queue];

	while (q->open && q->outbox.count > 0) {
		struct iovec iov;
		struct packet_out out =
		    outbox_packet(&q->outbox.entries[0], &iov);

		if (!a->ops->send(a->ctx, queue, &out))
			return;
		outbox_pop(&q->outbox);
	}
	adapter_tell_link(a);
}

uint64_t
adapter_packet_wait(struct adapter *a, unsigned queue, uint64_t now)
{
	/* What it causes must find room. */
	if (a->queues[queue].outbox.count > 0)
		return UINT64_MAX;
	return bucket_wait(&a->send_bucket, now);
}

bool
adapter_control(struct adapter *a, const void *message, size_t len)
{
	struct nvsp_message nvsp = {
		.type = NVSP_RNDIS,
		.rndis = { NVSP_CONTROL, NVSP_NO_SECTION, 0 },
	};
	struct outbox_entry entry;
	struct spare part;
	uint32_t index;

	if (a->receive_buffer == NULL || len > a->pool.size ||
	    a->queues[0].outbox.count == OUTBOX_ENTRIES)
		return false;
	index = pool_take(&a->pool);
	if (index == POOL_NONE)
		return false;
	if (!spare_find(&part, index, &a->pool, a->receive_buffer,
	    a->config.memory)) {
		pool_give(&a->pool, index);
		return false;
	}
	spare_write(&part, 0, message, len);
	entry = outbox_entry_make(PACKET_TRANSFER_PAGES,
	    pool_send(&a->pool, &index, 1, 0), &nvsp, sizeof(nvsp));
	entry.wants_completion = true;
	entry.has_range = true;
	entry.range.offset = index * a->pool.size;
	entry.range.length = (uint32_t)len;
	adapter_post(a, 0, &entry);
	return true;
}

void
adapter_tell_link(struct adapter *a)
{
	struct rndis_indicate m = {
		.head = { RNDIS_INDICATE, sizeof(m) },
		.status = a->link_up ? RNDIS_STATUS_CONNECT :
		    RNDIS_STATUS_DISCONNECT,
	};

	/* One place stays free for what a packet of the guest causes. */
	if (!a->initialized || a->link_told == a->link_up ||
	    a->queues[0].outbox.count > 0)
		return;
	if (adapter_control(a, &m, sizeof(m)))
		a->link_told = a->link_up;
}

void
adapter_set_link(struct adapter *a, bool up)
{
	a->link_up = up;
	adapter_tell_link(a);
}
