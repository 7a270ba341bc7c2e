/* SPDX-License-Identifier: Apache-2.0 */
/* Programs on real Unix sockets, and a guest behind a made-up provider. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fake_provider.h"
#include "sockets/sockets.h"

static char folder[] = "/tmp/sockets-XXXXXX";
static struct sockets sockets;
static sd_event *event;

static void
setup(void)
{
	struct rlimit files = { 8192, 8192 };
	struct err e;

	setrlimit(RLIMIT_NOFILE, &files);
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(sockets_begin(&sockets, event, folder, &e), 0, "%s",
	    e.text);
}

static void
teardown(void)
{
	char command[64];

	sockets_end(&sockets);
	sd_event_unref(event);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(sockets, .init = setup, .fini = teardown);

/* Let the process do all that it can do now. */
static void
settle(void)
{
	while (sd_event_run(event, 0) > 0)
		continue;
}

/* The same until @usec have passed. */
static void
settle_for(uint64_t usec)
{
	uint64_t now, end;

	sd_event_now(event, CLOCK_MONOTONIC, &end);
	end += usec;
	do {
		sd_event_run(event, 20000);
		sd_event_now(event, CLOCK_MONOTONIC, &now);
	} while (now < end);
}

static int
program_connects(const char *line)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = SOCKETS_NAME };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	cr_assert_eq(send(fd, line, strlen(line), 0), (ssize_t)strlen(line));
	settle();
	return fd;
}

static int
program_listens(uint32_t port, int backlog)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s_%u", SOCKETS_NAME,
	    port);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, backlog), 0);
	return fd;
}

static void
guest_connects(uint32_t own, uint32_t port)
{
	struct guid endpoint = port_guid(own), service = port_guid(port);

	fake.ops->connect_request(fake.ctx, &endpoint, &service);
	settle();
}

/* What can be read now is @text; NULL: the end. */
static void
expect_read(int fd, const char *text)
{
	char got[64];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	if (text == NULL) {
		cr_expect_eq(n, 0, "no end: %zd, errno %d", n, errno);
		return;
	}
	cr_expect_eq(n, (ssize_t)strlen(text), "%zd bytes", n);
	cr_expect_arr_eq(got, text, strlen(text));
}

static void
expect_nothing(int fd)
{
	char c;

	cr_expect_eq(recv(fd, &c, 1, 0), -1);
	cr_expect_eq(errno, EAGAIN);
}

static void
guest_reads(struct offer *o, const char *text)
{
	char got[64];
	int n = rings_receive(o->rings, got, sizeof(got));

	cr_expect_eq(n, (int)strlen(text));
	cr_expect_arr_eq(got, text, strlen(text));
}

/* A connection from the host that the guest has taken; the program's end. */
static int
connected_as(unsigned n)
{
	int fd = program_connects("CONNECT 5000\n");
	char line[32];

	cr_assert_eq(fake.offers, n + 1);
	cr_assert_eq(fake_open(&fake.offer[n]), 0);
	snprintf(line, sizeof(line), "OK %u\n", 1073741824 + n);
	expect_read(fd, line);
	return fd;
}

static int
connected(void)
{
	return connected_as(0);
}

static void
expect_nothing_left(void)
{
	cr_expect_null(sockets.first);
	cr_expect_eq(sockets.count[0] + sockets.count[1], 0);
	cr_expect_eq(sockets.waiting + sockets.offered, 0);
	cr_expect_eq(sockets.kept, 0);
	cr_expect_eq(sockets.rests, 0);
}

