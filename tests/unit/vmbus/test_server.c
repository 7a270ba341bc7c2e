/* SPDX-License-Identifier: Apache-2.0 */
/* Connection: versions, offers, queue, unload. */
#include <criterion/criterion.h>

#include "guest.h"
#include "host.h"

TestSuite(server, .init = guest_create, .fini = guest_destroy);

Test(server, accepts_the_versions_it_knows_and_refuses_others_in_words)
{
	static const struct {
		uint32_t version;
		uint8_t supported;
	} cases[] = {
		{ MESSAGE_VERSION(6, 0), 0 }, { MESSAGE_VERSION_5_3, 1 },
		{ MESSAGE_VERSION(5, 2), 1 }, { MESSAGE_VERSION(5, 1), 1 },
		{ MESSAGE_VERSION_5_0, 1 }, { MESSAGE_VERSION_4_1, 1 },
		{ MESSAGE_VERSION_4_0, 1 }, { MESSAGE_VERSION(3, 0), 0 },
		{ MESSAGE_VERSION(5, 4), 0 }, { MESSAGE_VERSION(4, 2), 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const union guest_message *m;

		cr_assert_eq(guest_contact(cases[i].version), HV_SUCCESS);
		m = guest_next(MESSAGE_VERSION_RESPONSE);
		cr_expect_eq(m->version.supported, cases[i].supported,
		    "version %x", cases[i].version);
		cr_expect_eq(m->version.connection_state, 0);
		cr_expect_eq(server_version(guest.server),
		    cases[i].supported ? cases[i].version : 0);
	}
	cr_expect(guest_idle());
}

Test(server, answers_where_the_guest_asked_it_to)
{
	struct message_initiate_contact m = {
		.header.type = MESSAGE_INITIATE_CONTACT,
		.version = MESSAGE_VERSION_5_3,
		.target_vp = 3, .interrupt_page = 5,
	};

	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
	guest_next(MESSAGE_VERSION_RESPONSE);
	cr_expect_eq(guest.vp, 3);
	cr_expect_eq(guest.sint, 5);
}

Test(server, refuses_contact_that_it_cannot_answer)
{
	struct message_initiate_contact m = {
		.header.type = MESSAGE_INITIATE_CONTACT,
		.version = MESSAGE_VERSION_5_3, .interrupt_page = 2,
	};

	m.target_vp = GUEST_VPS;
	cr_expect_eq(guest_post(&m, sizeof(m)), HV_INVALID_PARAMETER);
	m.target_vp = 0;
	m.interrupt_page = 16;
	cr_expect_eq(guest_post(&m, sizeof(m)), HV_INVALID_PARAMETER);
	m.interrupt_page = 0x102;
	cr_expect_eq(guest_post(&m, sizeof(m)), HV_INVALID_PARAMETER);
	cr_expect(guest_idle());
}

Test(server, listens_on_both_connection_ids_and_on_no_other)
{
	struct message_header m = { .type = MESSAGE_UNLOAD };

	cr_expect_eq(server_message(guest.server, 1, &m, sizeof(m), 1),
	    HV_SUCCESS);
	cr_expect_eq(server_message(guest.server, 4, &m, sizeof(m), 1),
	    HV_SUCCESS);
	cr_expect_eq(server_message(guest.server, 2, &m, sizeof(m), 1),
	    HV_INVALID_CONNECTION_ID);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
}

Test(server, offers_in_the_same_order_however_they_came)
{
	struct host h[4] = { { .late = false } };
	static const uint8_t order[] = { 2, 0, 1, 3 };

	host_offer(&h[0], 2, 1, 0, 0);
	host_offer(&h[1], 2, 9, 0, 0);
	host_offer(&h[2], 1, 5, 0, 0x11);
	host_offer(&h[3], 3, 3, 0, 0);
	guest_contact(MESSAGE_VERSION_5_3);
	guest_next(MESSAGE_VERSION_RESPONSE);
	cr_assert(guest_idle(), "nothing was asked for");
	guest_post_type(MESSAGE_REQUEST_OFFERS);
	for (unsigned i = 0; i < 4; i++) {
		const union guest_message *m = guest_next(MESSAGE_OFFER);
		struct server_channel_info info;

		server_channel_get(h[order[i]].channel, &info);
		cr_expect_eq(m->offer.relid, i + 1);
		cr_expect_eq(info.relid, i + 1);
		cr_expect_eq(guid_compare(&m->offer.instance_id,
		    &info.offer->instance_id), 0);
	}
	guest_next(MESSAGE_ALL_OFFERS);
	cr_expect(guest_idle());
}

Test(server, offers_without_monitor_and_with_an_interrupt_of_its_own)
{
	const union guest_message *m;
	struct host h = { .late = false };

	host_offer(&h, 1, 5, 0, 0x11);
	guest_contact(MESSAGE_VERSION_5_3);
	guest_next(MESSAGE_VERSION_RESPONSE);
	guest_post_type(MESSAGE_REQUEST_OFFERS);
	m = guest_next(MESSAGE_OFFER);
	cr_expect_eq(m->offer.flags, 0x11);
	cr_expect_eq(m->offer.monitor_id, 0xff);
	cr_expect_eq(m->offer.monitor_allocated, 0);
	cr_expect_eq(m->offer.dedicated_interrupt, 1);
	cr_expect_eq(m->offer.connection_id, SERVER_CONNECTION_ID(1));
	cr_expect_eq(m->offer.user_data[2], 3);
}

Test(server, offers_at_once_what_comes_later)
{
	struct host h[2] = { { .late = false } };

	host_offer(&h[0], 1, 1, 0, 0);
	cr_assert_eq(guest_connect(), 1);
	host_offer(&h[1], 1, 0, 0, 0);
	cr_expect_eq(guest_next(MESSAGE_OFFER)->offer.relid, 2);
	cr_expect(guest_idle());
}

Test(server, has_one_channel_an_instance)
{
	struct host h[4] = { { .late = false } };

	guest_connect();
	host_offer(&h[0], 1, 1, 0, 0);
	host_offer(&h[1], 2, 1, 0, 0);
	cr_expect_null(h[1].channel, "instance of another class");
	host_offer(&h[2], 1, 2, 1, 0);
	cr_expect_null(h[2].channel, "sub-channel of nothing");
	host_offer(&h[3], 1, 1, 1, 0);
	cr_expect_not_null(h[3].channel);
	host_offer(&h[1], 1, 1, 1, 0);
	cr_expect_null(h[1].channel, "sub-channel that is there");
}

Test(server, has_as_many_channels_as_relids)
{
	static struct host h[SERVER_RELID_MAX + 1];

	guest_connect();
	host_offer(&h[0], 1, 1, 0, 0);
	for (unsigned i = 1; i <= SERVER_RELID_MAX; i++)
		host_offer(&h[i], 1, 1, (uint16_t)i, 0);
	cr_expect_not_null(h[SERVER_RELID_MAX - 1].channel);
	cr_expect_null(h[SERVER_RELID_MAX].channel);
	for (unsigned i = 1; i <= SERVER_RELID_MAX; i++)
		cr_assert_eq(guest_next(MESSAGE_OFFER)->offer.relid, i);
}

Test(server, keeps_messages_in_order_while_the_slot_is_full)
{
	struct host h[3] = { { .late = false } };

	guest_contact(MESSAGE_VERSION_5_3);
	guest.slow = true;
	for (uint8_t i = 0; i < 3; i++)
		host_offer(&h[i], 1, i, 0, 0);
	guest_post_type(MESSAGE_REQUEST_OFFERS);
	cr_expect_eq(guest.count, 1, "only the first answer fits");
	while (guest_take())
		continue;
	guest_next(MESSAGE_VERSION_RESPONSE);
	for (unsigned i = 1; i <= 3; i++)
		cr_expect_eq(guest_next(MESSAGE_OFFER)->offer.relid, i);
	guest_next(MESSAGE_ALL_OFFERS);
	cr_expect(guest_idle());
}

Test(server, asks_a_guest_that_reads_nothing_to_wait)
{
	enum hv_status status = HV_SUCCESS;
	unsigned taken = 0;

	guest_connect();
	guest.slow = true;
	while (taken < 10000) {
		status = guest_teardown(1, taken);
		if (status != HV_SUCCESS)
			break;
		taken++;
	}
	cr_assert_eq(status, HV_INSUFFICIENT_BUFFERS);
	while (guest_take())
		continue;
	for (unsigned i = 0; i < taken; i++)
		cr_assert_eq(guest_next(MESSAGE_GPADL_TORNDOWN)->
		    torndown.gpadl, i);
	cr_expect(guest_idle());
	cr_expect_eq(guest_teardown(1, 1), HV_SUCCESS);
}

Test(server, takes_a_new_kernel_whose_forerunner_read_nothing)
{
	guest_connect();
	guest.slow = true;
	while (guest_teardown(1, 1) == HV_SUCCESS)
		continue;
	cr_assert_eq(guest_contact(MESSAGE_VERSION_5_3), HV_SUCCESS);
	guest_take();
	guest_next(MESSAGE_GPADL_TORNDOWN);
	guest_take();
	guest_next(MESSAGE_VERSION_RESPONSE);
	cr_expect_not(guest_take(), "nothing of the former is left");
}

Test(server, limits_the_rate_of_messages)
{
	struct message_relid m = { .header.type = MESSAGE_CLOSE };
	unsigned taken = 0;

	guest_connect();
	while (taken < 100000 && server_message(guest.server, 1, &m,
	    sizeof(m), guest.now) == HV_SUCCESS)
		taken++;
	cr_expect_lt(taken, 100000);
	cr_expect_gt(taken, 200, "a receive buffer must pass at once");
	guest.now += 1000000000;
	cr_expect_eq(server_message(guest.server, 1, &m, sizeof(m), guest.now),
	    HV_SUCCESS);
}

Test(server, refuses_messages_that_are_cut_or_unknown)
{
	static const struct {
		uint32_t type;
		size_t len;
	} wrong[] = {
		{ MESSAGE_OPEN, 147 }, { MESSAGE_CLOSE, 11 },
		{ MESSAGE_GPADL_HEADER, 27 }, { MESSAGE_GPADL_BODY, 15 },
		{ MESSAGE_GPADL_TEARDOWN, 15 }, { MESSAGE_RELID_RELEASED, 8 },
		{ MESSAGE_INITIATE_CONTACT, 39 }, { MESSAGE_UNLOAD, 7 },
		{ MESSAGE_TL_CONNECT_REQUEST, 39 },
		{ MESSAGE_MODIFY_CHANNEL, 15 }, { MESSAGE_OFFER, 240 },
		{ 0, 240 }, { 25, 240 }, { UINT32_MAX, 240 },
		{ MESSAGE_UNLOAD, 241 }, { MESSAGE_UNLOAD, 0 },
	};

	guest_connect();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t m[256] = { 0 };

		memcpy(m, &wrong[i].type, sizeof(wrong[i].type));
		cr_expect_eq(guest_post(m, wrong[i].len),
		    HV_INVALID_PARAMETER, "message %zu", i);
	}
	cr_expect(guest_idle());
}

