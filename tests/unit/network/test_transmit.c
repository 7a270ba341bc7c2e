/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest sends, and what of it leaves by the port. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

static struct guest *g;
static uint8_t frame[GUEST_FRAME_BYTES], bytes[GUEST_FRAME_BYTES];

static void
set_up(void)
{
	g = guest_create(4, 0, false);
	guest_start(g, NVSP_VERSION_61);
}

static void
tear_down(void)
{
	guest_destroy(g);
}

TestSuite(transmit, .init = set_up, .fini = tear_down);

static struct rndis_info
make_info(uint32_t type, uint32_t value)
{
	return (struct rndis_info){ 16, type, 12, value };
}

static void
expect_sent(unsigned i, size_t len)
{
	cr_assert_lt(i, g->sent.count);
	cr_expect_eq(g->sent.frames[i].len, len);
	cr_expect_arr_eq(g->sent.frames[i].bytes, frame, len);
}

Test(transmit, frame_in_a_section)
{
	size_t len = guest_tcp_frame(frame, true, 400);
	size_t n = guest_message(bytes, frame, len, NULL, 0);

	cr_expect_eq(guest_send(g, 0, bytes, n, 7, n), NVSP_SUCCESS);
	cr_assert_eq(g->sent.count, 1);
	expect_sent(0, len);
	cr_expect_eq(g->adapter.queues[0].stats.sent_packets, 1);
	cr_expect_eq(g->adapter.queues[0].stats.sent_bytes, len);
}

Test(transmit, frame_in_ranges)
{
	size_t len = guest_tcp_frame(frame, true, 1460);
	size_t n = guest_message(bytes, frame, len, NULL, 0);

	cr_expect_eq(guest_send(g, 0, bytes, n, NVSP_NO_SECTION, 0),
	    NVSP_SUCCESS);
	expect_sent(0, len);
}

Test(transmit, several_frames_the_last_in_both)
{
	size_t len = guest_tcp_frame(frame, true, 200), n = 0, first;
	struct rndis_info hash = make_info(RNDIS_INFO_HASH, 1);

	/* Padded to 8, as all but the last are. */
	for (int i = 0; i < 3; i++) {
		size_t size = guest_message(bytes + n, frame, len, NULL, 0);
		uint32_t padded = (uint32_t)(size + 7) & ~7u;

		memcpy(bytes + n + 4, &padded, 4);
		n += padded;
	}
	first = n + 60;
	n += guest_message(bytes + n, frame, len, &hash, 1);
	cr_expect_eq(guest_send(g, 0, bytes, n, 15, first), NVSP_SUCCESS);
	cr_assert_eq(g->sent.count, 4);
	for (unsigned i = 0; i < 4; i++)
		expect_sent(i, len);
}

Test(transmit, queue_of_the_port_is_that_of_the_channel)
{
	size_t len = guest_tcp_frame(frame, true, 10);
	size_t n = guest_message(bytes, frame, len, NULL, 0);

	adapter_opened(&g->adapter, 2);
	cr_expect_eq(guest_send(g, 2, bytes, n, 0, n), NVSP_SUCCESS);
	cr_expect_eq(g->sent.frames[0].queue, 2);
	cr_expect_eq(g->adapter.queues[2].stats.sent_packets, 1);
}

Test(transmit, checksum_and_tag)
{
	struct rndis_info infos[] = {
		make_info(RNDIS_INFO_8021Q, 3 | 1 << 3 | 100 << 4),
		make_info(RNDIS_INFO_CHECKSUM, RNDIS_SEND_IPV4 |
		    RNDIS_SEND_TCP | 34u << 16),
	};
	size_t len = guest_tcp_frame(frame, true, 300);
	size_t n = guest_message(bytes, frame, len, infos, 2);
	const struct guest_frame *f = &g->sent.frames[0];

	cr_expect_eq(guest_send(g, 0, bytes, n, 1, n), NVSP_SUCCESS);
	cr_assert_eq(g->sent.count, 1);
	cr_expect_eq(f->len, len + 4);
	cr_expect_arr_eq(f->bytes, frame, 12);
	cr_expect_eq(frame_get16(f->bytes + 12), 0x8100);
	cr_expect_eq(frame_get16(f->bytes + 14), 3 << 13 | 1 << 12 | 100);
	cr_expect_arr_eq(f->bytes + 16, frame + 12, len - 12);
	cr_expect_eq(f->header.csum_start, 38);
	cr_expect_eq(f->header.csum_offset, 16);
}

Test(transmit, long_segment)
{
	struct rndis_info lso = make_info(RNDIS_INFO_LSO,
	    RNDIS_LSO_V2 | 34u << 20 | 1448u);
	size_t len = guest_tcp_frame(frame, true, 60000), n;
	const struct guest_frame *f = &g->sent.frames[0];

	frame_put16(frame + 16, 0);
	n = guest_message(bytes, frame, len, &lso, 1);
	cr_expect_eq(guest_send(g, 0, bytes, n, NVSP_NO_SECTION, 0),
	    NVSP_SUCCESS);
	cr_assert_eq(g->sent.count, 1);
	cr_expect_eq(f->len, len);
	cr_expect_eq(f->header.gso_size, 1448);
	cr_expect_eq(frame_get16(f->bytes + 16), len - 14);
	cr_expect_arr_eq(f->bytes + 54, frame + 54, len - 54);
}

