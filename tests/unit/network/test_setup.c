/* SPDX-License-Identifier: Apache-2.0 */
/* Versions, buffers, objects, sub-channels: what a driver asks at its start. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

static struct guest *g;
static struct nvsp_message in, out;
static uint8_t info[512];
static size_t len;

static void
set_up(void)
{
	g = guest_create(4, 0, false);
	memset(&in, 0, sizeof(in));
}

static void
tear_down(void)
{
	guest_destroy(g);
}

TestSuite(setup, .init = set_up, .fini = tear_down);

static bool
ask_version(uint32_t version)
{
	in.type = NVSP_INIT;
	in.init = (struct nvsp_init){ version, version };
	return guest_nvsp(g, &in, &out) && out.type == NVSP_INIT_ANSWER &&
	    out.init_answer.status == NVSP_SUCCESS &&
	    out.init_answer.version == version;
}

Test(setup, versions_up_to_6_1)
{
	static const uint32_t known[] = {
		0x2, 0x30002, 0x40000, 0x50000, 0x60000, 0x60001,
	};

	cr_expect_not(ask_version(0x60002));
	cr_expect_not(ask_version(0x20000));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		cr_expect(ask_version(known[i]), "%#x", known[i]);
		cr_expect_not(ask_version(known[i]), "once is enough");
		adapter_closed(&g->adapter, 0);
		adapter_opened(&g->adapter, 0);
	}
}

Test(setup, buffers_need_a_version_and_pages)
{
	in.type = NVSP_RECEIVE_BUFFER;
	in.buffer.gpadl = GUEST_RECEIVE_GPADL;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.receive_buffer_answer.status, NVSP_FAILURE);
	cr_assert(ask_version(0x60001));
	in.type = NVSP_RECEIVE_BUFFER;
	in.buffer.gpadl = 12345;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.receive_buffer_answer.status, NVSP_FAILURE);
	in.buffer.gpadl = GUEST_RECEIVE_GPADL;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.receive_buffer_answer.status, NVSP_SUCCESS);
	cr_expect_eq(out.receive_buffer_answer.section_count, 1);
	cr_expect_eq(out.receive_buffer_answer.offset, 0);
	cr_expect_geq(out.receive_buffer_answer.allocation_size, 1518);
	cr_expect_leq(out.receive_buffer_answer.allocation_size *
	    out.receive_buffer_answer.allocation_count,
	    GUEST_RECEIVE_PAGES * MEMORY_PAGE);
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.receive_buffer_answer.status, NVSP_FAILURE,
	    "there is one");
}

Test(setup, tiny_buffers_are_refused)
{
	cr_assert(ask_version(0x60001));
	g->receive->byte_count = 4096;
	in.type = NVSP_RECEIVE_BUFFER;
	in.buffer.gpadl = GUEST_RECEIVE_GPADL;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.receive_buffer_answer.status, NVSP_FAILURE);
	g->send->byte_count = 6143;
	in.type = NVSP_SEND_BUFFER;
	in.buffer.gpadl = GUEST_SEND_GPADL;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.send_buffer_answer.status, NVSP_FAILURE);
}

Test(setup, answers_have_40_bytes)
{
	struct guest_packet p;

	in.type = NVSP_INIT;
	guest_packet(g, 0, PACKET_IN_BAND, &in, 12, NULL, 0);
	cr_assert(guest_take(g, &p));
	cr_expect_eq(p.size, NVSP_MESSAGE_SIZE);
	in.type = NVSP_DATA_PATH;
	guest_packet(g, 0, PACKET_IN_BAND, &in, sizeof(in), NULL, 0);
	cr_assert(guest_take(g, &p));
	cr_expect_eq(p.size, 0, "but that of the data path");
}

Test(setup, objects_of_an_adapter)
{
	uint32_t value;

	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(guest_query(g, OID_802_3_PERMANENT_ADDRESS, 0, info,
	    sizeof(info), &len), RNDIS_STATUS_SUCCESS);
	cr_expect_eq(len, FRAME_MAC);
	cr_expect_arr_eq(info, guest_mac, FRAME_MAC);
	guest_query(g, OID_GEN_MAXIMUM_FRAME_SIZE, 0, info, 4, &len);
	memcpy(&value, info, 4);
	cr_expect_eq(value, 1500);
	guest_query(g, OID_GEN_MEDIA_CONNECT_STATUS, 0, info, 4, &len);
	memcpy(&value, info, 4);
	cr_expect_eq(value, 0);
	guest_query(g, OID_GEN_LINK_SPEED, 0, info, 4, &len);
	memcpy(&value, info, 4);
	cr_expect_eq(value / 10000, 10000, "Mbit/s");
	guest_query(g, OID_GEN_FRIENDLY_NAME, 0, info, sizeof(info), &len);
	cr_expect_eq(len, 14);
	cr_expect_arr_eq(info, "d\0e\0f\0a\0u\0l\0t", 14);
	cr_expect_eq(guest_query(g, 0x12345678, 0, info, 4, &len),
	    RNDIS_STATUS_NOT_SUPPORTED);
	cr_expect_eq(len, 0);
	cr_expect_eq(guest_set(g, 0x12345678, info, 4),
	    RNDIS_STATUS_NOT_SUPPORTED);
	guest_query(g, OID_GEN_SUPPORTED_LIST, 0, info, sizeof(info), &len);
	for (size_t i = 0; i < len; i += 4) {
		uint8_t ignored[512];
		size_t n;

		memcpy(&value, info + i, 4);
		cr_expect(guest_query(g, value, 0, ignored, sizeof(ignored),
		    &n) == RNDIS_STATUS_SUCCESS ||
		    guest_set(g, value, ignored, 0) !=
			RNDIS_STATUS_NOT_SUPPORTED, "%#x", value);
	}
}

static struct ndis_offload
offload_query(uint32_t version, size_t want)
{
	struct ndis_offload o = { .flags = 0 };

	guest_start(g, version);
	cr_expect_eq(guest_query(g, OID_TCP_OFFLOAD_CAPABILITIES, want, info,
	    sizeof(info), &len), RNDIS_STATUS_SUCCESS);
	cr_expect_leq(len, sizeof(o));
	memcpy(&o, info, len);
	cr_expect_eq(o.head.type, 0xa7);
	cr_expect_eq(o.head.size, len);
	return o;
}

Test(setup, offloads_as_linux_wants_them)
{
	struct ndis_offload o = offload_query(NVSP_VERSION_61, 156);

	cr_expect_eq(len, 156);
	cr_expect_eq(o.checksum.send4 & 0x14, 0x14);
	cr_expect_eq(o.checksum.send6 & 0x15, 0x15);
	cr_expect_neq(o.lso4_encap & 2, 0);
	cr_expect_eq(o.lso6_options, 5);
	cr_expect_eq(o.lso4_size, 65000);
	cr_expect_eq(o.rsc4, 1);
	cr_expect_eq(o.rsc6, 1);
}

Test(setup, old_guests_get_the_short_form)
{
	struct ndis_offload o = offload_query(NVSP_VERSION_4, 144);

	cr_expect_eq(len, 144);
	cr_expect_eq(o.head.revision, 2);
	cr_expect_eq(o.rsc4, 0);
}

Test(setup, coalescing_needs_version_6_1_and_room)
{
	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(guest_set_coalesce(g, true), RNDIS_STATUS_SUCCESS);
	cr_expect(g->offload);
	cr_expect_eq(guest_set_coalesce(g, false), RNDIS_STATUS_SUCCESS);
	cr_expect_not(g->offload);
	tear_down();
	set_up();
	g->receive->byte_count = 64 * MEMORY_PAGE;
	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(guest_set_coalesce(g, true), RNDIS_STATUS_SUCCESS);
	cr_expect_not(g->offload, "a long frame might never fit");
}

Test(setup, revoked_buffer_ends_coalescing)
{
	guest_start(g, NVSP_VERSION_61);
	guest_set_coalesce(g, true);
	in.type = NVSP_RECEIVE_BUFFER_REVOKE;
	guest_packet(g, 0, PACKET_IN_BAND, &in, sizeof(in), NULL, 0);
	cr_expect_not(g->offload);
	cr_expect_null(g->adapter.receive_buffer);
}

Test(setup, page_list_that_goes_is_let_go)
{
	guest_start(g, NVSP_VERSION_61);
	adapter_gpadl_removed(&g->adapter, g->receive);
	adapter_gpadl_removed(&g->adapter, g->send);
	cr_expect_null(g->adapter.receive_buffer);
	cr_expect_null(g->adapter.send_buffer);
	cr_expect_eq(guest_send(g, 0, (const uint8_t *)"x", 1, 0, 1),
	    NVSP_INVALID_RNDIS);
}

Test(setup, sub_channels_and_their_table)
{
	struct guest_packet p;
	uint32_t table[16];

	guest_start(g, NVSP_VERSION_61);
	in.type = NVSP_SUBCHANNEL;
	in.subchannel.operation = NVSP_SUBCHANNEL_ALLOCATE;
	in.subchannel.count = 9;
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.subchannel.operation, NVSP_SUCCESS);
	cr_expect_eq(out.subchannel.count, 3);
	cr_expect_eq(g->offered, 3);
	cr_assert(guest_take(g, &p));
	cr_expect_eq(p.type, PACKET_IN_BAND);
	cr_expect_eq(p.size, 104);
	memcpy(table, p.payload + 40, sizeof(table));
	for (unsigned i = 0; i < 16; i++)
		cr_expect_eq(table[i], i % 4);
	cr_assert(guest_nvsp(g, &in, &out));
	cr_expect_eq(out.subchannel.operation, NVSP_FAILURE, "once");
}

Test(setup, keepalive_and_reset_are_answered)
{
	struct rndis_answer ask = {
		.head = { RNDIS_KEEPALIVE, 12 }, .request = 77,
	}, reply;

	guest_start(g, NVSP_VERSION_61);
	cr_assert_eq(guest_control(g, &ask, 12, info, sizeof(info)), 16);
	memcpy(&reply, info, sizeof(reply));
	cr_expect_eq(reply.head.type, RNDIS_KEEPALIVE | RNDIS_ANSWER);
	cr_expect_eq(reply.request, 77);
	cr_expect_eq(reply.status, 0);
	ask.head.type = RNDIS_RESET;
	cr_assert_eq(guest_control(g, &ask, 12, info, sizeof(info)), 16);
	ask.head.type = RNDIS_HALT;
	cr_expect_eq(guest_control(g, &ask, 12, info, sizeof(info)), 0,
	    "no answer");
	cr_expect_not(g->adapter.initialized);
}

Test(setup, control_messages_that_lie)
{
	struct rndis_request ask = {
		.head = { RNDIS_QUERY, sizeof(ask) },
		.oid = OID_GEN_LINK_SPEED,
		.info_length = 8,
		.info_offset = 20,
	};
	struct rndis_query_answer reply;

	guest_start(g, NVSP_VERSION_61);
	cr_assert_eq(guest_control(g, &ask, sizeof(ask), info, sizeof(info)),
	    sizeof(reply));
	memcpy(&reply, info, sizeof(reply));
	cr_expect_eq(reply.status, RNDIS_STATUS_INVALID_LENGTH);
	ask.head.length = UINT32_MAX;
	cr_expect_eq(guest_control(g, &ask, sizeof(ask), info, sizeof(info)),
	    0);
	ask.head.length = 11;
	cr_expect_eq(guest_control(g, &ask, sizeof(ask), info, sizeof(info)),
	    0);
	cr_expect_geq(g->adapter.queues[0].stats.bad_messages, 2);
}

/* "NetworkAddress" and twelve digits, as Linux sends them. */
static uint32_t
set_address(const char *digits)
{
	static const char name[] = "NetworkAddress";
	struct rndis_parameter p = {
		.name_offset = sizeof(p),
		.name_length = 28,
		.type = RNDIS_PARAMETER_STRING,
		.value_offset = sizeof(p) + 28,
		.value_length = 24,
	};
	uint8_t bytes[sizeof(p) + 28 + 24] = { 0 };

	memcpy(bytes, &p, sizeof(p));
	for (size_t i = 0; i < 14; i++)
		bytes[sizeof(p) + 2 * i] = (uint8_t)name[i];
	for (size_t i = 0; i < 12; i++)
		bytes[sizeof(p) + 28 + 2 * i] = (uint8_t)digits[i];
	return guest_set(g, OID_GEN_CONFIG_PARAMETER, bytes, sizeof(bytes));
}

