/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the guest: sent, received, made up. */
#include "guest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t
guest_message(uint8_t *out, const uint8_t *frame, size_t len,
    const struct rndis_info *infos, unsigned count)
{
	size_t size = count * sizeof(infos[0]);
	struct rndis_packet m = {
		.head = { RNDIS_PACKET, (uint32_t)(sizeof(m) + size + len) },
		.data_offset = (uint32_t)(sizeof(m) - sizeof(m.head) + size),
		.data_length = (uint32_t)len,
		.info_offset = sizeof(m) - sizeof(m.head),
		.info_length = (uint32_t)size,
	};

	memcpy(out, &m, sizeof(m));
	if (size > 0)
		memcpy(out + sizeof(m), infos, size);
	memcpy(out + sizeof(m) + size, frame, len);
	return m.head.length;
}

/* Lay @bytes in the guest's data pages, beginning near the end of one. */
static size_t
ranges_fill(struct guest *g, const uint8_t *bytes, size_t len,
    struct iovec *iov)
{
	size_t offset = MEMORY_PAGE - 100, n = 0;

	for (uint64_t pfn = g->data_pfn; len > 0; pfn++) {
		size_t part = MEMORY_PAGE - offset;

		if (part > len)
			part = len;
		assert(n < GUEST_DATA_PAGES);
		iov[n].iov_base = memory_at(&g->memory,
		    (pfn << MEMORY_PAGE_SHIFT) + offset, part);
		iov[n].iov_len = part;
		memcpy(iov[n++].iov_base, bytes, part);
		bytes += part;
		len -= part;
		offset = 0;
	}
	return n;
}

enum nvsp_status
guest_send(struct guest *g, unsigned queue, const uint8_t *bytes, size_t len,
    uint32_t section, size_t in_section)
{
	struct nvsp_message m = {
		.type = NVSP_RNDIS,
		.rndis = { NVSP_DATA, section, (uint32_t)in_section },
	}, out;
	struct iovec iov[GUEST_DATA_PAGES];
	struct guest_packet p;
	size_t n;

	if (section != NVSP_NO_SECTION) {
		struct iovec to[4];
		int pieces = gpadl_pieces(g->send, &g->memory,
		    (uint64_t)section * 6144, in_section, to, 4);

		assert(pieces >= 0);
		for (int i = 0; i < pieces; i++) {
			memcpy(to[i].iov_base, bytes, to[i].iov_len);
			bytes += to[i].iov_len;
			len -= to[i].iov_len;
		}
	}
	n = ranges_fill(g, bytes, len, iov);
	if (!guest_packet(g, queue, n > 0 ? PACKET_GPA_DIRECT : PACKET_IN_BAND,
	    &m, sizeof(m), iov, n) || !guest_take(g, &p) ||
	    p.type != PACKET_COMPLETION || p.queue != queue ||
	    p.size != sizeof(out))
		return 0;
	memcpy(&out, p.payload, sizeof(out));
	return (enum nvsp_status)out.answer.status;
}

void
guest_port_put(struct guest *g, const uint8_t *bytes, size_t len,
    const struct virtio_net_hdr *header)
{
	struct guest_frame *frame = &g->waiting.frames[g->waiting.count];

	assert(g->waiting.count < GUEST_FRAMES_MAX);
	memset(frame, 0, sizeof(*frame));
	frame->bytes = calloc(1, GUEST_FRAME_BYTES);
	assert(frame->bytes != NULL && len <= GUEST_FRAME_BYTES);
	memcpy(frame->bytes, bytes, len);
	frame->len = len;
	if (header != NULL)
		frame->header = *header;
	g->waiting.count++;
}

enum adapter_progress
guest_poll(struct guest *g)
{
	enum adapter_progress progress;
	uint64_t wait;

	do
		progress = adapter_receive(&g->adapter, 0, g->now, &wait);
	while (progress == ADAPTER_MORE);
	return progress;
}

/* The value of one info in the message at @bytes; 0 if it is not there. */
static uint32_t
info_find(const uint8_t *bytes, const struct rndis_packet *m, uint32_t type)
{
	for (uint32_t at = 0; at < m->info_length;) {
		const uint8_t *p = bytes + 8 + m->info_offset + at;
		struct rndis_info info;

		memcpy(&info, p, sizeof(info));
		memcpy(&info.value, p + info.offset, 4);
		if (info.type == type)
			return info.value;
		at += info.size;
	}
	return 0;
}