Test(server, says_nothing_to_a_guest_that_is_not_connected)
{
	struct host h = { .late = false };

	host_offer(&h, 1, 1, 0, 0);
	cr_expect_eq(guest_post_type(MESSAGE_REQUEST_OFFERS), HV_SUCCESS);
	guest_gpadl(1, 5, 1);
	cr_expect(guest_idle());
}

Test(server, unloads_once_every_provider_has_let_go)
{
	struct host h = { .late = false };

	host_offer(&h, 1, 1, 0, 0);
	guest_connect();
	guest_open_channel(1, 77);
	h.late = true;
	guest_post_type(MESSAGE_UNLOAD);
	cr_expect_eq(h.closes, 1);
	cr_expect_eq(h.removes, 0, "the rings are in use");
	host_answer(&h);
	cr_expect_eq(h.removes, 1);
	cr_expect(guest_idle());
	cr_expect_eq(guest.quiets, 0);
	host_answer(&h);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
	cr_expect(guest_idle());
	cr_expect_eq(guest.quiets, 1);
	cr_expect_eq(guest_connect(), 1, "it is offered again");
}

Test(server, takes_contact_of_a_guest_that_was_connected_for_its_end)
{
	struct host h = { .late = false };

	host_offer(&h, 1, 1, 0, 0);
	guest_connect();
	guest_open_channel(1, 77);
	h.late = true;
	guest_contact(MESSAGE_VERSION(6, 0));
	guest_contact(MESSAGE_VERSION_5_3);
	cr_expect(guest_idle());
	cr_expect_eq(h.closes, 1);
	while (host_answer(&h))
		continue;
	cr_expect_eq(guest_next(MESSAGE_VERSION_RESPONSE)->version.supported,
	    1);
	cr_expect(guest_idle(), "the last one counts");
	cr_expect_eq(h.list_count, 0);
	cr_expect_eq(guest.contacts, 2);
}