Test(transmit, long_frame_without_segments_is_not_sent)
{
	size_t len = guest_tcp_frame(frame, true, 1600);
	size_t n = guest_message(bytes, frame, len, NULL, 0);

	cr_expect_eq(guest_send(g, 0, bytes, n, NVSP_NO_SECTION, 0),
	    NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 0);
	cr_expect_eq(g->adapter.queues[0].stats.sent_malformed, 1);
}

Test(transmit, other_addresses_only_where_allowed)
{
	size_t len = guest_tcp_frame(frame, true, 64), n;

	frame[11] ^= 1;
	n = guest_message(bytes, frame, len, NULL, 0);
	cr_expect_eq(guest_send(g, 0, bytes, n, 0, n), NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 0);
	cr_expect_eq(g->adapter.queues[0].stats.sent_spoofed, 1);
	g->adapter.config.spoofing = true;
	cr_expect_eq(guest_send(g, 0, bytes, n, 0, n), NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 1);
}

Test(transmit, what_only_others_may_say_is_dropped)
{
	static const uint8_t address[ADDRESS_SIZE] = { 10, 94, 0, 23 };
	size_t len = guest_dhcp_frame(frame, address), n;

	memcpy(frame + FRAME_MAC, guest_mac, FRAME_MAC);
	n = guest_message(bytes, frame, len, NULL, 0);
	cr_expect_eq(guest_send(g, 0, bytes, n, NVSP_NO_SECTION, 0),
	    NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 0);
	cr_expect_eq(g->adapter.queues[0].stats.sent_spoofed, 1);
	g->adapter.config.spoofing = true;
	cr_expect_eq(guest_send(g, 0, bytes, n, NVSP_NO_SECTION, 0),
	    NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 1);
}

Test(transmit, dead_link_and_full_port_are_counted)
{
	size_t len = guest_tcp_frame(frame, true, 64);
	size_t n = guest_message(bytes, frame, len, NULL, 0);
	struct guest_packet p;

	g->port_refuses = true;
	cr_expect_eq(guest_send(g, 0, bytes, n, 0, n), NVSP_SUCCESS);
	g->port_refuses = false;
	adapter_set_link(&g->adapter, false);
	cr_assert(guest_take(g, &p));
	cr_expect_eq(guest_send(g, 0, bytes, n, 0, n), NVSP_SUCCESS);
	cr_expect_eq(g->adapter.queues[0].stats.sent_refused, 2);
	cr_expect_eq(g->sent.count, 0);
}

/* Each field of the header in turn is what it cannot be. */
Test(transmit, headers_that_lie)
{
	static const struct {
		size_t at;
		uint32_t value;
	} lies[] = {
		{ 0, 99 }, { 4, 7 }, { 4, UINT32_MAX }, { 4, 44 },
		{ 8, 0 }, { 8, 35 }, { 8, 300 }, { 8, UINT32_MAX },
		{ 12, 70000 }, { 12, UINT32_MAX },
		{ 28, 4 }, { 28, UINT32_MAX }, { 32, 17 }, { 32, 3 },
		{ 32, UINT32_MAX },
		{ 44, 0 }, { 44, 15 }, { 44, 17 }, { 44, UINT32_MAX },
		{ 52, 13 }, { 52, UINT32_MAX },
	};
	struct rndis_info hash = make_info(RNDIS_INFO_HASH, 1);
	size_t len = guest_tcp_frame(frame, true, 64);

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		size_t n = guest_message(bytes, frame, len, &hash, 1);

		memcpy(bytes + lies[i].at, &lies[i].value, 4);
		cr_expect_eq(guest_send(g, 0, bytes, n, 0, n),
		    NVSP_INVALID_RNDIS, "%zu", i);
	}
	cr_expect_eq(g->sent.count, 0);
	/* And still it works. */
	len = guest_message(bytes, frame, len, &hash, 1);
	cr_expect_eq(guest_send(g, 0, bytes, len, 0, len), NVSP_SUCCESS);
	cr_expect_eq(g->sent.count, 1);
}

Test(transmit, sections_that_are_not_there)
{
	struct nvsp_message m = {
		.type = NVSP_RNDIS, .rndis = { NVSP_DATA, 16, 100 },
	}, out;

	cr_assert(guest_nvsp(g, &m, &out));
	cr_expect_eq(out.answer.status, NVSP_INVALID_RNDIS);
	m.rndis.section = 0;
	m.rndis.section_used = 6145;
	cr_assert(guest_nvsp(g, &m, &out));
	cr_expect_eq(out.answer.status, NVSP_INVALID_RNDIS);
	m.rndis.section_used = 0;
	cr_assert(guest_nvsp(g, &m, &out));
	cr_expect_eq(out.answer.status, NVSP_INVALID_RNDIS);
	m.rndis.channel_type = 2;
	cr_assert(guest_nvsp(g, &m, &out));
	cr_expect_eq(out.answer.status, NVSP_INVALID_RNDIS);
}

Test(transmit, rate_holds_packets_back)
{
	size_t len = guest_tcp_frame(frame, true, 1460), sent = 0;
	size_t n = guest_message(bytes, frame, len, NULL, 0);

	tear_down();
	g = guest_create(1, 1000000, false);
	guest_start(g, NVSP_VERSION_61);
	for (g->now = 0; g->now < 1000000000; g->now += 1000000)
		while (g->sent.count < GUEST_FRAMES_MAX &&
		    guest_send(g, 0, bytes, n, 0, n) == NVSP_SUCCESS) {
			sent += len;
			guest_frames_free(&g->sent);
		}
	cr_expect_geq(sent, 1000000);
	cr_expect_leq(sent, 1110000);
}