Test(sockets, has_a_folder_for_root_and_itself)
{
	struct stat st;

	cr_expect_eq(stat(".", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0710);
}

Test(sockets, have_no_folder_where_a_link_is)
{
	char run[] = "/tmp/sockets-XXXXXX", path[64], target[64];
	struct sockets other;
	struct stat st;
	struct err e;

	cr_assert_not_null(mkdtemp(run));
	snprintf(target, sizeof(target), "%s/target", run);
	snprintf(path, sizeof(path), "%s/" SOCKETS_FOLDER, run);
	cr_assert_eq(mkdir(target, 0700), 0);
	cr_assert_eq(symlink(target, path), 0);
	cr_expect_eq(sockets_begin(&other, event, run, &e), -1);
	cr_expect_eq(stat(target, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700, "it is as it was");
	sockets_end(&other);
	unlink(path);
	rmdir(target);
	rmdir(run);
}

Test(sockets, offers_the_port_that_a_program_asks_for)
{
	const struct offer_setup *setup = &fake.offer[0].setup;
	struct guid class_id = port_guid(5000);
	int fd = program_connects("CONNECT 5000\n");

	cr_expect_eq(fake.offers, 1);
	cr_expect_eq(guid_compare(&setup->class_id, &class_id), 0);
	cr_expect_eq(setup->user_data[4], PORT_FROM_HOST);
	cr_expect_arr_eq(setup->instance_id.bytes, "\0\0\0\x40", 4);
	expect_nothing(fd);
	close(fd);
}

Test(sockets, names_each_connection_differently)
{
	close(program_connects("CONNECT 5000\n"));
	close(program_connects("CONNECT 5000\n"));
	cr_assert_eq(fake.offers, 2);
	cr_expect_neq(guid_compare(&fake.offer[0].setup.instance_id,
	    &fake.offer[1].setup.instance_id), 0);
}

Test(sockets, passes_bytes_both_ways)
{
	int fd = connected();

	rings_send(fake.offer[0].rings, "from guest", 10);
	fake_kick(&fake.offer[0]);
	expect_read(fd, "from guest");
	cr_expect_eq(send(fd, "from host", 9, 0), 9);
	settle();
	guest_reads(&fake.offer[0], "from host");
	cr_expect_eq(rings_bell(fake.offer[0].rings->call_fd), 1);
	close(fd);
}

Test(sockets, gives_the_guest_what_follows_the_line)
{
	int fd = program_connects("CONNECT 5000\nat once");

	fake_open(&fake.offer[0]);
	settle();
	guest_reads(&fake.offer[0], "at once");
	close(fd);
}

Test(sockets, ends_when_both_sides_have_ended)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	shutdown(fd, SHUT_WR);
	settle();
	guest_reads(o, "");
	rings_send(o->rings, "last words", 10);
	fake_kick(o);
	cr_expect_not(o->rescinded);
	expect_read(fd, "last words");
	rings_send(o->rings, NULL, 0);
	fake_kick(o);
	cr_expect(o->rescinded);
	expect_read(fd, NULL);
	fake_release(o, 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, passes_the_guests_end_on_and_goes_on)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	rings_send(o->rings, NULL, 0);
	fake_kick(o);
	expect_read(fd, NULL);
	cr_expect_eq(send(fd, "more", 4, 0), 4);
	settle();
	guest_reads(o, "more");
	close(fd);
	settle();
	cr_expect(o->rescinded);
	fake_release(o, 0);
	expect_nothing_left();
}

Test(sockets, sleeps_while_a_program_has_ended)
{
	int fd = connected();

	close(fd);
	settle();
	guest_reads(&fake.offer[0], "");
	cr_expect_eq(sd_event_run(event, 0), 0, "it would never sleep");
	rings_send(fake.offer[0].rings, "anybody?", 8);
	fake_kick(&fake.offer[0]);
	cr_expect(fake.offer[0].rescinded);
}

Test(sockets, refuses_lines_that_make_no_sense)
{
	int fd = program_connects("GET / HTTP/1.1\r\n");
	char c;

	/* What we have not read is why this is more than an end. */
	cr_expect_eq(recv(fd, &c, 1, 0), -1);
	cr_expect_eq(errno, ECONNRESET);
	cr_expect_eq(fake.offers, 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, refuses_at_once_when_there_is_no_guest)
{
	int fd;

	fake.guest_version = 0;
	fd = program_connects("CONNECT 5000\n");
	cr_expect_eq(recv(fd, &fd, 1, 0), 0);
	expect_nothing_left();
}

Test(sockets, refuses_when_the_guest_does_not_open)
{
	int fd = program_connects("CONNECT 5000\n");

	settle_for(CONNECTION_OPEN_USEC / 2);
	expect_nothing(fd);
	settle_for(CONNECTION_OPEN_USEC);
	expect_read(fd, NULL);
	cr_expect(fake.offer[0].rescinded);
	fake_release(&fake.offer[0], 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, forgets_a_program_that_leaves_before)
{
	int fd = program_connects("CONNECT 5000\n");

	close(fd);
	settle();
	cr_expect(fake.offer[0].rescinded);
	cr_expect_eq(fake_open(&fake.offer[0]), -1);
	fake_release(&fake.offer[0], 0);
	expect_nothing_left();
}

Test(sockets, refuses_when_the_worker_does)
{
	int fd = program_connects("CONNECT 5000\n");

	fake_release(&fake.offer[0], ENOMEM);
	expect_read(fd, NULL);
	expect_nothing_left();
	close(fd);
}

Test(sockets, has_programs_wait_for_their_turn)
{
	int fds[SOCKETS_OFFERED_MAX + 2];

	for (unsigned i = 0; i < SOCKETS_OFFERED_MAX + 2; i++)
		fds[i] = program_connects("CONNECT 5000\n");
	cr_expect_eq(fake.offers, SOCKETS_OFFERED_MAX);
	fake_open(&fake.offer[3]);
	cr_expect_eq(fake.offers, SOCKETS_OFFERED_MAX + 1);
	expect_read(fds[3], "OK 1073741827\n");
	/* One that leaves makes room, too. */
	close(fds[5]);
	settle();
	cr_expect_eq(fake.offers, SOCKETS_OFFERED_MAX + 2);
	cr_expect_eq(sockets.waiting, 0);
}

Test(sockets, bounds_the_number_of_programs)
{
	static int fds[SOCKETS_MAX + 1];

	for (unsigned i = 0; i < SOCKETS_MAX + 1; i++)
		fds[i] = program_connects("CONNECT ");
	cr_expect_eq(sockets.count[PORT_FROM_HOST], SOCKETS_MAX);
	cr_expect_eq(sd_event_run(event, 0), 0);
	/* The one too many is served when another is over. */
	close(fds[0]);
	settle();
	send(fds[SOCKETS_MAX], "1\n", 2, 0);
	settle();
	cr_expect_eq(fake.offers, 1);
}

Test(sockets, connect_a_guest_to_who_listens)
{
	struct guid service = port_guid(6000), endpoint = port_guid(1024);
	const struct offer_setup *setup = &fake.offer[0].setup;
	int listener = program_listens(6000, 1), fd;

	guest_connects(1024, 6000);
	cr_assert_eq(fake.offers, 1);
	cr_expect_eq(guid_compare(&setup->class_id, &service), 0);
	cr_expect_eq(guid_compare(&setup->instance_id, &endpoint), 0);
	cr_expect_eq(setup->user_data[4], PORT_FROM_GUEST);
	fake_open(&fake.offer[0]);
	fd = accept(listener, NULL, NULL);
	cr_assert_geq(fd, 0);
	rings_send(fake.offer[0].rings, "hello", 5);
	fake_kick(&fake.offer[0]);
	expect_read(fd, "hello");
	close(fd);
	close(listener);
}

Test(sockets, refuse_a_guest_when_nobody_listens)
{
	struct guid service = port_guid(6000), endpoint = port_guid(1024);

	guest_connects(1024, 6000);
	cr_expect_eq(fake.refusals, 1);
	cr_expect_eq(guid_compare(&fake.refused_service, &service), 0);
	cr_expect_eq(guid_compare(&fake.refused_endpoint, &endpoint), 0);
	/* A name without a program behind it is nobody, too. */
	close(program_listens(6001, 1));
	guest_connects(1024, 6001);
	cr_expect_eq(fake.refusals, 2);
	cr_expect_eq(fake.offers, 0);
	expect_nothing_left();
}

Test(sockets, refuse_a_guest_what_is_no_port)
{
	struct guid service = port_guid(6000), endpoint = port_guid(1024);

	close(program_listens(6000, 1));
	service.bytes[9] ^= 1;
	fake.ops->connect_request(fake.ctx, &endpoint, &service);
	endpoint.bytes[9] ^= 1;
	service = port_guid(6000);
	fake.ops->connect_request(fake.ctx, &endpoint, &service);
	cr_expect_eq(fake.refusals, 2);
	expect_nothing_left();
}

Test(sockets, have_a_guest_wait_for_a_busy_program)
{
	int listener = program_listens(6000, 0);

	guest_connects(1024, 6000);
	guest_connects(1025, 6000);
	cr_expect_eq(fake.offers, 1, "there is room for one");
	close(accept(listener, NULL, NULL));
	settle_for(CONNECTION_REDIAL_USEC * 3);
	cr_expect_eq(fake.offers, 2);
	cr_expect_eq(fake.refusals, 0);
	guest_connects(1026, 6000);
	settle_for(CONNECTION_DIAL_USEC + CONNECTION_REDIAL_USEC * 3);
	cr_expect_eq(fake.refusals, 1);
	close(listener);
}

Test(sockets, bound_the_number_of_a_guests_connections)
{
	int listener = program_listens(6000, 4096);

	for (uint32_t i = 0; i < SOCKETS_MAX; i++)
		guest_connects(1024 + i, 6000);
	cr_expect_eq(fake.offers, SOCKETS_MAX);
	cr_expect_eq(fake.refusals, 0);
	guest_connects(1024 + SOCKETS_MAX, 6000);
	cr_expect_eq(fake.refusals, 1);
	close(listener);
}

/* Fill a program's socket and then the ring; how much that was. */
static size_t
fill(struct offer *o)
{
	static uint8_t bytes[RINGS_GUEST_MAX];
	size_t sum = 0;
	int full = 0;

	while (full < 2) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)((sum + i) / 64);
		if (rings_send(o->rings, bytes, sizeof(bytes))) {
			sum += sizeof(bytes);
			full = 0;
		} else {
			full++;
		}
		fake_kick(o);
		settle();
	}
	return sum;
}

/* All @size bytes that fill() has sent, and the end. */
static void
read_filled(int fd, size_t size)
{
	static uint8_t bytes[65536];
	size_t sum = 0;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) != 0) {
		settle();
		cr_assert(n > 0 || errno == EAGAIN);
		for (ssize_t i = 0; i < n; i++)
			cr_assert_eq(bytes[i], (uint8_t)((sum + (size_t)i) /
			    64));
		if (n > 0)
			sum += (size_t)n;
		else
			cr_assert_lt(sum, size);
	}
	cr_expect_eq(sum, size);
}