Test(server, resets_without_a_word_to_the_guest)
{
	struct host h = { .late = false };

	host_offer(&h, 1, 1, 0, 0);
	guest_connect();
	guest_open_channel(1, 77);
	h.late = true;
	server_reset(guest.server);
	cr_expect_eq(guest.quiets, 0);
	while (host_answer(&h))
		continue;
	cr_expect_eq(guest.quiets, 1);
	cr_expect(guest_idle());
	server_reset(guest.server);
	cr_expect_eq(guest.quiets, 2, "also when nobody is connected");
}

Test(server, a_list_in_the_making_does_not_hold_an_unload_up)
{
	struct host h = { .late = true };
	struct message_gpadl_header m = {
		.header.type = MESSAGE_GPADL_HEADER, .relid = 1, .gpadl = 3,
		.range_bytes = 8 + 8 * 50, .range_count = 1,
		.byte_count = 50 * MEMORY_PAGE,
	};

	host_offer(&h, 1, 1, 0, 0);
	guest_connect();
	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
	guest_post_type(MESSAGE_UNLOAD);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
	cr_expect_eq(h.adds, 0);
}

Test(server, drops_sub_channels_and_sockets_with_the_connection)
{
	struct host h[3] = { { .late = false } };

	host_offer(&h[0], 1, 1, 0, 0);
	guest_connect();
	host_offer(&h[1], 1, 1, 1, 0);
	host_offer(&h[2], 7, 7, 0, OFFER_TLNPI_PROVIDER);
	guest_next(MESSAGE_OFFER);
	guest_next(MESSAGE_OFFER);
	guest_post_type(MESSAGE_UNLOAD);
	cr_expect_eq(h[0].releases, 0);
	cr_expect_eq(h[1].releases, 1);
	cr_expect_eq(h[2].releases, 1);
	host_offer(&h[1], 1, 1, 1, 0);
	cr_expect_null(h[1].channel, "nobody is there to be offered it");
}

Test(server, hands_on_that_a_socket_connects)
{
	struct message_tl_connect_request m = {
		.header.type = MESSAGE_TL_CONNECT_REQUEST,
		.endpoint.bytes = { 1 }, .service.bytes = { 2 },
	};
	const union guest_message *answer;

	guest_connect();
	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
	cr_assert_eq(guest.connects, 1);
	cr_expect_eq(guest.service.bytes[0], 2);
	server_refuse_connect(guest.server, &m.endpoint, &m.service);
	answer = guest_next(MESSAGE_TL_CONNECT_RESULT);
	cr_expect_eq(answer->connect.endpoint.bytes[0], 1);
	cr_expect_neq(answer->connect.status, 0);
}
