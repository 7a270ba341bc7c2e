/* SPDX-License-Identifier: Apache-2.0 */
/* The worker between guest and providers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <tlfs/intercept_message.h>

#include "fake_backend.h"
#include "vmbus/message.h"
#include "vmbus/ring.h"
#include "vmbus_guest.h"
#include "worker/vp.h"

static int provider;
static enum provider_kind kind = PROVIDER_INTEGRATION;
static int bells[2];
static bool direct_bells;

static void
setup_provider(void)
{
	vmbus_setup();
	fake.has_doorbells = fake.has_event_interrupts = direct_bells;
	provider = provider_join(kind);
}

static void
expect_event(enum provider_event_kind expected)
{
	struct provider_event m;

	provider_expect(provider, PROVIDER_EVENT, &m, sizeof(m), NULL, 0);
	cr_assert_eq(m.kind, expected, "event %u, not %u", m.kind, expected);
}

/* An offer that the guest knows; its messages so far are forgotten. */
static void
offered(void)
{
	setup_provider();
	provider_offers(provider, 5);
	cr_assert_eq(provider_expect_short(provider, PROVIDER_OFFERED, 5), 0);
	guest_connect();
	expect_event(PROVIDER_CONTACT);
	guest_request_offers();
	fake.post_count = 0;
}

/* The guest gives pages for the rings, and they are accepted. */
static void
with_ring(void)
{
	guest_posts_ring();
	provider_takes_ring(provider, 5);
	cr_assert_eq(got_type(0), MESSAGE_GPADL_CREATED);
	fake.post_count = 0;
}

/* The guest opens the channel; the provider has not answered yet. */
static void
opening(void)
{
	struct provider_open open;

	offered();
	with_ring();
	guest_posts_open();
	provider_expect(provider, PROVIDER_OPEN, &open, sizeof(open), bells,
	    2);
	cr_assert_eq(open.ring_gpadl, GUEST_GPADL);
}

static void
opened(void)
{
	opening();
	provider_tell_short(provider, PROVIDER_OPENED, 5, 0);
	cr_assert_eq(got_type(0), MESSAGE_OPEN_RESULT);
	fake.post_count = 0;
}

static void
ring(int fd)
{
	static const uint64_t one = 1;

	cr_assert_eq(write(fd, &one, sizeof(one)), (ssize_t)sizeof(one));
}

static bool
has_rung(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n);
}

TestSuite(vmbus_host, .timeout = 30);

Test(vmbus_host, a_guest_connects_and_is_answered, .init = vmbus_setup)
{
	const struct message_version_response *r;

	guest_connect();
	r = guest_got(0);
	cr_expect_eq(r->header.type, MESSAGE_VERSION_RESPONSE);
	cr_expect_eq(r->supported, 1);
	cr_expect_eq(fake.posts[0].sint, GUEST_SINT);
}

Test(vmbus_host, a_full_slot_is_awaited_and_nothing_is_lost,
    .init = vmbus_setup)
{
	guest_connect();
	fake.slot_full = true;
	guest_request_offers();
	cr_expect_eq(fake.post_count, 1);
	cr_expect_eq(fake.awaited, 1u << GUEST_SINT);
	fake.slot_full = false;
	vmbus_host_deliverable(&host, 0, 1u << GUEST_SINT);
	cr_expect_eq(got_type(1), MESSAGE_ALL_OFFERS);
	cr_expect_eq(host.awaited[0], 0);
}

Test(vmbus_host, a_hypercall_is_answered_and_stepped_over,
    .init = vmbus_setup)
{
	struct vp *vp = &machine.vp[0];
	struct hv_hypercall_intercept_message *m =
	    (void *)vp->message.payload_bytes;

	fake.page.isvalid = 1;
	vp->machine = &machine;
	vp->link.page = &fake.page;
	vp->message.header.message_type = HVMSG_HYPERCALL_INTERCEPT;
	m->header.rip = 0x1000;
	m->header.length_cr8 = 3;
	m->rcx = 0x1005d;
	m->rdx = 0x7777;
	vp_answer(vp);
	cr_expect_eq(fake.page.rip, 0x1003);
	cr_expect_eq(fake.page.gp_registers[0], HV_INVALID_CONNECTION_ID);
}