Test(sockets, stop_a_guest_whose_program_does_not_read)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();
	size_t size = fill(o);

	cr_expect_lt(size, 1 << 20);
	cr_expect_eq(sd_event_run(event, 0), 0, "it would never sleep");
	rings_bell(o->rings->call_fd);
	cr_expect_eq(ring_writer_await(&o->rings->out, 4120), RING_FULL);
	while (recv(fd, (uint8_t[65536]){ 0 }, 65536, 0) > 0)
		settle();
	cr_expect_eq(rings_bell(o->rings->call_fd), 1, "there is room");
	cr_expect_eq(ring_writer_await(&o->rings->out, 4120), RING_OK);
	close(fd);
}

Test(sockets, take_from_a_guest_that_does_not_read)
{
	static const uint8_t bytes[65536];
	struct offer *o = &fake.offer[0];
	int fd = connected();

	while (send(fd, bytes, sizeof(bytes), 0) > 0)
		settle();
	rings_send(o->rings, "I am full", 9);
	fake_kick(o);
	expect_read(fd, "I am full");
	close(fd);
}

Test(sockets, keep_what_a_guest_has_left_behind)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();
	size_t size = fill(o);

	fake_close(o);
	cr_expect(o->rescinded);
	cr_expect_gt(sockets.kept, 0);
	fake_release(o, 0);
	read_filled(fd, size);
	expect_nothing_left();
	close(fd);
}

