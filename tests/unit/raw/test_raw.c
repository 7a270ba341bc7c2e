/* SPDX-License-Identifier: Apache-2.0 */
/* Guests and holders of a raw channel, in every order. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_provider.h"
#include "raw/raw.h"
#include "vmbus/raw/raw_channel.h"

#define CLASS "c1a55000-0000-4000-8000-000000000000"

static struct raw raw;
static sd_event *event;
static char folder[64];
static struct raw_channel *guest;
static int device;	/* what the guest's kernel does for it */

/* Let the provider do all that it can do now. */
static void
pump(void)
{
	while (sd_event_run(event, 0) > 0)
		continue;
}

static int
knock(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/channels/tea", folder);
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	pump();
	return fd;
}

static struct raw_channel *
hold(void)
{
	return raw_channel_hold_socket(knock());
}

static void
guest_opens(void)
{
	uint8_t *rings = mmap(NULL, 2 * FAKE_RING_BYTES,
	    PROT_READ | PROT_WRITE, MAP_SHARED, fake.rings_fd, 0);
	int pair[2];

	cr_assert_neq(rings, MAP_FAILED);
	memset(rings, 0, 2 * FAKE_RING_BYTES);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    pair), 0);
	device = pair[1];
	guest = raw_channel_attach(pair[0], rings, 2 * FAKE_RING_BYTES);
	cr_assert_not_null(guest);
	fake_open();
	pump();
}

static void
guest_closes(void)
{
	raw_channel_close(guest);
	close(device);
	fake_close();
	pump();
}

static void
setup(void)
{
	static struct config config;
	struct err e = { 0 };

	strcpy(folder, "/tmp/mullion-raw.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	config_default(&config);
	cr_assert_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS ",name=tea",
	    &e), 0, "%s", e.text);
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(raw_begin(&raw, event, &config, folder, &e), 0, "%s",
	    e.text);
	cr_assert(fake.confined);
	cr_assert_eq(fake.offers, 1);
}

static void
teardown(void)
{
	char command[128];

	raw_end(&raw);
	sd_event_unref(event);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(raw, .init = setup, .fini = teardown, .timeout = 30);

Test(raw, there_is_none_where_nothing_runs)
{
	cr_expect_null(raw_channel_hold("no-such-partition", "tea"));
	cr_expect_eq(errno, ENOENT);
}

Test(raw, only_its_user_may_hold_a_channel)
{
	char path[96];
	struct stat st;

	snprintf(path, sizeof(path), "%s/channels/tea", folder);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect_eq(st.st_uid, geteuid());
}

Test(raw, messages_pass_between_guest_and_holder)
{
	struct raw_channel *c = hold();
	struct provider_figures f;
	char buffer[64];
	uint64_t n;

	cr_assert_not_null(c);
	cr_expect_eq(raw_channel_receive(c, buffer, sizeof(buffer)), -1);
	cr_expect_eq(errno, ENOTCONN);
	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_receive(c, buffer, sizeof(buffer)), -1);
	cr_expect_eq(errno, EAGAIN);
	cr_assert_eq(raw_channel_send(guest, "from the guest!", 16), 0);
	cr_assert_eq(eventfd_write(fake.kick_fd, 1), 0);
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_receive(c, buffer, sizeof(buffer)), 16);
	cr_expect_str_eq(buffer, "from the guest!");
	cr_assert_eq(raw_channel_send(c, "to the guest", 12), 0);
	/* The guest has masked signals, as it looks by itself. */
	cr_expect_eq(raw_channel_receive(guest, buffer, sizeof(buffer)), 16);
	cr_expect_eq(raw_channel_receive(guest, buffer, sizeof(buffer)), -1);
	cr_assert_eq(raw_channel_send(c, "again", 5), 0);
	cr_assert_eq(raw_channel_flush(c), 0);
	cr_expect_eq(eventfd_read(fake.call_fd, &n), 0);
	cr_assert_eq(pread(fake.figures_fd, &f, sizeof(f), 0),
	    (ssize_t)sizeof(f));
	cr_expect_eq(f.packets_in, 1);
	cr_expect_eq(f.bytes_in, 32);
	cr_expect_eq(f.signals_in, 1);
	cr_expect_eq(f.packets_out, 2);
	cr_expect_eq(f.signals_out, 1);
	raw_channel_close(c);
}

/* As where the hypervisor rings no eventfd. */
static int
socket_for_bell(void)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    ends), 0);
	close(fake.kick_fd);
	fake.kick_fd = ends[0];
	return ends[1];
}

Test(raw, a_bell_may_be_a_socket)
{
	int bell = socket_for_bell();
	struct raw_channel *c = hold();
	char buffer[64];

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_assert_eq(raw_channel_send(guest, "12345678", 8), 0);
	cr_assert_eq(eventfd_write(bell, 1), 0);
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_receive(c, buffer, sizeof(buffer)), 8);
	/* One that nobody rings any more is not looked at for ever. */
	close(bell);
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(poll(&(struct pollfd){ .fd = raw_channel_fd(c),
	    .events = POLLIN }, 1, 0), 0);
	raw_channel_close(c);
}

Test(raw, a_holder_that_comes_late_finds_what_was_sent)
{
	struct raw_channel *c;
	char buffer[64];

	guest_opens();
	cr_assert_eq(raw_channel_send(guest, "12345678", 8), 0);
	c = hold();
	cr_assert_not_null(c);
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_receive(c, buffer, sizeof(buffer)), 8);
	raw_channel_close(c);
}

