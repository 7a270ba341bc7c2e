/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that a provider leaves behind, and who gets them. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "fake_backend.h"
#include "vmbus/message.h"
#include "vmbus_guest.h"
#include "worker/provider_channel.h"

#define JOURNAL_BYTES 8192

static int provider;
static int fds[3];

static void
offer(uint32_t number, uint32_t journal_bytes)
{
	const struct provider_offer m = {
		.head = { .type = PROVIDER_OFFER, .size = sizeof(m) },
		.offer = number,
		.journal_bytes = journal_bytes,
		.class_id.bytes = { 5, 1 },
		.instance_id.bytes = { 5, 2 },
	};

	provider_tell(provider, &m, sizeof(m));
}

static void
post_relid(uint32_t type)
{
	const struct message_relid m = {
		.header.type = type,
		.relid = GUEST_RELID,
	};

	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
}

/* Descriptors and all, as OPEN_LASTING or RESUME. */
static void
expect_open(uint32_t type, uint32_t number)
{
	struct provider_open m;

	provider_expect(provider, type, &m, sizeof(m), fds, 3);
	cr_assert_eq(m.offer, number);
	cr_assert_eq(m.ring_gpadl, GUEST_GPADL);
	cr_assert_eq(m.downstream_page, GUEST_RING_PAGES / 2);
	cr_assert_eq(m.target_vp, 1);
	cr_assert_eq(m.user_data[0], 9);
}

static void
offered(void)
{
	struct provider_event event;

	vmbus_setup();
	provider = provider_join(PROVIDER_STORAGE);
	offer(3, JOURNAL_BYTES);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 3), 0);
	guest_connect();
	provider_expect(provider, PROVIDER_EVENT, &event, sizeof(event), NULL,
	    0);
	guest_request_offers();
	fake.post_count = 0;
}

static void
opening(void)
{
	offered();
	guest_posts_ring();
	provider_takes_ring(provider, 3);
	guest_posts_open();
	expect_open(PROVIDER_OPEN_LASTING, 3);
	fake.post_count = 0;
}

static void
opened(void)
{
	opening();
	provider_tell_short(provider, PROVIDER_OPENED, 3, 0);
	cr_assert_eq(got_type(0), MESSAGE_OPEN_RESULT);
	fake.post_count = 0;
}

static void
provider_dies(void)
{
	close(provider);
	worker_turn();
}

/* Another one comes, and numbers its offers otherwise. */
static void
provider_comes(void)
{
	provider = provider_join(PROVIDER_STORAGE);
	offer(8, JOURNAL_BYTES);
}

/* It is told of all there is, the pages first. */
static void
another_comes_to(uint32_t type)
{
	provider_comes();
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 8), 0);
	provider_takes_ring(provider, 8);
	expect_open(type, 8);
}

TestSuite(lasting, .timeout = 30);

Test(lasting, the_guest_hears_nothing_of_a_change, .init = opened)
{
	provider_dies();
	another_comes_to(PROVIDER_RESUME);
	provider_tell_short(provider, PROVIDER_OPENED, 8, 0);
	cr_expect_eq(fake.post_count, 0);
}

Test(lasting, the_journal_is_the_same_and_of_a_fixed_size, .init = opened)
{
	struct stat before, after;

	cr_assert_eq(fstat(fds[2], &before), 0);
	cr_expect_eq(before.st_size, JOURNAL_BYTES);
	cr_expect_eq(ftruncate(fds[2], 0), -1);
	cr_assert_eq(pwrite(fds[2], "left", 4, 0), 4);
	provider_dies();
	another_comes_to(PROVIDER_RESUME);
	cr_assert_eq(fstat(fds[2], &after), 0);
	cr_expect_eq(before.st_ino, after.st_ino);
}

Test(lasting, bells_of_the_meantime_are_heard, .init = opened)
{
	const struct guest_call call = {
		.kind = GUEST_CALL_SIGNAL,
		.connection_id = SERVER_CONNECTION_ID(GUEST_RELID),
	};
	static const uint64_t one = 1;
	uint64_t n = 0;

	provider_dies();
	cr_expect_eq(vmbus_host_call(&host, &call), HV_SUCCESS);
	another_comes_to(PROVIDER_RESUME);
	cr_expect_eq(read(fds[0], &n, sizeof(n)), 8);
	cr_expect_eq(n, 1);
	cr_assert_eq(write(fds[1], &one, sizeof(one)), 8);
	worker_turn();
	cr_expect_eq(fake.signals, 1);
}

