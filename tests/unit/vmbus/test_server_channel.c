/* SPDX-License-Identifier: Apache-2.0 */
/* Channels and their page lists, from the guest's and the provider's side. */
#include <criterion/criterion.h>

#include "guest.h"
#include "host.h"

#define RINGS 77u

static struct host host;

/* A guest that was offered one channel, relid 1. */
static void
setup(void)
{
	guest_create();
	memset(&host, 0, sizeof(host));
	host_offer(&host, 1, 1, 0, 0);
	guest_connect();
}

TestSuite(channel, .init = setup, .fini = guest_destroy);

static uint32_t
created_status(void)
{
	return guest_next(MESSAGE_GPADL_CREATED)->created.status;
}

static uint32_t
open_status(void)
{
	return guest_next(MESSAGE_OPEN_RESULT)->open_result.status;
}

Test(channel, opens_with_rings_and_both_ids_echoed)
{
	const union guest_message *m;

	guest_gpadl(1, RINGS, 40);
	m = guest_next(MESSAGE_GPADL_CREATED);
	cr_expect_eq(m->created.relid, 1);
	cr_expect_eq(m->created.gpadl, RINGS);
	cr_expect_eq(m->created.status, 0);
	guest_open(1, RINGS, 3);
	m = guest_next(MESSAGE_OPEN_RESULT);
	cr_expect_eq(m->open_result.relid, 1);
	cr_expect_eq(m->open_result.open_id, 8);
	cr_expect_eq(m->open_result.status, 0);
	cr_expect_eq(host.last_open.target_vp, 3);
	cr_expect_str_eq((const char *)host.last_open.user_data, "user data");
}

Test(channel, answers_only_when_its_provider_has)
{
	host.late = true;
	guest_gpadl(1, RINGS, 8);
	cr_expect(guest_idle());
	host_answer(&host);
	cr_expect_eq(created_status(), 0);
	guest_open(1, RINGS, 0);
	cr_expect(guest_idle());
	host_answer(&host);
	cr_expect_eq(open_status(), 0);
}

Test(channel, tells_the_guest_when_its_provider_refuses)
{
	host.refuse = true;
	guest_gpadl(1, RINGS, 8);
	cr_expect_neq(created_status(), 0);
	host.refuse = false;
	guest_gpadl(1, RINGS, 8);
	cr_expect_eq(created_status(), 0);
	host.refuse = true;
	guest_open(1, RINGS, 0);
	cr_expect_neq(open_status(), 0);
	host.refuse = false;
	guest_open(1, RINGS, 0);
	cr_expect_eq(open_status(), 0);
}

Test(channel, signals_reach_each_side_while_it_is_open)
{
	uint32_t id = SERVER_CONNECTION_ID(1);

	cr_expect_eq(server_signal_host(guest.server, id, 0), HV_SUCCESS);
	server_signal_guest(host.channel);
	cr_expect_eq(host.signals + guest.signals, 0, "it is not open");
	guest_open_channel(1, RINGS);
	cr_expect_eq(server_signal_host(guest.server, id, 0), HV_SUCCESS);
	cr_expect_eq(host.signals, 1);
	server_signal_guest(host.channel);
	cr_expect_eq(guest.signals, 1);
	cr_expect_eq(guest.signal_relid, 1);
	cr_expect_eq(guest.signal_vp, 0);
}

Test(channel, refuses_signals_that_nobody_offered)
{
	static const uint32_t wrong[] = { 0, 1, 0x2000, 0x2002, 0x2801,
		0x27ff, 0x3001, UINT32_MAX };

	guest_open_channel(1, RINGS);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(server_signal_host(guest.server, wrong[i], 0),
		    HV_INVALID_CONNECTION_ID, "id %x", wrong[i]);
	cr_expect_eq(server_signal_host(guest.server,
	    SERVER_CONNECTION_ID(1), 1), HV_INVALID_CONNECTION_ID);
	cr_expect_eq(host.signals, 0);
}

Test(channel, refuses_to_open_with_anything_but_rings_of_its_own)
{
	struct host other = { .late = false };
	struct message_open m = { .header.type = MESSAGE_OPEN, .relid = 1,
		.ring_gpadl = RINGS, .downstream_page = 4 };

	host_offer(&other, 1, 2, 0, 0);
	guest_next(MESSAGE_OFFER);
	guest_gpadl(2, 78, 8);
	guest_next(MESSAGE_GPADL_CREATED);
	guest_open(1, 78, 0);
	cr_expect_neq(open_status(), 0, "another channel's list");
	guest_open(1, RINGS, 0);
	cr_expect_neq(open_status(), 0, "no list");
	guest_gpadl(1, RINGS, 8);
	guest_next(MESSAGE_GPADL_CREATED);
	guest_open(1, RINGS, GUEST_VPS);
	cr_expect_neq(open_status(), 0, "no such processor");
	for (uint32_t page = 0; page < 9; page++) {
		if (page > 1 && page < 7)
			continue;
		m.downstream_page = page;
		guest_post(&m, sizeof(m));
		cr_expect_neq(open_status(), 0, "second ring at %u", page);
	}
	guest_open(5, RINGS, 0);
	cr_expect_neq(open_status(), 0, "no such channel");
	cr_expect_eq(host.opens, 0);
}