Test(raw, there_is_one_holder_at_a_time)
{
	struct raw_channel *first = hold();
	int fd = knock();

	cr_expect_null(raw_channel_hold_socket(fd));
	cr_expect_eq(errno, EBUSY);
	close(fd);
	raw_channel_close(first);
	pump();
	first = hold();
	cr_assert_not_null(first);
	raw_channel_close(first);
}

Test(raw, a_guest_that_closes_gets_its_pages_back)
{
	struct raw_channel *c = hold();
	char buffer[64];

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	guest_closes();
	cr_expect_not(fake.offer.closed, "the holder has them");
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_send(c, buffer, 8), -1);
	cr_expect_eq(errno, ENOTCONN);
	pump();
	cr_expect(fake.offer.closed);
	cr_expect_not(fake.offer.rescinded);
	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	cr_expect_eq(raw_channel_send(c, buffer, 8), 0, "it begins anew");
	raw_channel_close(c);
}

Test(raw, a_guest_without_holder_closes_at_once)
{
	guest_opens();
	guest_closes();
	cr_expect(fake.offer.closed);
}

Test(raw, a_holder_that_ends_takes_the_channel_along)
{
	struct raw_channel *c = hold();

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	raw_channel_close(c);
	pump();
	cr_expect(fake.offer.rescinded);
	fake.offer.ops->released(fake.offer.ctx, 0);
	cr_expect_eq(fake.offers, 2, "it is there again");
	guest_opens();
	c = hold();
	cr_assert_not_null(c);
	cr_expect_eq(raw_channel_wait(c), 0);
	raw_channel_close(c);
}

Test(raw, a_holder_that_ends_while_the_guest_closes_is_no_loss)
{
	struct raw_channel *c = hold();

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	guest_closes();
	raw_channel_close(c);
	pump();
	cr_expect(fake.offer.closed);
	cr_expect_not(fake.offer.rescinded);
}

/* The guest's kernel makes room for another. */
static void
guest_leaves(void)
{
	fake_close();
	fake.ops->event(fake.ctx, PROVIDER_LEAVING, 0);
	pump();
}

static void
patience_ends(void)
{
	int enabled;

	cr_assert_geq(sd_event_source_get_enabled(raw.patience, &enabled), 0);
	cr_assert_neq(enabled, SD_EVENT_OFF);
	cr_assert_geq(sd_event_source_set_time(raw.patience, 0), 0);
	pump();
}

Test(raw, a_holder_that_keeps_a_guest_from_leaving_is_given_up)
{
	struct raw_channel *c = hold(), *next;

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	guest_leaves();
	cr_expect_not(fake.offer.closed);
	patience_ends();
	cr_expect(fake.offer.closed);
	cr_expect_not(fake.offer.rescinded);
	fake.ops->event(fake.ctx, PROVIDER_UNLOAD, 0);
	next = hold();
	cr_assert_not_null(next, "the place is free");
	guest_opens();
	cr_expect_eq(raw_channel_wait(next), 0);
	cr_expect_eq(raw_channel_wait(c), -1);
	cr_expect_eq(errno, EIO);
	raw_channel_close(next);
	raw_channel_close(c);
}

Test(raw, a_holder_that_lets_go_in_time_stays)
{
	struct raw_channel *c = hold();
	int enabled;

	guest_opens();
	cr_assert_eq(raw_channel_wait(c), 0);
	guest_leaves();
	cr_assert_eq(raw_channel_wait(c), 0);
	pump();
	cr_expect(fake.offer.closed);
	fake.ops->event(fake.ctx, PROVIDER_UNLOAD, 0);
	cr_assert_geq(sd_event_source_get_enabled(raw.patience, &enabled), 0);
	cr_expect_eq(enabled, SD_EVENT_OFF);
	guest_opens();
	cr_expect_eq(raw_channel_wait(c), 0);
	raw_channel_close(c);
}

Test(raw, ends_as_the_worker_does)
{
	struct err why = { .code = ECONNRESET };

	fake.ops->lost(fake.ctx, &why);
	cr_expect_eq(sd_event_loop(event), EXIT_SUCCESS);
}

Test(raw, is_started_anew_when_it_is_given_up)
{
	struct err why = { .code = ECANCELED };

	fake.ops->lost(fake.ctx, &why);
	cr_expect_eq(sd_event_loop(event), EXIT_FAILURE);
}

Test(raw, a_holder_that_makes_no_sense_is_dropped)
{
	int fd = knock();
	struct raw_channel *c;

	cr_assert_eq(send(fd, "hello", 5, 0), 5);
	pump();
	c = hold();
	cr_assert_not_null(c, "the place is free");
	raw_channel_close(c);
	close(fd);
}

Test(raw, a_holder_sees_when_the_partition_is_gone)
{
	struct raw_channel *c = hold();

	close(raw.ports[0].holder_fd);
	sd_event_source_disable_unref(raw.ports[0].holder);
	raw.ports[0].holder = NULL;
	raw.ports[0].holder_fd = -1;
	cr_expect_eq(raw_channel_wait(c), -1);
	cr_expect_eq(errno, EIO);
	raw_channel_close(c);
}