Test(lasting, a_guest_that_closes_meanwhile_is_answered, .init = opened)
{
	const struct message_gpadl_teardown m = {
		.header.type = MESSAGE_GPADL_TEARDOWN,
		.relid = GUEST_RELID,
		.gpadl = GUEST_GPADL,
	};

	provider_dies();
	post_relid(MESSAGE_CLOSE);
	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
	cr_assert_eq(fake.post_count, 1);
	cr_expect_eq(got_type(0), MESSAGE_GPADL_TORNDOWN);
	provider_comes();
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 8), 0);
	guest_posts_ring();
	provider_takes_ring(provider, 8);
	guest_posts_open();
	expect_open(PROVIDER_OPEN_LASTING, 8);
}

Test(lasting, answers_that_a_dead_provider_owes_are_given, .init = opened)
{
	const struct message_header unload = { .type = MESSAGE_UNLOAD };

	cr_assert_eq(guest_post(&unload, sizeof(unload)), HV_SUCCESS);
	cr_expect_eq(fake.post_count, 0);
	provider_dies();
	cr_assert_eq(fake.post_count, 1);
	cr_expect_eq(got_type(0), MESSAGE_UNLOAD_RESPONSE);
}

Test(lasting, a_channel_that_was_being_opened_is_opened_anew,
    .init = opening)
{
	cr_assert_eq(pwrite(fds[2], "left", 4, 0), 4);
	provider_dies();
	cr_expect_eq(fake.post_count, 0);
	another_comes_to(PROVIDER_OPEN_LASTING);
	provider_tell_short(provider, PROVIDER_OPENED, 8, 0);
	cr_expect_eq(got_type(0), MESSAGE_OPEN_RESULT);
}

Test(lasting, the_guest_may_open_while_there_is_no_provider, .init = offered)
{
	provider_dies();
	guest_posts_ring();
	cr_expect_eq(fake.post_count, 0);
	provider_comes();
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 8), 0);
	provider_takes_ring(provider, 8);
	cr_assert_eq(fake.post_count, 1);
	cr_expect_eq(got_type(0), MESSAGE_GPADL_CREATED);
}

Test(lasting, patience_ends, .init = opened)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 1 };
	struct timespec now;

	provider_dies();
	cr_assert_not_null(host.providers.kept);
	/* As long as its service may take to end, and then some. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	cr_expect_gt(host.providers.kept->kept_until, now.tv_sec + 15 * 60);
	host.providers.kept->kept_until = 0;
	timerfd_settime(host.providers.kept_timer_fd, 0, &soon, NULL);
	while (worker_turn() == 0)
		continue;
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
	cr_expect_null(host.providers.kept);
	provider_comes();
	post_relid(MESSAGE_RELID_RELEASED);
	cr_expect_eq(provider_expect_short(provider, PROVIDER_OFFERED, 8), 0);
	cr_expect_eq(got_type(1), MESSAGE_OFFER);
}

Test(lasting, a_provider_that_dies_again_and_again_is_not_waited_for,
    .init = opened)
{
	for (unsigned i = 0; i < 5; i++) {
		provider_dies();
		cr_assert_eq(fake.post_count, 0, "after %u deaths", i + 1);
		provider_comes();
		cr_expect_eq(provider_expect_short(provider,
		    PROVIDER_OFFERED, 8), 0);
	}
	provider_dies();
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(lasting, who_cannot_go_on_has_the_channel_taken_back, .init = opened)
{
	provider_dies();
	another_comes_to(PROVIDER_RESUME);
	provider_tell_short(provider, PROVIDER_OPENED, 8, 5);
	cr_assert_eq(fake.post_count, 1);
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(lasting, another_kind_of_journal_does_not_do, .init = opened)
{
	provider_dies();
	provider = provider_join(PROVIDER_STORAGE);
	offer(8, 2 * JOURNAL_BYTES);
	cr_assert_eq(fake.post_count, 1);
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(lasting, nonsense_is_not_a_death, .init = opened)
{
	const uint32_t nonsense[4] = { 999, sizeof(nonsense) };

	/* The process is still there, and may use the rings. */
	provider_tell(provider, nonsense, sizeof(nonsense));
	cr_expect_eq(got_type(0), MESSAGE_RESCIND);
}

Test(lasting, a_journal_has_a_limit, .init = vmbus_setup)
{
	struct provider_short m;

	provider = provider_join(PROVIDER_STORAGE);
	offer(3, UINT32_MAX);
	provider_expect(provider, PROVIDER_OFFERED, &m, sizeof(m), NULL, 0);
	cr_expect_neq(m.status, 0);
}