Test(vmbus_host, an_offer_reaches_the_guest, .init = setup_provider)
{
	const struct message_offer *offer;

	guest_connect();
	guest_request_offers();
	fake.post_count = 0;
	provider_offers(provider, 5);
	expect_event(PROVIDER_CONTACT);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 5), 0);
	offer = guest_got(0);
	cr_expect_eq(offer->header.type, MESSAGE_OFFER);
	cr_expect_eq(offer->class_id.bytes[0], 5);
	cr_expect_eq(offer->connection_id, SERVER_CONNECTION_ID(offer->relid));
}

Test(vmbus_host, an_instance_that_is_taken_is_refused, .init = offered)
{
	int other = provider;

	provider = provider_join(PROVIDER_RAW);
	provider_offers(provider, 5);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 5), EEXIST);
	close(other);
}

static const struct guest_call guest_signal = {
	.kind = GUEST_CALL_SIGNAL,
	.connection_id = SERVER_CONNECTION_ID(GUEST_RELID),
};

Test(vmbus_host, an_open_channel_signals_both_ways, .init = opened)
{
	cr_expect_eq(vmbus_host_call(&host, &guest_signal), HV_SUCCESS);
	cr_expect(has_rung(bells[0]));
	ring(bells[1]);
	worker_turn();
	cr_expect_eq(fake.signals, 1);
	cr_expect_eq(fake.signal_vp, 1);
	cr_expect_eq(fake.signal_flag, GUEST_RELID);
	ring(bells[1]);
	worker_turn();
	cr_expect_eq(fake.signals, 2, "each time, though nobody reads it");
}

Test(vmbus_host, an_open_channel_is_seen_with_its_figures, .init = opened)
{
	const struct provider_figures f = { .packets_in = 1, .packets_out = 2,
		.bytes_in = 3, .bytes_out = 4, .signals_in = 5,
		.signals_out = 6, .full = 7 };
	struct channel_state c[2];
	struct ring_header *header;
	bool more;

	cr_assert_eq(pwrite(provider_figures_fd, &f, sizeof(f),
	    5 * sizeof(f)), (ssize_t)sizeof(f));
	header = (void *)memory_at(&host.memory, 16 * MEMORY_PAGE,
	    MEMORY_PAGE);
	header->write_index = 48;
	header->read_index = 8;
	header = (void *)memory_at(&host.memory,
	    (16 + GUEST_RING_PAGES / 2) * MEMORY_PAGE, MEMORY_PAGE);
	header->write_index = 3;
	cr_assert_eq(vmbus_host_channels(&host, 0, c, 2, &more), 1);
	cr_expect_not(more);
	cr_expect_eq(c[0].relid, GUEST_RELID);
	cr_expect(c[0].has_vp && c[0].vp == 1);
	cr_expect_str_eq(c[0].class_id,
	    "00000105-0000-0000-0000-000000000000");
	cr_expect_eq(c[0].from_guest.size,
	    (GUEST_RING_PAGES / 2 - 1) * MEMORY_PAGE);
	cr_expect_eq(c[0].from_guest.fill, 40);
	cr_expect(c[0].to_guest.broken, "an index that is none");
	cr_expect_eq(c[0].from_guest.packets, 1);
	cr_expect_eq(c[0].to_guest.packets, 2);
	cr_expect_eq(c[0].from_guest.bytes, 3);
	cr_expect_eq(c[0].to_guest.bytes, 4);
	cr_expect_eq(c[0].from_guest.signals, 5);
	cr_expect_eq(c[0].to_guest.signals, 6);
	cr_expect_eq(c[0].full, 7);
	cr_expect_eq(vmbus_host_channels(&host, GUEST_RELID + 1, c, 2, &more),
	    0);
	cr_expect_eq(vmbus_host_channels(&host, 0, c, 0, &more), 0);
	cr_expect(more);
}

Test(vmbus_host, a_channel_that_is_not_open_is_not_seen, .init = opening)
{
	struct channel_state c[2];
	bool more;

	cr_expect_eq(vmbus_host_channels(&host, 0, c, 2, &more), 0);
	cr_expect_not(more);
}

Test(vmbus_host, a_bell_that_rings_before_the_answer_is_kept, .init = opening)
{
	ring(bells[1]);
	worker_turn();
	cr_expect_eq(fake.signals, 0, "the guest does not listen yet");
	provider_tell_short(provider, PROVIDER_OPENED, 5, 0);
	cr_expect_eq(fake.signals, 1);
}

static void
opened_with_direct_bells(void)
{
	direct_bells = true;
	opened();
}

