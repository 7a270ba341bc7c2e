/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives at the port, and how the guest gets it. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

static struct guest *g;
static struct guest_frames got;
static uint8_t frame[GUEST_FRAME_BYTES];
static unsigned queue;

static void
set_up(void)
{
	g = guest_create(4, 0, false);
	guest_start(g, NVSP_VERSION_61);
}

static void
tear_down(void)
{
	guest_frames_free(&got);
	guest_destroy(g);
}

TestSuite(receive, .init = set_up, .fini = tear_down);

static void
expect_got(unsigned i, size_t len)
{
	cr_assert_lt(i, got.count);
	cr_expect_eq(got.frames[i].len, len);
	cr_expect_arr_eq(got.frames[i].bytes, frame, len);
}

static uint32_t
free_parts(void)
{
	return g->adapter.pool.free_count + g->adapter.spares.count;
}

Test(receive, frames_of_all_sizes)
{
	for (size_t payload = 0; payload <= 1460; payload += 73) {
		size_t len = guest_tcp_frame(frame, false, payload);
		uint64_t id;

		guest_port_put(g, frame, len, NULL);
		cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
		id = guest_receive(g, &queue, &got);
		cr_assert_neq(id, 0);
		expect_got(got.count - 1, len);
		guest_complete(g, queue, id);
	}
	cr_expect_eq(free_parts(), g->adapter.pool.count);
	cr_expect_eq(g->adapter.queues[0].stats.received_packets, got.count);
	cr_expect_eq(g->adapter.queues[0].stats.bad_messages, 0);
}

Test(receive, only_the_bridge_gives_the_guest_an_address)
{
	static const uint8_t given[ADDRESS_SIZE] = { 10, 94, 0, 23 };
	static const uint8_t feigned[ADDRESS_SIZE] = { 10, 94, 0, 66 };
	size_t len = guest_dhcp_frame(frame, given);

	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	cr_expect_arr_eq(g->adapter.address, given, ADDRESS_SIZE);
	len = guest_dhcp_frame(frame, feigned);
	frame[FRAME_MAC + 5]++;
	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	cr_expect_arr_eq(g->adapter.address, given, ADDRESS_SIZE);
	while (guest_receive(g, &queue, &got) != 0)
		continue;
	cr_expect_eq(got.count, 2, "it gets them all the same");
}

