/* SPDX-License-Identifier: Apache-2.0 */
/* From per-packet information to the port's header, and back. */
#include "network/offload.h"

#include <string.h>

#include "network/rndis_wire.h"

#define TCP_HEADER	20u
#define TCP_SEQUENCE_AT	4u
#define TCP_SIZE_AT	12u
#define TCP_CHECKSUM_AT	16u
#define UDP_CHECKSUM_AT	6u
#define TCP_FLAGS_AT	13u
#define TCP_FIN		0x01u
#define TCP_PSH		0x08u
#define TCP_CWR		0x80u
#define IPV4_LENGTH_AT	2u
#define IPV4_ID_AT	4u
#define IPV4_CHECKSUM_AT 10u
#define IPV4_HEADER	20u
#define IPV6_LENGTH_AT	4u
#define IPV6_HEADER	40u
#define IP_LENGTH_MAX	65535u

/* All of the IPv4 header is in the first @len bytes. */
static bool
ipv4_finish(uint8_t *head, size_t len, const struct frame *f)
{
	uint8_t *ip = head + f->network_at;

	if (f->network != FRAME_IPV4 || f->transport_at > len)
		return false;
	frame_put16(ip + IPV4_CHECKSUM_AT, 0);
	frame_put16(ip + IPV4_CHECKSUM_AT, (uint16_t)~frame_fold(
	    frame_sum(ip, f->transport_at - f->network_at, 0)));
	return true;
}

/* The guest leaves IP's length out, as it is that of no segment. */
static bool
length_finish(uint8_t *head, size_t len, size_t frame_len,
    const struct frame *f)
{
	size_t bytes = frame_len - f->network_at;
	uint8_t *ip = head + f->network_at;

	if (f->network == FRAME_IPV6) {
		bytes -= IPV6_HEADER;
		frame_put16(ip + IPV6_LENGTH_AT, (uint16_t)bytes);
		return bytes <= IP_LENGTH_MAX;
	}
	frame_put16(ip + IPV4_LENGTH_AT, (uint16_t)bytes);
	return bytes <= IP_LENGTH_MAX && ipv4_finish(head, len, f);
}

static bool
segments_send(uint8_t *head, size_t head_len, size_t frame_len, uint32_t lso,
    struct virtio_net_hdr *h)
{
	size_t at = RNDIS_LSO_OFFSET(lso), size;
	bool is_6 = (lso & RNDIS_LSO_IPV6) != 0;
	uint8_t *tcp = head + at;
	struct frame f;

	frame_parse(head, head_len, &f);
	if (f.network != (is_6 ? FRAME_IPV6 : FRAME_IPV4) ||
	    f.protocol != FRAME_TCP || f.transport_at != at || f.fragment ||
	    at + TCP_HEADER > head_len || (lso & RNDIS_LSO_V2) == 0)
		return false;
	size = (size_t)(tcp[TCP_SIZE_AT] >> 4) * 4;
	if (size < TCP_HEADER || at + size > head_len ||
	    RNDIS_LSO_MSS(lso) > IP_LENGTH_MAX ||
	    !length_finish(head, head_len, frame_len, &f))
		return false;
	/* The sum over addresses and protocol is there; the length is not. */
	frame_put16(tcp + TCP_CHECKSUM_AT, frame_fold(
	    frame_get16(tcp + TCP_CHECKSUM_AT) +
	    (uint32_t)(frame_len - at)));
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->gso_type = is_6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
	    VIRTIO_NET_HDR_GSO_TCPV4;
	if ((tcp[TCP_FLAGS_AT] & TCP_CWR) != 0)
		h->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	h->gso_size = (uint16_t)RNDIS_LSO_MSS(lso);
	h->hdr_len = (uint16_t)(at + size);
	h->csum_start = (uint16_t)at;
	h->csum_offset = TCP_CHECKSUM_AT;
	return true;
}