Test(channel, is_open_once)
{
	guest_open_channel(1, RINGS);
	guest_open(1, RINGS, 0);
	cr_expect_neq(open_status(), 0);
	cr_expect_eq(host.opens, 1);
}

Test(channel, without_interrupts_never_signals_the_guest)
{
	guest_gpadl(1, RINGS, 8);
	guest_next(MESSAGE_GPADL_CREATED);
	guest_open(1, RINGS, UINT32_MAX);
	cr_expect_eq(open_status(), 0);
	server_signal_guest(host.channel);
	cr_expect_eq(guest.signals, 0);
}

Test(channel, moves_to_another_processor)
{
	struct message_modify_channel m = {
		.header.type = MESSAGE_MODIFY_CHANNEL, .relid = 1,
		.target_vp = 2,
	};

	guest_open_channel(1, RINGS);
	guest_post(&m, sizeof(m));
	cr_expect_eq(guest_next(MESSAGE_MODIFY_CHANNEL_RESPONSE)->
	    modified.status, 0);
	server_signal_guest(host.channel);
	cr_expect_eq(guest.signal_vp, 2);
	m.target_vp = GUEST_VPS;
	guest_post(&m, sizeof(m));
	cr_expect_neq(guest_next(MESSAGE_MODIFY_CHANNEL_RESPONSE)->
	    modified.status, 0);
}

Test(channel, moves_without_an_answer_for_guests_before_5_3)
{
	struct message_modify_channel m = {
		.header.type = MESSAGE_MODIFY_CHANNEL, .relid = 1,
		.target_vp = 2,
	};

	guest_contact(MESSAGE_VERSION_4_1);
	guest_next(MESSAGE_VERSION_RESPONSE);
	guest_post_type(MESSAGE_REQUEST_OFFERS);
	guest_next(MESSAGE_OFFER);
	guest_next(MESSAGE_ALL_OFFERS);
	guest_open_channel(1, RINGS);
	guest_post(&m, sizeof(m));
	cr_expect(guest_idle());
	server_signal_guest(host.channel);
	cr_expect_eq(guest.signal_vp, 2);
}

Test(channel, gives_pages_back_only_when_its_provider_has_closed)
{
	guest_open_channel(1, RINGS);
	host.late = true;
	guest_post_relid(MESSAGE_CLOSE, 1);
	guest_teardown(1, RINGS);
	cr_expect_eq(host.removes, 0);
	host_answer(&host);
	cr_expect_eq(host.removes, 1);
	cr_expect(guest_idle());
	host_answer(&host);
	cr_expect_eq(guest_next(MESSAGE_GPADL_TORNDOWN)->torndown.gpadl,
	    RINGS);
	cr_expect(guest_idle(), "a close has no answer");
}

Test(channel, opens_again_after_it_was_closed)
{
	for (unsigned i = 0; i < 3; i++) {
		guest_open_channel(1, RINGS + i);
		guest_post_relid(MESSAGE_CLOSE, 1);
		guest_teardown(1, RINGS + i);
		guest_next(MESSAGE_GPADL_TORNDOWN);
	}
	cr_expect_eq(host.opens, 3);
	cr_expect_eq(host.closes, 3);
}

Test(channel, closes_when_its_rings_are_torn_down)
{
	guest_open_channel(1, RINGS);
	guest_teardown(1, RINGS);
	cr_expect_eq(host.closes, 1);
	guest_next(MESSAGE_GPADL_TORNDOWN);
	cr_expect_eq(host.list_count, 0);
}

Test(channel, closes_while_it_opens)
{
	guest_gpadl(1, RINGS, 8);
	guest_next(MESSAGE_GPADL_CREATED);
	host.late = true;
	guest_open(1, RINGS, 0);
	guest_post_relid(MESSAGE_CLOSE, 1);
	guest_teardown(1, RINGS);
	while (host_answer(&host))
		continue;
	guest_next(MESSAGE_GPADL_TORNDOWN);
	cr_expect(guest_idle(), "nobody asks for the open any more");
	cr_expect_not(host.open);
}

Test(channel, has_lists_beside_its_rings)
{
	guest_open_channel(1, RINGS);
	guest_gpadl(1, 78, 100);
	cr_expect_eq(created_status(), 0);
	guest_teardown(1, 78);
	cr_expect_eq(guest_next(MESSAGE_GPADL_TORNDOWN)->torndown.gpadl, 78);
	cr_expect_eq(host.closes, 0);
}

Test(channel, refuses_lists_for_what_it_did_not_offer)
{
	guest_gpadl(9, 5, 1);
	cr_expect_neq(created_status(), 0);
	guest_gpadl(0, 5, 1);
	cr_expect_neq(created_status(), 0);
	guest_gpadl(UINT32_MAX, 5, 1);
	cr_expect_neq(created_status(), 0);
}