Test(setup, address_stays_unless_it_may_change)
{
	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(set_address("020000000011"), RNDIS_STATUS_SUCCESS,
	    "its own");
	cr_expect_eq(set_address("0200000000AB"), RNDIS_STATUS_NOT_ACCEPTED);
	g->adapter.config.spoofing = true;
	cr_expect_eq(set_address("01000000000b"), RNDIS_STATUS_NOT_ACCEPTED,
	    "a group's");
	cr_expect_eq(set_address("0200000000xy"), RNDIS_STATUS_INVALID_DATA);
	cr_expect_eq(set_address("0200000000AB"), RNDIS_STATUS_SUCCESS);
	cr_expect_eq(g->adapter.config.mac[5], 0xab);
}

/* The indication that the guest has got, or 0. */
static uint32_t
indicated(void)
{
	struct rndis_indicate m = { .status = 0 };
	struct guest_packet p;
	struct iovec iov[2];

	if (!guest_take(g, &p) || p.type != PACKET_TRANSFER_PAGES)
		return 0;
	gpadl_pieces(g->receive, &g->memory, p.ranges[0].offset,
	    sizeof(m), iov, 2);
	memcpy(&m, iov[0].iov_base, sizeof(m));
	guest_complete(g, 0, p.transaction_id);
	return m.head.type == RNDIS_INDICATE ? m.status : 0;
}