Test(sockets, keep_nobody_out_by_what_was_left_behind)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	fill(o);
	cr_expect_eq(sockets.count[PORT_FROM_HOST], 1);
	fake_close(o);
	cr_expect_eq(sockets.count[PORT_FROM_HOST], 0);
	cr_expect_eq(sockets.rests, 1);
	fake_release(o, 0);
	close(fd);
	settle();
	expect_nothing_left();
}

/* The guest leaves behind what its @n-th program does not read. */
static int
rested(unsigned n)
{
	int fd = connected_as(n);

	fill(&fake.offer[n]);
	fake_close(&fake.offer[n]);
	fake_release(&fake.offer[n], 0);
	return fd;
}

Test(sockets, give_up_what_nobody_reads_when_there_is_no_room)
{
	int fds[3] = { rested(0) };
	struct connection *first = sockets.first;
	size_t kept = sockets.kept;

	cr_assert_gt(kept, 0);
	sockets.rests += SOCKETS_RESTS_MAX - 1;
	fds[1] = rested(1);
	cr_expect_eq(sockets.kept, kept, "the first has its time");
	cr_expect_eq(sockets.first, first);
	first->rest_moved -= CONNECTION_STALE_USEC;
	fds[2] = rested(2);
	cr_assert_not_null(sockets.first);
	cr_expect_eq(sockets.first->fd >= 0 ? sockets.first->own_port : 0,
	    1073741824 + 2);
	cr_expect_eq(sockets.rests, SOCKETS_RESTS_MAX);
	sockets.rests -= SOCKETS_RESTS_MAX - 1;
	for (unsigned i = 0; i < 3; i++)
		close(fds[i]);
	settle();
	expect_nothing_left();
}

