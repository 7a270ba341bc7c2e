/* SPDX-License-Identifier: Apache-2.0 */
/* What the port is told to finish, and what the guest is told it can trust. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"
#include "network/offload.h"

static uint8_t bytes[2048];
static struct virtio_net_hdr h;
static struct packet_info info;

static void
set_up(void)
{
	memset(&info, 0, sizeof(info));
	memset(&h, 0xff, sizeof(h));
}

TestSuite(offload, .init = set_up);

Test(offload, nothing_asked_is_nothing_told)
{
	struct virtio_net_hdr zero = { .flags = 0 };
	size_t len = guest_tcp_frame(bytes, true, 100);

	cr_assert(offload_send(bytes, 128, len, &info, &h));
	cr_expect_eq(memcmp(&h, &zero, sizeof(h)), 0);
}

Test(offload, checksum_starts_where_the_guest_says)
{
	size_t len = guest_tcp_frame(bytes, true, 100);

	info.has_checksum = true;
	info.checksum = RNDIS_SEND_IPV4 | RNDIS_SEND_TCP | 34u << 16;
	cr_assert(offload_send(bytes, 128, len, &info, &h));
	cr_expect_eq(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	cr_expect_eq(h.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	cr_expect_eq(h.csum_start, 34);
	cr_expect_eq(h.csum_offset, 16);
	info.checksum = RNDIS_SEND_IPV4 | RNDIS_SEND_UDP;
	cr_assert(offload_send(bytes, 128, len, &info, &h));
	cr_expect_eq(h.csum_start, 34, "found, as it was not said");
	cr_expect_eq(h.csum_offset, 6);
}

Test(offload, checksum_of_ip_is_filled_in)
{
	size_t len = guest_tcp_frame(bytes, true, 10);

	frame_put16(bytes + 24, 0x1234);
	info.has_checksum = true;
	info.checksum = RNDIS_SEND_IPV4 | RNDIS_SEND_IP_HEADER;
	cr_assert(offload_send(bytes, len, len, &info, &h));
	cr_expect_eq(frame_fold(frame_sum(bytes + 14, 20, 0)), 0xffff);
	cr_expect_eq(h.flags, 0);
}

Test(offload, checksum_behind_the_frame_is_refused)
{
	size_t len = guest_tcp_frame(bytes, true, 0);

	info.has_checksum = true;
	info.checksum = RNDIS_SEND_TCP | 37u << 16;
	cr_expect_not(offload_send(bytes, len, len, &info, &h));
	info.checksum = RNDIS_SEND_TCP | RNDIS_SEND_UDP | 34u << 16;
	cr_expect_not(offload_send(bytes, len, len, &info, &h));
	info.checksum = RNDIS_SEND_TCP | 4u << 16;
	cr_expect_not(offload_send(bytes, len, len, &info, &h));
}

/* What the guest's stack leaves in the headers of a long segment. */
static size_t
long_frame(void)
{
	size_t len = guest_tcp_frame(bytes, true, 1800);

	frame_put16(bytes + 16, 0);
	frame_put16(bytes + 24, 0);
	frame_put16(bytes + 50,
	    frame_fold(frame_sum(bytes + 26, 8, FRAME_TCP)));
	info.has_lso = true;
	info.lso = RNDIS_LSO_V2 | 34u << 20 | 1448u;
	return len;
}