Test(receive, one_packet_for_a_batch)
{
	size_t len = guest_tcp_frame(frame, false, 500);
	uint64_t id;

	for (int i = 0; i < 40; i++)
		guest_port_put(g, frame, len, NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	cr_expect_eq(g->packet_count, 1);
	id = guest_receive(g, &queue, &got);
	cr_expect_eq(got.count, 40);
	expect_got(39, len);
	cr_expect_eq(free_parts(), g->adapter.pool.count - 40);
	guest_complete(g, queue, id);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
}

Test(receive, single_frames_are_not_looked_behind)
{
	size_t len = guest_tcp_frame(frame, false, 500);
	uint64_t wait;

	guest_port_put(g, frame, len, NULL);
	cr_expect_eq(adapter_receive(&g->adapter, 0, 0, &wait), ADAPTER_EMPTY);
	guest_port_put(g, frame, len, NULL);
	guest_port_put(g, frame, len, NULL);
	cr_expect_eq(adapter_receive(&g->adapter, 0, 0, &wait), ADAPTER_MORE);
	cr_expect_eq(g->waiting.count, 1);
	cr_expect_eq(adapter_receive(&g->adapter, 0, 0, &wait), ADAPTER_MORE);
	for (int i = 0; i < 40; i++)
		guest_port_put(g, frame, len, NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	/* Then they come in numbers: all are taken at once. */
	guest_port_put(g, frame, len, NULL);
	guest_port_put(g, frame, len, NULL);
	cr_expect_eq(adapter_receive(&g->adapter, 0, 0, &wait), ADAPTER_EMPTY);
}

Test(receive, parts_wait_for_the_guest)
{
	size_t len = guest_tcp_frame(frame, false, 1000);
	unsigned total = 0;

	/* As much as the buffer holds; then the port keeps the rest. */
	for (;;) {
		enum adapter_progress progress;

		guest_port_put(g, frame, len, NULL);
		progress = guest_poll(g);
		if (progress == ADAPTER_STALLED)
			break;
		cr_assert_eq(progress, ADAPTER_EMPTY);
		cr_assert_neq(guest_receive(g, &queue, &got), 0);
		guest_frames_free(&got);
		total++;
	}
	cr_expect_geq(total, g->adapter.pool.count - 8);
	guest_port_put(g, frame, len, NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_STALLED);
	cr_expect_geq(g->waiting.count, 1);
	for (uint64_t id = 1; id <= 8; id++)
		guest_complete(g, 0, id);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	cr_expect_eq(g->waiting.count, 0);
}

Test(receive, full_ring_keeps_the_batch)
{
	size_t len = guest_tcp_frame(frame, false, 100);
	uint64_t id;

	guest_port_put(g, frame, len, NULL);
	g->room = 0;
	cr_expect_eq(guest_poll(g), ADAPTER_STALLED);
	cr_expect_eq(guest_poll(g), ADAPTER_STALLED);
	g->room = 4;
	adapter_writable(&g->adapter, 0);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	id = guest_receive(g, &queue, &got);
	cr_assert_neq(id, 0);
	expect_got(0, len);
	guest_complete(g, queue, id);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
}

Test(receive, only_what_the_filter_lets_through)
{
	static const struct {
		uint32_t filter;
		uint8_t first;		/* of the address */
		bool wanted;
	} cases[] = {
		{ 0, 0x02, false },
		{ RNDIS_FILTER_DIRECTED, 0x02, true },
		{ RNDIS_FILTER_DIRECTED, 0x06, false },
		{ RNDIS_FILTER_PROMISCUOUS, 0x06, true },
		{ RNDIS_FILTER_DIRECTED, 0x01, false },
		{ RNDIS_FILTER_ALL_MULTICAST, 0x01, true },
		{ RNDIS_FILTER_DIRECTED, 0xff, false },
		{ RNDIS_FILTER_BROADCAST, 0xff, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = guest_tcp_frame(frame, false, 100);

		guest_set(g, OID_GEN_CURRENT_PACKET_FILTER, &cases[i].filter,
		    4);
		frame[0] = cases[i].first;
		if (frame[0] == 0xff)
			memset(frame, 0xff, 6);
		guest_port_put(g, frame, len, NULL);
		cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
		cr_expect_eq(guest_receive(g, &queue, &got) != 0,
		    cases[i].wanted, "%zu", i);
	}
	cr_expect_eq(g->adapter.queues[0].stats.received_filtered, 4);
}

Test(receive, tag_travels_beside_the_frame)
{
	uint8_t tagged[256];
	size_t len = guest_tcp_frame(frame, false, 150);

	memcpy(tagged, frame, 12);
	frame_put16(tagged + 12, 0x8100);
	frame_put16(tagged + 14, 5 << 13 | 1 << 12 | 77);
	memcpy(tagged + 16, frame + 12, len - 12);
	guest_port_put(g, tagged, len + 4, NULL);
	guest_poll(g);
	cr_assert_neq(guest_receive(g, &queue, &got), 0);
	expect_got(0, len);
	cr_expect_eq(g->last_tag, 5 | 1 << 3 | 77 << 4);
}

Test(receive, long_frame_comes_in_parts)
{
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = 1448,
	};
	size_t len = guest_tcp_frame(frame, false, 60000);
	uint64_t id;

	guest_set_coalesce(g, true);
	for (int i = 0; i < 5; i++)
		guest_port_put(g, frame, len, &h);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	while ((id = guest_receive(g, &queue, &got)) != 0)
		guest_complete(g, queue, id);
	cr_expect_eq(got.count, 5);
	for (unsigned i = 0; i < got.count; i++)
		expect_got(i, len);
	cr_expect_eq(g->last_parts, 4);
	cr_expect_neq(g->last_fragment & RNDIS_FRAGMENT_LAST, 0);
	cr_expect_eq(g->last_checksum,
	    RNDIS_RECEIVE_TCP_GOOD | RNDIS_RECEIVE_VALUE_INVALID);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
}

static uint32_t
sequence_of(const struct guest_frame *f)
{
	return (uint32_t)frame_get16(f->bytes + 38) << 16 |
	    frame_get16(f->bytes + 40);
}

/* The headers are those of a frame of that length, with these flags. */
static void
expect_headers(const struct guest_frame *f, size_t len, uint8_t flags)
{
	cr_assert_eq(f->len, len);
	cr_expect_eq(frame_get16(f->bytes + 16), len - FRAME_HEADER);
	cr_expect_eq(frame_fold(frame_sum(f->bytes + 14, 20, 0)), 0xffff);
	cr_expect_eq(f->bytes[47], flags);
}

Test(receive, longest_frame_comes_as_two)
{
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = 1448,
	};
	size_t len = guest_tcp_frame(frame, false, 45 * 1448);
	size_t first = len - 1448;
	uint64_t id;

	guest_set_coalesce(g, true);
	frame[47] |= 0x89;
	frame_put16(frame + 40, 0xfff0);
	guest_port_put(g, frame, len, &h);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	while ((id = guest_receive(g, &queue, &got)) != 0)
		guest_complete(g, queue, id);
	cr_assert_eq(got.count, 2);
	expect_headers(&got.frames[0], first, 0x90);
	expect_headers(&got.frames[1], 54 + 1448, 0x19);
	cr_expect_arr_eq(got.frames[0].bytes + 54, frame + 54, first - 54);
	cr_expect_arr_eq(got.frames[1].bytes + 54, frame + first, 1448);
	cr_expect_eq(sequence_of(&got.frames[0]), 0xfff0);
	cr_expect_eq(sequence_of(&got.frames[1]), 0xfff0 + 44 * 1448);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
}

Test(receive, unfinished_frames_need_coalescing)
{
	struct virtio_net_hdr h = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
	size_t len = guest_tcp_frame(frame, false, 1000);

	guest_port_put(g, frame, len, &h);
	guest_poll(g);
	cr_expect_eq(guest_receive(g, &queue, &got), 0);
	h.flags = 0;
	h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	guest_port_put(g, frame, len, &h);
	guest_poll(g);
	cr_expect_eq(guest_receive(g, &queue, &got), 0);
	cr_expect_eq(g->adapter.queues[0].stats.received_dropped, 2);
	h.gso_type = 0;
	h.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	guest_port_put(g, frame, len, &h);
	guest_poll(g);
	cr_expect_neq(guest_receive(g, &queue, &got), 0);
	cr_expect_eq(g->last_checksum, RNDIS_RECEIVE_TCP_GOOD);
}

/* Settings that send every hash to queue 2. */
static void
set_rss(void)
{
	struct {
		struct ndis_rss_parameters p;
		uint32_t table[RSS_TABLE_SIZE];
		uint8_t key[RSS_KEY_SIZE];
	} s = { .p = {
		.head = { NDIS_OBJECT_RSS_PARAMETERS, 2, sizeof(s.p) },
		.hash = NDIS_HASH_TOEPLITZ | NDIS_HASH_TCP_IPV4,
		.table_size = sizeof(s.table),
		.table_offset = sizeof(s.p),
		.key_size = sizeof(s.key),
		.key_offset = sizeof(s.p) + sizeof(s.table),
	} };

	for (unsigned i = 0; i < RSS_TABLE_SIZE; i++)
		s.table[i] = 2;
	memset(s.key, 0x5a, sizeof(s.key));
	g->adapter.granted = 3;
	cr_assert_eq(guest_set(g, OID_GEN_RSS_PARAMETERS, &s, sizeof(s)),
	    RNDIS_STATUS_SUCCESS);
}

Test(receive, hash_chooses_the_queue)
{
	size_t len = guest_tcp_frame(frame, false, 100);
	uint64_t id;

	set_rss();
	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	id = guest_receive(g, &queue, &got);
	cr_expect_eq(queue, 0, "2 is not open");
	guest_complete(g, 0, id);
	adapter_opened(&g->adapter, 2);
	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	id = guest_receive(g, &queue, &got);
	cr_expect_eq(queue, 2);
	cr_expect_neq(g->last_hash, 0);
	guest_complete(g, 0, id);
	cr_expect_eq(g->adapter.queues[0].stats.bad_messages, 1,
	    "not the queue's own");
	guest_complete(g, 2, id);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
	frame[23] = FRAME_UDP;
	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	guest_receive(g, &queue, &got);
	cr_expect_eq(queue, 0, "no hash for it");
}

Test(receive, closed_queue_gives_its_parts_back)
{
	size_t len = guest_tcp_frame(frame, false, 100);

	set_rss();
	adapter_opened(&g->adapter, 2);
	guest_port_put(g, frame, len, NULL);
	guest_poll(g);
	cr_expect_eq(free_parts(), g->adapter.pool.count - 1);
	adapter_closed(&g->adapter, 2);
	cr_expect_eq(free_parts(), g->adapter.pool.count);
}

Test(receive, dead_link_drains_the_port)
{
	struct guest_packet p;

	adapter_set_link(&g->adapter, false);
	cr_assert(guest_take(g, &p));
	guest_port_put(g, frame, guest_tcp_frame(frame, false, 100), NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	cr_expect_eq(g->packet_count, 0);
	cr_expect_eq(g->waiting.count, 0);
}

Test(receive, rate_leaves_frames_at_the_port)
{
	size_t len = guest_tcp_frame(frame, false, 1460);
	uint64_t wait, bytes = 0;

	tear_down();
	g = guest_create(1, 1000000, false);
	guest_start(g, NVSP_VERSION_61);
	for (g->now = 0; g->now < 1000000000;) {
		uint64_t id;

		while (g->waiting.count < 100)
			guest_port_put(g, frame, len, NULL);
		if (adapter_receive(&g->adapter, 0, g->now, &wait) ==
		    ADAPTER_LATER) {
			cr_assert_gt(wait, 0);
			g->now += wait;
		}
		while ((id = guest_receive(g, &queue, &got)) != 0)
			guest_complete(g, queue, id);
		bytes += got.count * len;
		guest_frames_free(&got);
	}
	cr_expect_geq(bytes, 1000000);
	cr_expect_leq(bytes, 1110000);
}

Test(receive, revoked_buffer_is_not_touched)
{
	struct nvsp_message m = { .type = NVSP_RECEIVE_BUFFER_REVOKE };
	size_t len = guest_tcp_frame(frame, false, 100);
	struct guest_packet p;

	guest_port_put(g, frame, len, NULL);
	g->room = 0;
	guest_poll(g);
	g->room = 8;
	guest_packet(g, 0, PACKET_IN_BAND, &m, sizeof(m), NULL, 0);
	while (guest_take(g, &p))
		cr_expect_eq(p.range_count, 0);
	memset(g->memory.base, 0, g->memory.size);
	guest_port_put(g, frame, len, NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
	for (uint64_t i = 0; i < g->memory.size; i++)
		cr_assert_eq(g->memory.base[i], 0);
}