Test(sockets, forget_what_was_left_when_the_program_leaves)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	fill(o);
	fake_release(o, 0);
	close(fd);
	settle();
	expect_nothing_left();
}

Test(sockets, cut_off_what_a_dead_guest_has_not_ended)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	rings_send(o->rings, "unfinished", 10);
	fake_close(o);
	expect_read(fd, "unfinished");
	expect_read(fd, NULL);
	cr_expect(o->rescinded);
	fake_release(o, 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, take_a_channel_back_whose_guest_breaks_the_rules)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	rings_send_as(o->rings, 1, 1000, "lies", 4);
	fake_kick(o);
	cr_expect(o->rescinded);
	expect_read(fd, NULL);
	fake_release(o, 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, take_a_channel_back_whose_ring_is_broken)
{
	struct offer *o = &fake.offer[0];
	struct ring_header *h;
	int fd = connected();

	h = (void *)o->rings->memory;
	h->write_index = 4;
	fake_kick(o);
	cr_expect(o->rescinded);
	expect_read(fd, NULL);
	fake_release(o, 0);
	expect_nothing_left();
	close(fd);
}

Test(sockets, take_a_channel_back_whose_program_has_cut_it_off)
{
	struct offer *o = &fake.offer[0];
	int fd = connected();

	rings_send(o->rings, "unread", 6);
	fake_kick(o);
	close(fd);
	settle();
	cr_expect(o->rescinded, "its end was no orderly one");
	fake_release(o, 0);
	expect_nothing_left();
}

Test(sockets, end_with_the_worker)
{
	struct err why = { .code = ECONNRESET };

	fake.ops->lost(fake.ctx, &why);
	cr_expect_eq(sd_event_loop(event), 0);
}

Test(sockets, end_with_connections_of_all_kinds)
{
	int listener = program_listens(6000, 8);

	program_connects("CONNECT 5000\n");
	program_connects("CONN");
	program_connects("CONNECT 5000\n");
	guest_connects(1024, 6000);
	fake_open(&fake.offer[1]);
	cr_expect_neq(sockets.first, NULL);
	close(listener);
}