Test(vmbus_host, direct_bells_last_as_long_as_the_channel_is_open,
    .init = opened_with_direct_bells)
{
	const struct message_relid close_it = {
		.header.type = MESSAGE_CLOSE,
		.relid = GUEST_RELID,
	};

	cr_expect_eq(fake.doorbell, SERVER_CONNECTION_ID(GUEST_RELID));
	cr_expect_eq(fake.event_flag, GUEST_RELID);
	cr_expect_eq(fake.event_vp, 1);
	cr_assert_eq(guest_post(&close_it, sizeof(close_it)), HV_SUCCESS);
	cr_expect_eq(fake.doorbell, SERVER_CONNECTION_ID(GUEST_RELID));
	cr_expect_eq(provider_expect_short(provider, PROVIDER_CLOSE, 5), 0);
	provider_tell_short(provider, PROVIDER_CLOSED, 5, 0);
	cr_expect_eq(fake.doorbell, 0);
	cr_expect_eq(fake.event_flag, 0);
}

/* Who has a bell makes each write to it wait, as far as it can. */
static void
bell_is_stuffed(int fd)
{
	const uint64_t most = UINT64_MAX - 1;

	cr_assert_eq(fcntl(fd, F_SETFL, 0), 0);
	cr_assert_eq(write(fd, &most, sizeof(most)), (ssize_t)sizeof(most));
}

Test(vmbus_host, a_bell_that_is_lent_rings_and_stops_nobody)
{
	kind = PROVIDER_RAW;
	opened();
	cr_expect_eq(vmbus_host_call(&host, &guest_signal), HV_SUCCESS);
	cr_expect(has_rung(bells[0]));
	bell_is_stuffed(bells[0]);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(vmbus_host_call(&host, &guest_signal),
		    HV_SUCCESS);
	cr_expect(has_rung(bells[0]));
	cr_assert_eq(shutdown(bells[0], SHUT_RDWR), 0);
	cr_expect_eq(vmbus_host_call(&host, &guest_signal), HV_SUCCESS);
}

Test(vmbus_host, a_direct_bell_that_is_lent_stops_nobody)
{
	kind = PROVIDER_RAW;
	opened_with_direct_bells();
	cr_expect_eq(fake.doorbell, SERVER_CONNECTION_ID(GUEST_RELID));
	bell_is_stuffed(bells[0]);
	cr_expect_eq(vmbus_host_call(&host, &guest_signal), HV_SUCCESS);
}

Test(vmbus_host, a_direct_bell_moves_with_its_channel,
    .init = opened_with_direct_bells)
{
	const struct message_modify_channel move = {
		.header.type = MESSAGE_MODIFY_CHANNEL,
		.relid = GUEST_RELID,
		.target_vp = 0,
	};

	cr_assert_eq(guest_post(&move, sizeof(move)), HV_SUCCESS);
	cr_expect_eq(fake.event_flag, GUEST_RELID);
	cr_expect_eq(fake.event_vp, 0);
}

Test(vmbus_host, a_direct_bell_that_cannot_move_goes_through_the_loop,
    .init = opened_with_direct_bells)
{
	const struct message_modify_channel move = {
		.header.type = MESSAGE_MODIFY_CHANNEL,
		.relid = GUEST_RELID,
		.target_vp = 0,
	};

	fake.has_event_interrupts = false;
	cr_assert_eq(guest_post(&move, sizeof(move)), HV_SUCCESS);
	cr_expect_eq(fake.event_flag, 0);
	ring(bells[1]);
	worker_turn();
	cr_expect_eq(fake.signals, 1);
	cr_expect_eq(fake.signal_vp, 0);
}

Test(vmbus_host, a_provider_that_dies_takes_its_offers_along, .init = opened)
{
	const struct message_relid released = {
		.header.type = MESSAGE_RELID_RELEASED,
		.relid = GUEST_RELID,
	};

	close(provider);
	worker_turn();
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);

	provider = provider_join(PROVIDER_INTEGRATION);
	provider_offers(provider, 5);
	cr_expect_eq(fake.post_count, 1, "the guest still has the old one");
	cr_assert_eq(guest_post(&released, sizeof(released)), HV_SUCCESS);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 5), 0);
	cr_expect_eq(got_type(1), MESSAGE_OFFER);
}

