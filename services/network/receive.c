/* SPDX-License-Identifier: Apache-2.0 */
/* Handing frames to the guest: data is read into its buffer, once. */
#include "network/receive.h"

#include <string.h>

#include "network/adapter.h"
#include "network/nvsp_wire.h"
#include "network/offload.h"
#include "network/rndis_wire.h"

#define INFOS_MAX	4u	/* checksum, tag, hash, fragment */
#define DATA_AT		(sizeof(struct rndis_packet) + \
			INFOS_MAX * sizeof(struct rndis_info) + 4)
#define HEAD		128u	/* of a frame, kept to be looked at */
#define LONG_FRAME_MAX	(65535u + FRAME_HEADER + FRAME_TAG)
#define BUDGET		64u	/* frames in a call */
#define CALM_CALLS	8u	/* that take one frame and look for no other */
#define PARTS(bytes)	(((bytes) + RECEIVE_PART - DATA_AT - 1) / \
			(RECEIVE_PART - DATA_AT))
#define IOV_MAX_USED	(2 + SPARES_MAX * SPARE_PIECES_MAX)

/* A frame that was read; what is behind its head lies in the first spares. */
struct incoming {
	struct virtio_net_hdr header;
	uint8_t head[HEAD];
	size_t len;
	size_t head_len;
	struct frame frame;
	bool has_hash;
	uint32_t hash;
};

_Static_assert(DATA_AT + ADAPTER_MTU_MAX + FRAME_HEADER + FRAME_TAG <=
    RECEIVE_PART, "a part holds the longest frame that is not coalesced");
_Static_assert(SPARES_MAX * (RECEIVE_PART - DATA_AT) >= LONG_FRAME_MAX,
    "spares hold the longest frame");
_Static_assert(PARTS(OFFLOAD_ONE_PIECE) < PARTS(LONG_FRAME_MAX) &&
    HEAD + OFFLOAD_TAIL_MAX <= RECEIVE_PART - DATA_AT,
    "a part is left for the tail of the longest frame");

/* Frame bytes in a part. */
static size_t
part_capacity(const struct adapter *a)
{
	return a->pool.size - DATA_AT;
}

static unsigned
parts_wanted(const struct adapter *a)
{
	size_t capacity = part_capacity(a);

	return a->coalesce ?
	    (unsigned)((LONG_FRAME_MAX + capacity - 1) / capacity) : 1;
}

/* Send what was collected; false if a queue has no room. */
static bool
batch_flush(struct adapter *a, unsigned queue)
{
	struct adapter_batch *b = &a->queues[queue].batch;
	struct nvsp_message m = {
		.type = NVSP_RNDIS,
		.rndis = { NVSP_DATA, NVSP_NO_SECTION, 0 },
	};
	struct iovec payload = { &m, sizeof(m) };
	struct packet_out out = {
		.type = PACKET_TRANSFER_PAGES,
		.wants_completion = true,
		.payload = &payload,
		.payload_count = 1,
		.ranges = b->ranges,
		.range_count = b->count,
		.page_set = NVSP_PAGE_SET,
	};

	if (b->id == 0)
		b->id = pool_send(&a->pool, b->indexes, b->count, queue);
	out.transaction_id = b->id;
	if (a->queues[queue].outbox.count > 0 ||
	    !a->ops->send(a->ctx, queue, &out))
		return false;
	b->count = 0;
	b->id = 0;
	return true;
}

static bool
batches_flush(struct adapter *a)
{
	bool all = true;

	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (a->queues[i].batch.count > 0)
			all = batch_flush(a, i) && all;
	return all;
}

/* So that no batch is too full for the next frame. */
static bool
batches_ready(struct adapter *a)
{
	for (unsigned i = 0; i < ADAPTER_QUEUES_MAX; i++)
		if (a->queues[i].batch.count + SPARES_MAX >
		    ADAPTER_BATCH_MAX && !batch_flush(a, i))
			return false;
	return true;
}

/* Read a frame; 0: there is none. Without @parts only its head is kept. */
static size_t
frame_read(struct adapter *a, unsigned port_queue, unsigned parts,
    struct incoming *in)
{
	struct iovec iov[IOV_MAX_USED] = {
		{ &in->header, sizeof(in->header) },
		{ in->head, HEAD },
	};
	unsigned n = 2;
	size_t len;

	for (unsigned i = 0; i < parts; i++) {
		size_t skip = DATA_AT + (i == 0 ? HEAD : 0);

		n += spare_slice(spares_at(&a->spares, i), skip,
		    a->pool.size - skip, iov + n);
	}
	len = a->ops->port_receive(a->ctx, port_queue, iov, (int)n);
	if (len <= sizeof(in->header))
		return 0;
	in->len = len - sizeof(in->header);
	in->head_len = in->len < HEAD ? in->len : HEAD;
	return len;
}