Test(offload, long_segment_gets_its_headers)
{
	size_t len = long_frame();

	cr_assert(offload_send(bytes, 256, len, &info, &h));
	cr_expect_eq(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	cr_expect_eq(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	cr_expect_eq(h.gso_size, 1448);
	cr_expect_eq(h.hdr_len, 54);
	cr_expect_eq(h.csum_start, 34);
	cr_expect_eq(frame_get16(bytes + 16), len - 14);
	cr_expect_eq(frame_fold(frame_sum(bytes + 14, 20, 0)), 0xffff);
	/* The pseudo header's sum, now with the length. */
	cr_expect_eq(frame_get16(bytes + 50), frame_fold(frame_sum(bytes + 26,
	    8, FRAME_TCP) + 20 + 1800));
}

Test(offload, long_segment_of_ipv6)
{
	size_t len = long_frame();

	memmove(bytes + 54, bytes + 34, 20 + 1800);
	memset(bytes + 14, 0, 40);
	frame_put16(bytes + 12, 0x86dd);
	bytes[14] = 0x60;
	bytes[20] = FRAME_TCP;
	len += 20;
	info.lso = RNDIS_LSO_V2 | RNDIS_LSO_IPV6 | 54u << 20 | 1428u;
	cr_assert(offload_send(bytes, 256, len, &info, &h));
	cr_expect_eq(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV6);
	cr_expect_eq(frame_get16(bytes + 18), 1820);
}

Test(offload, long_segment_that_cannot_be_is_refused)
{
	static const uint32_t wrong[] = {
		RNDIS_LSO_V2 | 35u << 20 | 1448u,	/* not TCP's place */
		RNDIS_LSO_V2 | RNDIS_LSO_IPV6 | 34u << 20 | 1448u,
		34u << 20 | 1448u,			/* version 1 */
		RNDIS_LSO_V2 | 34u << 20 | 65536u,
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		size_t len = long_frame();

		info.lso = wrong[i];
		cr_expect_not(offload_send(bytes, 256, len, &info, &h),
		    "%zu", i);
	}
	long_frame();
	bytes[46] = 0x40;			/* header too short */
	cr_expect_not(offload_send(bytes, 256, 1854, &info, &h));
	long_frame();
	bytes[46] = 0xf0;
	cr_expect_not(offload_send(bytes, 80, 80, &info, &h), "cut header");
	long_frame();
	bytes[20] = 0x20;			/* a fragment */
	cr_expect_not(offload_send(bytes, 256, 1854, &info, &h));
	long_frame();
	cr_expect_not(offload_send(bytes, 256, 70000, &info, &h), "too long");
}

Test(offload, guest_hears_what_was_checked)
{
	struct frame f = { .protocol = FRAME_TCP };

	memset(&h, 0, sizeof(h));
	cr_expect_eq(offload_receive(&h, &f), 0);
	h.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	cr_expect_eq(offload_receive(&h, &f), RNDIS_RECEIVE_TCP_GOOD);
	f.protocol = FRAME_UDP;
	h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	cr_expect_eq(offload_receive(&h, &f),
	    RNDIS_RECEIVE_UDP_GOOD | RNDIS_RECEIVE_VALUE_INVALID);
	f.protocol = 1;
	cr_expect_eq(offload_receive(&h, &f), 0);
}

Test(offload, only_frames_that_are_too_long_leave_a_tail)
{
	static const struct {
		size_t len;
		uint16_t gso_size;
		size_t tail;
	} cases[] = {
		{ OFFLOAD_ONE_PIECE, 1448, 0 },
		{ OFFLOAD_ONE_PIECE + 1, 1448, 1259 },
		{ 54 + 45 * 1448, 1448, 1448 },
		/* What is left of a segment is not enough. */
		{ 54 + 45 * 1448 + 1, 1448, 1448 + 1 },
		{ 54 + 122 * 536, 536, 536 },
		{ 54 + 7 * 9300, 9300, 0 },
		{ 54 + 45 * 1448, 0, 0 },
	};
	struct frame f;

	guest_tcp_frame(bytes, false, 100);
	frame_parse(bytes, 128, &f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		h.gso_size = cases[i].gso_size;
		cr_expect_eq(offload_tail(&h, &f, bytes, 128, cases[i].len),
		    cases[i].tail, "%zu", i);
	}
	h.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	h.gso_size = 1448;
	cr_expect_eq(offload_tail(&h, &f, bytes, 128, 65214), 0);
	h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	cr_expect_eq(offload_tail(&h, &f, bytes, 50, 65214), 0, "cut off");
	f.protocol = FRAME_UDP;
	cr_expect_eq(offload_tail(&h, &f, bytes, 128, 65214), 0);
}

Test(offload, tail_of_ipv6)
{
	/* Headers of 14, 40 and 20 bytes, and nothing behind them. */
	uint8_t first[74] = { [12] = 0x86, 0xdd, 0x60, [20] = FRAME_TCP,
		[66] = 0x50 };
	uint8_t second[sizeof(first)];
	struct frame f;

	frame_parse(first, sizeof(first), &f);
	memcpy(second, first, sizeof(first));
	offload_split(&f, first, 60000, second, 1502);
	cr_expect_eq(frame_get16(first + 18), 60000 - 54);
	cr_expect_eq(frame_get16(second + 18), 1502 - 54);
	cr_expect_eq(frame_get16(second + 60), 60000 - 74);
}