Test(vmbus_host, an_unload_waits_for_the_provider, .init = opened)
{
	const struct message_header unload = { .type = MESSAGE_UNLOAD };
	struct provider_gpadl gpadl;

	cr_assert_eq(guest_post(&unload, sizeof(unload)), HV_SUCCESS);
	cr_expect_eq(fake.post_count, 0);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_CLOSE, 5), 0);
	expect_event(PROVIDER_LEAVING);
	provider_tell_short(provider, PROVIDER_CLOSED, 5, 0);
	provider_expect(provider, PROVIDER_GPADL_REMOVE, &gpadl,
	    sizeof(gpadl), NULL, 0);
	gpadl.head.type = PROVIDER_GPADL_REMOVED;
	provider_tell(provider, &gpadl, sizeof(gpadl));
	cr_expect_eq(got_type(0), MESSAGE_UNLOAD_RESPONSE);
	expect_event(PROVIDER_UNLOAD);
}

static time_t
patience_left(void)
{
	struct itimerspec left;

	cr_assert_eq(timerfd_gettime(host.providers.timer_fd, &left), 0);
	return left.it_value.tv_sec;
}

static void
patience_ends(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 1 };

	cr_expect_gt(patience_left(), 0);
	timerfd_settime(host.providers.timer_fd, 0, &soon, NULL);
	while (worker_turn() == 0)
		continue;
}

/* What the worker left where no offer has its figures. */
static bool
is_given_up(void)
{
	struct provider_word word;

	cr_assert_eq(pread(provider_figures_fd, &word, sizeof(word), 0),
	    (ssize_t)sizeof(word));
	return word.given_up != 0;
}

Test(vmbus_host, a_provider_that_keeps_an_unload_waiting_is_given_up,
    .init = opened)
{
	const struct message_header unload = { .type = MESSAGE_UNLOAD };

	cr_assert_eq(guest_post(&unload, sizeof(unload)), HV_SUCCESS);
	cr_expect_not(is_given_up());
	patience_ends();
	cr_expect_eq(got_type(0), MESSAGE_UNLOAD_RESPONSE);
	cr_expect(is_given_up(), "it is to know that the machine lives");
}

Test(vmbus_host, a_provider_that_keeps_a_new_kernel_waiting_is_given_up,
    .init = opened)
{
	guest_connect();
	cr_expect_eq(fake.post_count, 0);
	patience_ends();
	cr_expect_eq(got_type(0), MESSAGE_VERSION_RESPONSE);
	cr_expect(is_given_up());
}

Test(vmbus_host, a_guest_that_asks_again_waits_no_longer, .init = opened)
{
	const struct itimerspec soon = { .it_value.tv_sec = 5 };

	guest_connect();
	timerfd_settime(host.providers.timer_fd, 0, &soon, NULL);
	guest_connect();
	cr_expect_leq(patience_left(), 5);
}

Test(vmbus_host, nobody_is_given_up_for_a_guest_that_is_let_go,
    .init = setup_provider)
{
	const struct message_header unload = { .type = MESSAGE_UNLOAD };

	cr_assert_eq(guest_post(&unload, sizeof(unload)), HV_SUCCESS);
	cr_expect_eq(patience_left(), 0);
	guest_connect();
	cr_expect_eq(patience_left(), 0);
	guest_connect();
	cr_expect_eq(patience_left(), 0);
}

Test(vmbus_host, a_provider_that_leaves_is_not_given_up, .init = opened)
{
	close(provider);
	worker_turn();
	cr_expect_not(is_given_up());
}

Test(vmbus_host, nonsense_ends_a_session, .init = offered)
{
	const uint32_t nonsense[4] = { 999, sizeof(nonsense) };

	provider_tell(provider, nonsense, sizeof(nonsense));
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(vmbus_host, a_second_greeting_ends_a_session, .init = offered)
{
	const struct provider_hello hello = {
		.head = { .type = PROVIDER_HELLO, .size = sizeof(hello) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.kind = PROVIDER_RAW,
	};

	provider_tell(provider, &hello, sizeof(hello));
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(vmbus_host, a_provider_learns_the_time, .init = setup_provider)
{
	struct provider_time m;

	provider_tell_short(provider, PROVIDER_TIME_REQUEST, 0, 0);
	provider_expect(provider, PROVIDER_TIME, &m, sizeof(m), NULL, 0);
	cr_expect_eq(m.reference, 1234);
	cr_expect_gt(m.realtime, 0);
}

Test(vmbus_host, providers_hear_of_a_pause, .init = setup_provider)
{
	vmbus_host_paused(&host, true);
	expect_event(PROVIDER_PAUSED);
	vmbus_host_paused(&host, false);
	expect_event(PROVIDER_RESUMED);
}