/* One part: a frame of its own, or appended to that before it. */
static void
part_read(struct guest *g, unsigned queue, const struct packet_range *range,
    struct guest_frames *to)
{
	uint8_t bytes[16384];
	struct iovec iov[8];
	struct guest_frame *frame;
	struct rndis_packet m;
	uint32_t fragment;
	size_t at = 0;
	int n = gpadl_pieces(g->receive, &g->memory, range->offset,
	    range->length, iov, 8);

	assert(n >= 0 && range->length <= sizeof(bytes));
	for (int i = 0; i < n; i++) {
		memcpy(bytes + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	memcpy(&m, bytes, sizeof(m));
	assert(m.head.type == RNDIS_PACKET && m.head.length <= at &&
	    m.data_offset + 8 + m.data_length <= m.head.length);
	fragment = info_find(bytes, &m, RNDIS_INFO_FRAGMENT);
	g->last_fragment = fragment;
	if (fragment == 0 || (fragment & RNDIS_FRAGMENT_FIRST) != 0) {
		assert(to->count < GUEST_FRAMES_MAX);
		frame = &to->frames[to->count++];
		memset(frame, 0, sizeof(*frame));
		frame->bytes = calloc(1, GUEST_FRAME_BYTES);
		assert(frame->bytes != NULL);
		frame->queue = queue;
		g->last_parts = 0;
		g->last_checksum = info_find(bytes, &m, RNDIS_INFO_CHECKSUM);
		g->last_tag = info_find(bytes, &m, RNDIS_INFO_8021Q);
		g->last_hash = info_find(bytes, &m, RNDIS_INFO_HASH);
	}
	frame = &to->frames[to->count - 1];
	assert(frame->len + m.data_length <= GUEST_FRAME_BYTES);
	memcpy(frame->bytes + frame->len, bytes + 8 + m.data_offset,
	    m.data_length);
	frame->len += m.data_length;
	g->last_parts++;
}

uint64_t
guest_receive(struct guest *g, unsigned *queue, struct guest_frames *to)
{
	struct guest_packet p;

	if (!guest_take(g, &p))
		return 0;
	assert(p.type == PACKET_TRANSFER_PAGES && p.wants_completion);
	for (unsigned i = 0; i < p.range_count; i++)
		part_read(g, p.queue, &p.ranges[i], to);
	*queue = p.queue;
	return p.transaction_id;
}

size_t
guest_tcp_frame(uint8_t *out, bool from_guest, size_t payload)
{
	static const uint8_t other[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x22 };
	static const uint8_t headers[40] = {
		0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0,
		10, 0, 0, 1, 10, 0, 0, 2,
		0x10, 0x00, 0x00, 0x50, 0, 0, 0, 1, 0, 0, 0, 1,
		0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0,
	};
	uint8_t *ip = out + FRAME_HEADER;

	memcpy(out, from_guest ? other : guest_mac, FRAME_MAC);
	memcpy(out + FRAME_MAC, from_guest ? guest_mac : other, FRAME_MAC);
	frame_put16(out + 12, 0x0800);
	memcpy(ip, headers, sizeof(headers));
	frame_put16(ip + 2, (uint16_t)(sizeof(headers) + payload));
	frame_put16(ip + 10, (uint16_t)~frame_fold(frame_sum(ip, 20, 0)));
	for (size_t i = 0; i < payload; i++)
		ip[sizeof(headers) + i] = (uint8_t)(i * 7 + i / 251);
	return FRAME_HEADER + sizeof(headers) + payload;
}

size_t
guest_dhcp_frame(uint8_t *out, const uint8_t address[ADDRESS_SIZE])
{
	uint8_t *ip = out + FRAME_HEADER, *dhcp = ip + 28;

	memset(out, 0, 300);
	memcpy(out, guest_mac, FRAME_MAC);
	memcpy(out + FRAME_MAC, guest_server, FRAME_MAC);
	frame_put16(out + 12, 0x0800);
	ip[0] = 0x45;
	ip[9] = FRAME_UDP;
	frame_put16(ip + 20, 67);
	frame_put16(ip + 22, 68);
	dhcp[0] = 2;
	memcpy(dhcp + 16, address, ADDRESS_SIZE);
	memcpy(dhcp + 28, guest_mac, FRAME_MAC);
	return 300;
}
