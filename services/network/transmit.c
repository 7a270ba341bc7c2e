/* SPDX-License-Identifier: Apache-2.0 */
/* Sending what the guest sends: headers are copied once, data never. */
#include "network/transmit.h"

#include <string.h>

#include "network/offload.h"
#include "network/rndis_wire.h"

#define TAG_TYPE	0x8100u
#define ADDRESSES	(2 * FRAME_MAC)
#define LONG_FRAME_MAX	(65535u + FRAME_HEADER)

/* What is put before a frame: the port's header, and a tag behind it. */
#define BEFORE	(sizeof(struct virtio_net_hdr) + FRAME_TAG)

/* One frame on its way: its head is copied to bytes + BEFORE. */
struct outgoing {
	struct virtio_net_hdr header;
	uint8_t bytes[BEFORE + FRAME_HEAD_MAX];
	size_t head_len;
	size_t len;
	struct iovec iov[1 + TRANSMIT_PIECES_MAX];
};

/* False: the list of per-packet information is broken. */
static bool
info_parse(const uint8_t *bytes, size_t len, struct packet_info *info)
{
	while (len > 0) {
		struct rndis_info i;

		if (len < sizeof(i))
			return false;
		memcpy(&i, bytes, sizeof(i));
		if (i.size < sizeof(i) || i.size > len ||
		    i.offset > i.size - sizeof(i.value))
			return false;
		memcpy(&i.value, bytes + i.offset, sizeof(i.value));
		if (i.type == RNDIS_INFO_CHECKSUM) {
			info->has_checksum = true;
			info->checksum = i.value;
		} else if (i.type == RNDIS_INFO_LSO) {
			info->has_lso = true;
			info->lso = i.value;
		} else if (i.type == RNDIS_INFO_8021Q) {
			info->has_tag = true;
			info->tag = i.value;
		}
		bytes += i.size;
		len -= i.size;
	}
	return true;
}

/*
 * Read the header of a packet message and what follows it up to the frame.
 * @tail is what lies behind the frame.
 */
static bool
header_read(struct stream *s, struct rndis_packet *m,
    struct packet_info *info, uint64_t *tail)
{
	uint8_t bytes[TRANSMIT_HEADER_MAX];
	size_t at, base = sizeof(m->head);

	if (!stream_read(s, bytes, sizeof(*m)))
		return false;
	memcpy(m, bytes, sizeof(*m));
	if (m->head.type != RNDIS_PACKET ||
	    m->data_offset > sizeof(bytes) - base ||
	    m->data_offset < sizeof(*m) - base ||
	    m->head.length > s->left + sizeof(*m))
		return false;
	at = m->data_offset + base;
	if (m->head.length < at || m->data_length > m->head.length - at ||
	    !stream_read(s, bytes + sizeof(*m), at - sizeof(*m)))
		return false;
	*tail = m->head.length - at - m->data_length;
	memset(info, 0, sizeof(*info));
	if (m->info_length == 0)
		return true;
	if (m->info_offset < sizeof(*m) - base ||
	    m->info_offset > m->data_offset ||
	    m->info_length > m->data_offset - m->info_offset)
		return false;
	return info_parse(bytes + base + m->info_offset, m->info_length, info);
}

/* Put @tag between addresses and type. Returns where the frame begins then. */
static uint8_t *
tag_insert(struct outgoing *o, uint32_t tag)
{
	uint8_t *start = o->bytes + BEFORE - FRAME_TAG;

	memmove(start, start + FRAME_TAG, ADDRESSES);
	frame_put16(start + ADDRESSES, TAG_TYPE);
	frame_put16(start + ADDRESSES + 2, (uint16_t)((tag & 7) << 13 |
	    (tag >> 3 & 1) << 12 | (tag >> 4 & 0xfff)));
	o->head_len += FRAME_TAG;
	if ((o->header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
		o->header.csum_start = (uint16_t)
		    (o->header.csum_start + FRAME_TAG);
	if (o->header.gso_type != VIRTIO_NET_HDR_GSO_NONE)
		o->header.hdr_len = (uint16_t)(o->header.hdr_len + FRAME_TAG);
	return start;
}

static void
frame_send(struct adapter *a, unsigned queue, struct outgoing *o,
    const struct packet_info *info, int pieces)
{
	struct adapter_stats *stats = &a->queues[queue].stats;
	uint8_t *head = o->bytes + BEFORE, *start = head;

	if (!a->config.spoofing &&
	    (memcmp(head + FRAME_MAC, a->config.mac, FRAME_MAC) != 0 ||
		address_feigned(head, o->head_len, a->config.mac))) {
		stats->sent_spoofed++;
		return;
	}
	address_sent(head, o->head_len, a->config.mac, a->address);
	if (!offload_send(head, o->head_len, o->len, info, &o->header)) {
		stats->sent_malformed++;
		return;
	}
	if (info->has_tag)
		start = tag_insert(o, info->tag);
	start -= sizeof(o->header);
	memcpy(start, &o->header, sizeof(o->header));
	o->iov[0] = (struct iovec){ start, sizeof(o->header) + o->head_len };
	bucket_take(&a->send_bucket, o->len);
	if (!a->link_up ||
	    !a->ops->port_send(a->ctx, queue, o->iov, pieces + 1)) {
		stats->sent_refused++;
		return;
	}
	stats->sent_packets++;
	stats->sent_bytes += o->len;
}

/* The largest frame that may be: longer only if it is to be cut up. */
static size_t
length_max(const struct adapter *a, const struct packet_info *info)
{
	if (info->has_lso && RNDIS_LSO_MSS(info->lso) != 0)
		return LONG_FRAME_MAX;
	return a->config.mtu + FRAME_HEADER + FRAME_TAG;
}

static bool
message_send(struct adapter *a, unsigned queue, struct stream *s)
{
	struct packet_info info;
	struct rndis_packet m;
	struct outgoing o;
	uint64_t tail;
	int pieces;

	if (!header_read(s, &m, &info, &tail))
		return false;
	o.len = m.data_length;
	o.head_len = o.len < FRAME_HEAD_MAX ? o.len : FRAME_HEAD_MAX;
	if (!stream_read(s, o.bytes + BEFORE, o.head_len))
		return false;
	pieces = stream_take(s, o.len - o.head_len, o.iov + 1,
	    TRANSMIT_PIECES_MAX);
	if (pieces < 0 || !stream_skip(s, tail))
		return false;
	if (o.len < FRAME_HEADER || o.len > length_max(a, &info))
		a->queues[queue].stats.sent_malformed++;
	else
		frame_send(a, queue, &o, &info, pieces);
	return true;
}

bool
transmit_frames(struct adapter *a, unsigned queue, struct stream *s)
{
	bool fine = s->left > 0;

	while (fine && s->left > 0)
		fine = message_send(a, queue, s);
	if (!fine)
		a->queues[queue].stats.sent_malformed++;
	return fine;
}