Test(channel, refuses_a_second_list_of_the_same_handle)
{
	guest_gpadl(1, 5, 1);
	cr_expect_eq(created_status(), 0);
	guest_gpadl(1, 5, 1);
	cr_expect_neq(created_status(), 0);
	cr_expect_eq(host.list_count, 1);
}

Test(channel, a_list_torn_down_while_it_is_added_is_added_first)
{
	host.late = true;
	guest_gpadl(1, 5, 1);
	guest_teardown(1, 5);
	cr_expect_eq(host.removes, 0);
	host_answer(&host);
	guest_next(MESSAGE_GPADL_CREATED);
	host_answer(&host);
	guest_next(MESSAGE_GPADL_TORNDOWN);
	cr_expect_eq(host.list_count, 0);
}

Test(channel, answers_each_teardown_even_of_nothing)
{
	guest_teardown(1, 1234);
	cr_expect_eq(guest_next(MESSAGE_GPADL_TORNDOWN)->torndown.gpadl,
	    1234);
}

Test(channel, that_is_rescinded_keeps_its_relid_until_it_is_released)
{
	struct host other = { .late = false }, again = { .late = false };

	guest_open_channel(1, RINGS);
	server_rescind(host.channel);
	cr_expect_eq(guest_next(MESSAGE_RESCIND)->relid.relid, 1);
	cr_expect_eq(host.closes, 0, "the provider has stopped before");
	cr_expect_eq(host.releases, 0);
	host_offer(&other, 1, 2, 0, 0);
	cr_expect_eq(guest_next(MESSAGE_OFFER)->offer.relid, 2);
	host_offer(&again, 1, 1, 0, 0);
	cr_expect_null(again.channel, "the guest still has this instance");
	guest_post_relid(MESSAGE_CLOSE, 1);
	guest_post_relid(MESSAGE_RELID_RELEASED, 1);
	cr_expect_eq(host.releases, 1);
	host_offer(&again, 1, 1, 0, 0);
	cr_expect_eq(guest_next(MESSAGE_OFFER)->offer.relid, 1);
}

Test(channel, that_is_rescinded_answers_only_what_is_waited_for)
{
	host.late = true;
	guest_gpadl(1, 5, 1);
	host_answer(&host);
	guest_next(MESSAGE_GPADL_CREATED);
	guest_teardown(1, 5);
	guest_gpadl(1, 6, 1);
	host_stop(&host);
	server_rescind(host.channel);
	/* In whichever order: one was being torn down, one being made. */
	for (unsigned i = 0; i < 2; i++) {
		const union guest_message *m = &guest.inbox[guest.seen++];

		if (m->header.type == MESSAGE_GPADL_CREATED)
			cr_expect_neq(m->created.status, 0);
		else
			cr_expect_eq(m->torndown.gpadl, 5);
	}
	guest_next(MESSAGE_RESCIND);
	guest_open(1, 5, 0);
	guest_post_relid(MESSAGE_CLOSE, 1);
	cr_expect(guest_idle());
	guest_gpadl(1, 7, 1);
	cr_expect_neq(created_status(), 0);
	guest_teardown(1, 5);
	guest_next(MESSAGE_GPADL_TORNDOWN);
}

Test(channel, that_is_rescinded_while_it_opens_is_not_answered)
{
	guest_gpadl(1, RINGS, 8);
	guest_next(MESSAGE_GPADL_CREATED);
	host.late = true;
	guest_open(1, RINGS, 0);
	server_rescind(host.channel);
	guest_next(MESSAGE_RESCIND);
	host_answer(&host);
	cr_expect(guest_idle());
}

Test(channel, takes_its_sub_channels_along)
{
	struct host sub[2] = { { .late = false } };

	host_offer(&sub[0], 1, 1, 1, 0);
	host_offer(&sub[1], 1, 1, 2, 0);
	guest_next(MESSAGE_OFFER);
	guest_next(MESSAGE_OFFER);
	server_rescind(host.channel);
	cr_expect_eq(guest_next(MESSAGE_RESCIND)->relid.relid, 2);
	cr_expect_eq(guest_next(MESSAGE_RESCIND)->relid.relid, 3);
	cr_expect_eq(guest_next(MESSAGE_RESCIND)->relid.relid, 1);
	cr_expect(guest_idle());
}

Test(channel, that_no_guest_knows_is_gone_at_once)
{
	guest_post_type(MESSAGE_UNLOAD);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
	server_rescind(host.channel);
	cr_expect_eq(host.releases, 1);
	cr_expect(guest_idle());
	cr_expect_null(server_channel_next(guest.server, NULL));
}

Test(channel, that_was_rescinded_is_released_by_an_unload)
{
	server_rescind(host.channel);
	guest_next(MESSAGE_RESCIND);
	guest_post_type(MESSAGE_UNLOAD);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
	cr_expect_eq(host.releases, 1);
}

Test(channel, whose_provider_dies_does_not_hold_an_unload_up)
{
	guest_open_channel(1, RINGS);
	host.late = true;
	guest_post_type(MESSAGE_UNLOAD);
	cr_expect(guest_idle());
	server_rescind(host.channel);
	cr_expect_eq(host.releases, 1);
	guest_next(MESSAGE_UNLOAD_RESPONSE);
}