Test(setup, link_is_told_when_it_changes)
{
	adapter_set_link(&g->adapter, false);
	adapter_set_link(&g->adapter, true);
	cr_expect_eq(g->packet_count, 0, "nobody listens");
	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(g->packet_count, 0, "up is what it thinks");
	adapter_set_link(&g->adapter, false);
	cr_expect_eq(indicated(), RNDIS_STATUS_DISCONNECT);
	adapter_set_link(&g->adapter, false);
	cr_expect_eq(indicated(), 0);
	g->room = 0;
	adapter_set_link(&g->adapter, true);
	g->room = 8;
	adapter_writable(&g->adapter, 0);
	cr_expect_eq(indicated(), RNDIS_STATUS_CONNECT);
}

Test(setup, full_ring_keeps_answers_and_holds_packets)
{
	struct guest_packet p;

	guest_start(g, NVSP_VERSION_61);
	g->room = 0;
	in.type = NVSP_DATA_PATH;
	cr_assert(guest_packet(g, 0, PACKET_IN_BAND, &in, sizeof(in), NULL,
	    0));
	cr_expect_eq(adapter_packet_wait(&g->adapter, 0, 0), UINT64_MAX);
	adapter_writable(&g->adapter, 0);
	cr_expect_eq(adapter_packet_wait(&g->adapter, 0, 0), UINT64_MAX);
	g->room = 8;
	adapter_writable(&g->adapter, 0);
	cr_expect(guest_take(g, &p));
	cr_expect_eq(adapter_packet_wait(&g->adapter, 0, 0), 0);
}