static bool
checksum_send(uint8_t *head, size_t head_len, size_t frame_len,
    uint32_t checksum, struct virtio_net_hdr *h)
{
	uint32_t kind = checksum & (RNDIS_SEND_TCP | RNDIS_SEND_UDP);
	size_t at = RNDIS_SEND_OFFSET(checksum);
	struct frame f;

	frame_parse(head, head_len, &f);
	if ((checksum & RNDIS_SEND_IP_HEADER) != 0 &&
	    !ipv4_finish(head, head_len, &f))
		return false;
	if (kind == 0)
		return true;
	if (at == 0)
		at = f.transport_at;
	if (kind == (RNDIS_SEND_TCP | RNDIS_SEND_UDP) ||
	    at < FRAME_HEADER)
		return false;
	h->csum_offset = kind == RNDIS_SEND_TCP ? TCP_CHECKSUM_AT :
	    UDP_CHECKSUM_AT;
	h->csum_start = (uint16_t)at;
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	return at + h->csum_offset + 2 <= frame_len;
}

bool
offload_send(uint8_t *head, size_t head_len, size_t frame_len,
    const struct packet_info *info, struct virtio_net_hdr *h)
{
	memset(h, 0, sizeof(*h));
	if (info->has_lso && RNDIS_LSO_MSS(info->lso) != 0)
		return segments_send(head, head_len, frame_len, info->lso, h);
	if (info->has_checksum)
		return checksum_send(head, head_len, frame_len,
		    info->checksum, h);
	return true;
}

size_t
offload_data_at(const struct frame *f, const uint8_t *head)
{
	return f->transport_at +
	    (size_t)(head[f->transport_at + TCP_SIZE_AT] >> 4) * 4;
}

size_t
offload_tail(const struct virtio_net_hdr *h, const struct frame *f,
    const uint8_t *head, size_t head_len, size_t len)
{
	size_t at = f->transport_at, tail;

	if (len <= OFFLOAD_ONE_PIECE || h->gso_size == 0 ||
	    h->gso_type == VIRTIO_NET_HDR_GSO_NONE ||
	    f->network == FRAME_OTHER || f->protocol != FRAME_TCP ||
	    f->fragment || at + TCP_HEADER > head_len)
		return 0;
	at = offload_data_at(f, head);
	if (at < f->transport_at + TCP_HEADER || at > head_len)
		return 0;
	tail = (len - at) % h->gso_size;
	while (tail == 0 || len - tail > OFFLOAD_ONE_PIECE)
		tail += h->gso_size;
	return tail <= OFFLOAD_TAIL_MAX ? tail : 0;
}

void
offload_split(const struct frame *f, uint8_t *first, size_t first_len,
    uint8_t *second, size_t second_len)
{
	size_t at = offload_data_at(f, first);
	uint8_t *id = second + f->network_at + IPV4_ID_AT;
	uint8_t *sequence = second + f->transport_at + TCP_SEQUENCE_AT;
	uint32_t bytes = (uint32_t)(first_len - at);
	uint32_t low = frame_get16(sequence + 2) + (bytes & 0xffff);

	frame_put16(sequence + 2, (uint16_t)low);
	frame_put16(sequence, (uint16_t)(frame_get16(sequence) +
	    (bytes >> 16) + (low >> 16)));
	first[f->transport_at + TCP_FLAGS_AT] &=
	    (uint8_t)~(TCP_FIN | TCP_PSH);
	second[f->transport_at + TCP_FLAGS_AT] &= (uint8_t)~TCP_CWR;
	/* The segments had one each, so this one is free. */
	if (f->network == FRAME_IPV4)
		frame_put16(id, (uint16_t)(frame_get16(id) + 1));
	length_finish(first, at, first_len, f);
	length_finish(second, at, second_len, f);
}

uint32_t
offload_receive(const struct virtio_net_hdr *h, const struct frame *f)
{
	bool partial = (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
	uint32_t good = 0;

	if (!partial && (h->flags & VIRTIO_NET_HDR_F_DATA_VALID) == 0)
		return 0;
	if (f->protocol == FRAME_TCP)
		good = RNDIS_RECEIVE_TCP_GOOD;
	else if (f->protocol == FRAME_UDP)
		good = RNDIS_RECEIVE_UDP_GOOD;
	if (good != 0 && partial)
		good |= RNDIS_RECEIVE_VALUE_INVALID;
	return good;
}
