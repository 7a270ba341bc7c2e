/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and descriptors over a pair of sockets. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmbus/provider_link.h"

static struct provider_link worker, provider;
static _Alignas(8) uint8_t buffer[PROVIDER_MESSAGE_MAX];
static int fds[PROVIDER_FDS_MAX];
static unsigned fd_count;
static struct err err;

static void
setup(void)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    pair), 0);
	provider_link_init(&worker, pair[0], PROVIDER_SENDER_PROVIDER);
	provider_link_init(&provider, pair[1], PROVIDER_SENDER_WORKER);
}

static void
teardown(void)
{
	provider_link_close(&worker);
	provider_link_close(&provider);
}

TestSuite(link, .init = setup, .fini = teardown);

static struct provider_short
short_of(uint32_t type, uint32_t offer)
{
	return (struct provider_short){ .head = { type,
		sizeof(struct provider_short) }, .offer = offer };
}

static int
receive(struct provider_link *l)
{
	return provider_link_receive(l, buffer, fds, &fd_count, &err);
}

static uint32_t
received_offer(void)
{
	struct provider_short m;

	memcpy(&m, buffer, sizeof(m));
	return m.offer;
}

Test(link, brings_a_message_and_its_descriptors)
{
	struct provider_open m = { .head = { PROVIDER_OPEN, sizeof(m) },
		.offer = 5 };
	int pair[2] = { eventfd(7, EFD_CLOEXEC), eventfd(8, EFD_CLOEXEC) };
	uint64_t value;

	cr_assert_eq(provider_link_send(&worker, &m, pair, 2, &err), 0);
	close(pair[0]);
	close(pair[1]);
	cr_assert_eq(receive(&provider), 1);
	cr_expect_eq(received_offer(), 5);
	cr_assert_eq(fd_count, 2);
	cr_expect_eq(read(fds[1], &value, sizeof(value)), 8);
	cr_expect_eq(value, 8);
	close(fds[0]);
	close(fds[1]);
}

Test(link, has_nothing_when_nothing_was_sent)
{
	cr_expect_eq(receive(&worker), 0);
}

Test(link, tells_that_the_peer_has_gone)
{
	provider_link_close(&provider);
	cr_expect_eq(receive(&worker), -1);
	cr_expect_eq(err.code, ECONNRESET);
}

Test(link, keeps_what_a_slow_peer_has_no_room_for_in_order)
{
	unsigned sent = 0, got = 0;

	while (sent < 5000) {
		struct provider_short m = short_of(PROVIDER_CLOSE, sent++);

		cr_assert_eq(provider_link_send(&worker, &m, NULL, 0, &err),
		    0);
	}
	cr_assert(provider_link_waits(&worker));
	while (got < sent) {
		int result = receive(&provider);

		if (result == 1) {
			cr_assert_eq(received_offer(), got);
			got++;
			continue;
		}
		cr_assert_eq(result, 0);
		cr_assert(provider_link_waits(&worker), "%u were lost",
		    sent - got);
		cr_assert_eq(provider_link_flush(&worker, &err), 0);
	}
	cr_expect_not(provider_link_waits(&worker));
	cr_expect_eq(worker.queued_bytes, 0);
}

Test(link, keeps_descriptors_for_a_slow_peer)
{
	struct provider_open m = { .head = { PROVIDER_OPEN, sizeof(m) } };
	unsigned got = 0;

	for (m.offer = 0; m.offer < 600; m.offer++) {
		int pair[2] = { eventfd(m.offer, 0), eventfd(1, 0) };

		cr_assert_eq(provider_link_send(&worker, &m, pair, 2, &err),
		    0);
		close(pair[0]);
		close(pair[1]);
	}
	cr_assert(provider_link_waits(&worker));
	while (got < 600) {
		uint64_t value = 0;

		cr_assert_eq(provider_link_flush(&worker, &err), 0);
		if (receive(&provider) != 1)
			continue;
		cr_assert_eq(fd_count, 2);
		cr_assert(got == 0 || read(fds[0], &value, 8) == 8);
		cr_assert_eq(value, got);
		close(fds[0]);
		close(fds[1]);
		got++;
	}
}

Test(link, gives_a_peer_up_that_never_reads)
{
	struct provider_short m = short_of(PROVIDER_CLOSE, 1);
	unsigned sent = 0;

	while (provider_link_send(&worker, &m, NULL, 0, &err) == 0)
		cr_assert_lt(++sent, 1000000);
	cr_expect_eq(err.code, EOVERFLOW);
}

Test(link, carries_the_longest_list)
{
	struct provider_gpadl_add *m = (void *)buffer;

	memset(buffer, 0, sizeof(buffer));
	*m = (struct provider_gpadl_add){
		.head = { PROVIDER_GPADL_ADD, sizeof(buffer) },
		.byte_count = GPADL_PAGES_MAX * MEMORY_PAGE,
		.page_count = GPADL_PAGES_MAX,
	};
	m->pfns[GPADL_PAGES_MAX - 1] = 99;
	cr_assert_eq(provider_link_send(&worker, m, NULL, 0, &err), 0);
	memset(buffer, 0, sizeof(buffer));
	cr_assert_eq(receive(&provider), 1);
	cr_expect_eq(m->pfns[GPADL_PAGES_MAX - 1], 99);
}

Test(link, refuses_what_is_no_message)
{
	struct provider_short m = short_of(PROVIDER_OPENED, 1);
	struct provider_gpadl_add add = {
		.head = { PROVIDER_GPADL_ADD, sizeof(add) },
		.byte_count = MEMORY_PAGE, .page_count = 1,
	};

	cr_expect(provider_message_check(&m, sizeof(m), 0,
	    PROVIDER_SENDER_PROVIDER));
	cr_expect_not(provider_message_check(&m, sizeof(m), 1,
	    PROVIDER_SENDER_PROVIDER), "with a descriptor");
	cr_expect_not(provider_message_check(&m, sizeof(m), 0,
	    PROVIDER_SENDER_WORKER), "from the wrong side");
	cr_expect_not(provider_message_check(&m, sizeof(m) - 4, 0,
	    PROVIDER_SENDER_PROVIDER), "cut");
	cr_expect_not(provider_message_check(&m, 4, 0,
	    PROVIDER_SENDER_PROVIDER), "without a head");
	m.head.size = 12;
	cr_expect_not(provider_message_check(&m, 12, 0,
	    PROVIDER_SENDER_PROVIDER), "too short for its type");
	m = short_of(0, 1);
	cr_expect_not(provider_message_check(&m, sizeof(m), 0,
	    PROVIDER_SENDER_PROVIDER), "no type");
	m = short_of(UINT32_MAX, 1);
	cr_expect_not(provider_message_check(&m, sizeof(m), 0,
	    PROVIDER_SENDER_PROVIDER), "unknown type");
	cr_expect_not(provider_message_check(&add, sizeof(add), 0,
	    PROVIDER_SENDER_WORKER), "page is missing");
}

Test(link, closes_descriptors_that_come_with_nonsense)
{
	struct provider_short m = short_of(PROVIDER_OPENED, 1);
	int pipe_fds[2];
	char c;

	cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
	cr_assert_eq(provider_link_send(&provider, &m, &pipe_fds[1], 1, &err),
	    0);
	close(pipe_fds[1]);
	cr_expect_eq(receive(&worker), -1);
	cr_expect_eq(err.code, EPROTO);
	cr_expect_eq(read(pipe_fds[0], &c, 1), 0, "nobody can write");
	close(pipe_fds[0]);
}