Test(setup, next_driver_starts_anew)
{
	for (int i = 0; i < 3; i++) {
		guest_start(g, NVSP_VERSION_61);
		guest_set_coalesce(g, true);
		adapter_closed(&g->adapter, 0);
		cr_expect_not(g->offload);
		adapter_opened(&g->adapter, 0);
	}
}

Test(setup, next_driver_is_not_held_up_by_the_last_ones_frames)
{
	uint8_t frame[256];

	guest_start(g, NVSP_VERSION_61);
	g->room = 0;
	guest_port_put(g, frame, guest_tcp_frame(frame, false, 100), NULL);
	cr_expect_eq(guest_poll(g), ADAPTER_STALLED);
	adapter_closed(&g->adapter, 0);
	adapter_opened(&g->adapter, 0);
	g->room = 8;
	guest_start(g, NVSP_VERSION_61);
	cr_expect_eq(guest_poll(g), ADAPTER_EMPTY);
}

Test(setup, unknown_packets_are_counted)
{
	uint64_t *bad = &g->adapter.queues[0].stats.bad_messages;

	in.type = 4711;
	guest_packet(g, 0, PACKET_IN_BAND, &in, sizeof(in), NULL, 0);
	guest_packet(g, 0, PACKET_TRANSFER_PAGES, &in, 40, NULL, 0);
	guest_packet(g, 0, PACKET_COMPLETION, &in, 8, NULL, 0);
	cr_expect_eq(*bad, 3);
	in.type = NVSP_INIT;
	adapter_opened(&g->adapter, 1);
	guest_packet(g, 1, PACKET_IN_BAND, &in, sizeof(in), NULL, 0);
	cr_expect_eq(g->adapter.queues[1].stats.bad_messages, 1,
	    "set up on the primary only");
}