static bool
is_wanted(const struct adapter *a, const uint8_t *to)
{
	static const uint8_t everyone[FRAME_MAC] =
	    { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if ((a->filter & RNDIS_FILTER_PROMISCUOUS) != 0)
		return true;
	if (memcmp(to, everyone, FRAME_MAC) == 0)
		return (a->filter & RNDIS_FILTER_BROADCAST) != 0;
	if ((to[0] & 1) != 0)
		return (a->filter & (RNDIS_FILTER_MULTICAST |
		    RNDIS_FILTER_ALL_MULTICAST)) != 0;
	return (a->filter & RNDIS_FILTER_DIRECTED) != 0 &&
	    memcmp(to, a->config.mac, FRAME_MAC) == 0;
}

/* One more value of per-packet information behind the others at @m. */
static void
info_add(struct rndis_packet *m, uint8_t *at, uint32_t type, uint32_t value)
{
	struct rndis_info info = {
		.size = sizeof(info),
		.type = type,
		.offset = sizeof(info) - sizeof(value),
		.value = value,
	};

	memcpy(at + m->info_length, &info, sizeof(info));
	m->info_offset = sizeof(*m) - sizeof(m->head);
	m->info_length += (uint32_t)sizeof(info);
}

/* RNDIS's header for part @n of @count, with @len bytes of data at @at. */
static void
header_write(struct adapter *a, const struct incoming *in, unsigned n,
    unsigned count, size_t at, size_t len)
{
	uint8_t bytes[DATA_AT];
	struct rndis_packet m = {
		.head = { RNDIS_PACKET, (uint32_t)(at + len) },
		.data_offset = (uint32_t)(at - sizeof(m.head)),
		.data_length = (uint32_t)len,
	};
	uint8_t *infos = bytes + sizeof(m);
	uint32_t checksum = offload_receive(&in->header, &in->frame);
	uint16_t tci = in->frame.tci;

	if (n == 0 && checksum != 0)
		info_add(&m, infos, RNDIS_INFO_CHECKSUM, checksum);
	if (n == 0 && in->frame.tagged)
		info_add(&m, infos, RNDIS_INFO_8021Q, tci >> 13 |
		    (tci >> 12 & 1u) << 3 | (tci & 0xfffu) << 4);
	if (n == 0 && in->has_hash)
		info_add(&m, infos, RNDIS_INFO_HASH, in->hash);
	if (count > 1)
		info_add(&m, infos, RNDIS_INFO_FRAGMENT, RNDIS_FRAGMENT_V1 |
		    RNDIS_FRAGMENT_PART | (n == 0 ? RNDIS_FRAGMENT_FIRST : 0) |
		    (n + 1 == count ? RNDIS_FRAGMENT_LAST : 0) |
		    (uint32_t)a->fragment_id << 16);
	memcpy(bytes, &m, sizeof(m));
	spare_write(spares_at(&a->spares, n), 0, bytes,
	    sizeof(m) + m.info_length);
}

/* The head goes before the rest; a tag travels beside the frame. */
static size_t
head_write(struct adapter *a, struct incoming *in)
{
	size_t cut = 0;

	if (in->frame.tagged) {
		cut = FRAME_TAG;
		memmove(in->head + cut, in->head, 2 * FRAME_MAC);
	}
	spare_write(spares_at(&a->spares, 0), DATA_AT + cut, in->head + cut,
	    in->head_len - cut);
	return cut;
}

static void
frame_deliver(struct adapter *a, unsigned queue, struct incoming *in)
{
	struct adapter_queue *q = &a->queues[queue];
	struct adapter_batch *b = &q->batch;
	size_t capacity = part_capacity(a), left = in->len;
	unsigned count = (unsigned)((in->len + capacity - 1) / capacity);
	size_t cut = head_write(a, in);

	for (unsigned i = 0; i < count; i++) {
		size_t len = left < capacity ? left : capacity;
		size_t skip = i == 0 ? cut : 0;
		uint32_t index = spares_at(&a->spares, i)->index;

		header_write(a, in, i, count, DATA_AT + skip, len - skip);
		b->indexes[b->count] = index;
		b->ranges[b->count].offset = index * a->pool.size;
		b->ranges[b->count++].length = (uint32_t)(DATA_AT + len);
		left -= len;
	}
	spares_use(&a->spares, count);
	a->fragment_id++;
	q->stats.received_packets++;
	q->stats.received_bytes += in->len;
}

/* Copy the last @len bytes of a frame. */
static void
tail_read(const struct adapter *a, const struct incoming *in, uint8_t *to,
    size_t len)
{
	size_t capacity = part_capacity(a), at = in->len - len;

	while (len > 0) {
		size_t skip = at % capacity, bytes = capacity - skip;

		if (bytes > len)
			bytes = len;
		spare_read(spares_at(&a->spares, (unsigned)(at / capacity)),
		    DATA_AT + skip, to, bytes);
		to += bytes;
		at += bytes;
		len -= bytes;
	}
}

/* Deliver a frame in two: the last @tail bytes with headers of their own. */
static void
frame_divide(struct adapter *a, unsigned queue, struct incoming *in,
    size_t tail)
{
	size_t at = offload_data_at(&in->frame, in->head);
	uint8_t bytes[HEAD + OFFLOAD_TAIL_MAX];
	struct incoming rest = *in;

	memcpy(bytes, in->head, at);
	tail_read(a, in, bytes + at, tail);
	in->len -= tail;
	rest.len = at + tail;
	offload_split(&in->frame, in->head, in->len, bytes, rest.len);
	rest.head_len = rest.len < HEAD ? rest.len : HEAD;
	memcpy(rest.head, bytes, rest.head_len);
	frame_deliver(a, queue, in);
	if (rest.len > HEAD)
		spare_write(spares_at(&a->spares, 0), DATA_AT + HEAD,
		    bytes + HEAD, rest.len - HEAD);
	frame_deliver(a, queue, &rest);
}

/* Which queue is to have it; the hash tells, if the guest set one up. */
static unsigned
queue_choose(const struct adapter *a, struct incoming *in)
{
	unsigned queue = 0;

	in->has_hash = rss_hash(&a->rss, in->head, in->head_len, &in->frame,
	    &in->hash);
	if (in->has_hash)
		queue = rss_queue(&a->rss, in->hash);
	return a->queues[queue].open ? queue : 0;
}

/*
 * The port may still hold frames from before its offloads were switched off,
 * which the guest then does not expect.
 */
static bool
is_finished(const struct adapter *a, const struct incoming *in,
    unsigned parts)
{
	if (in->len > parts * part_capacity(a))
		return false;
	return a->coalesce ||
	    (in->header.gso_type == VIRTIO_NET_HDR_GSO_NONE &&
		(in->header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0);
}

static bool
is_listening(const struct adapter *a)
{
	return a->receive_buffer != NULL && a->initialized &&
	    a->filter != 0 && a->link_up;
}

static void
frame_handle(struct adapter *a, struct incoming *in, unsigned parts)
{
	struct adapter_stats *stats = &a->queues[0].stats;
	unsigned queue;
	size_t tail;

	if (in->len < FRAME_HEADER || parts == 0 || !is_wanted(a, in->head)) {
		stats->received_filtered++;
		return;
	}
	if (!is_finished(a, in, parts)) {
		stats->received_dropped++;
		return;
	}
	frame_parse(in->head, in->head_len, &in->frame);
	address_received(in->head, in->head_len, &in->frame, a->config.mac,
	    a->config.server, a->address);
	bucket_take(&a->receive_bucket, in->len);
	queue = queue_choose(a, in);
	tail = offload_tail(&in->header, &in->frame, in->head, in->head_len,
	    in->len);
	if (tail > 0)
		frame_divide(a, queue, in, tail);
	else
		frame_deliver(a, queue, in);
}

/*
 * Looking for a frame costs as much as taking one. Where one came alone, the
 * next are taken as if they did: the port says if there are more.
 */
static enum adapter_progress
frames_receive(struct adapter *a, unsigned port_queue, uint64_t now,
    uint64_t *wait)
{
	unsigned *calm = &a->queues[port_queue].calm;

	for (unsigned i = 0; i < BUDGET; i++) {
		struct incoming in;
		unsigned parts = is_listening(a) ? parts_wanted(a) : 0;

		*wait = bucket_wait(&a->receive_bucket, now);
		if (*wait > 0)
			return ADAPTER_LATER;
		if (parts > 0 && (!batches_ready(a) ||
		    !spares_fill(&a->spares, parts, &a->pool,
			a->receive_buffer, a->config.memory)))
			return ADAPTER_STALLED;
		if (frame_read(a, port_queue, parts, &in) == 0) {
			*calm = i == 1 ? CALM_CALLS : 0;
			return ADAPTER_EMPTY;
		}
		frame_handle(a, &in, parts);
		if (*calm > 0) {
			--*calm;
			return ADAPTER_MORE;
		}
	}
	return ADAPTER_MORE;
}

enum adapter_progress
adapter_receive(struct adapter *a, unsigned port_queue, uint64_t now,
    uint64_t *wait)
{
	enum adapter_progress progress;

	*wait = 0;
	if (!batches_flush(a))
		return ADAPTER_STALLED;
	progress = frames_receive(a, port_queue, now, wait);
	if (!batches_flush(a))
		return ADAPTER_STALLED;
	return progress;
}
