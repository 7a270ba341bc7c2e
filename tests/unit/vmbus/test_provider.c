/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's frame, with a worker and a guest that follow a script. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmbus/journal.h"
#include "vmbus/provider.h"
#include "vmbus/provider_link.h"

#define PAGES	64u
#define HANDLE	9u

static struct {
	sd_event *event;
	struct provider_link link;
	uint8_t *bytes;
	int memory_fd, figures_fd;
	int kick_fd, call_fd, journal_fd;
	_Alignas(8) uint8_t buffer[PROVIDER_MESSAGE_MAX];
} worker;

static struct {
	struct provider *provider;
	struct offer *offer;
	struct channel *channel;
	bool refuse, late;
	unsigned opens, closes, receives, packets, removes;
	unsigned broken, released, losts, events;
	int lost_code;
	bool resumed, lasting, silent;
	int status;
} mine;

static int
op_open(void *ctx, struct channel *c, const uint8_t *user_data, struct err *e)
{
	(void)ctx;
	cr_expect_str_eq((const char *)user_data, "user data");
	if (mine.refuse)
		return err_set(e, EIO, "refused by the test");
	mine.opens++;
	mine.channel = c;
	mine.resumed = channel_resumed(c);
	return 0;
}

static void
op_receive(void *ctx, struct channel *c)
{
	struct packet p;

	(void)ctx;
	mine.receives++;
	while (channel_receive(c, &p) == CHANNEL_OK) {
		mine.packets++;
		if (mine.silent)
			continue;
		if (mine.lasting)
			channel_answer(c, p.ticket, p.payload,
			    p.payload_size);
		else
			channel_complete(c, p.transaction_id, p.payload,
			    p.payload_size);
	}
}

static void
op_close(void *ctx, struct channel *c)
{
	(void)ctx;
	cr_expect_eq(c, mine.channel);
	mine.closes++;
	if (!mine.late)
		offer_closed(mine.offer);
}

static void
op_gpadl_remove(void *ctx, const struct gpadl *g)
{
	(void)ctx;
	mine.removes++;
	if (!mine.late)
		offer_gpadl_removed(mine.offer, g->handle);
}

static void
op_broken(void *ctx)
{
	(void)ctx;
	mine.broken++;
}

static void
op_released(void *ctx, int status)
{
	(void)ctx;
	mine.released++;
	mine.status = status;
}

static const struct offer_ops offer_ops = {
	.open = op_open, .receive = op_receive,
	.close = op_close, .gpadl_remove = op_gpadl_remove,
	.broken = op_broken, .released = op_released,
};

static void
op_lost(void *ctx, const struct err *why)
{
	(void)ctx;
	mine.lost_code = why->code;
	mine.losts++;
}

static void
op_event(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	(void)ctx;
	(void)kind;
	(void)value;
	mine.events++;
}

static const struct provider_ops provider_ops = {
	.lost = op_lost, .event = op_event,
};

/* Let the provider do all that it can do now. */
static void
pump(void)
{
	while (sd_event_run(worker.event, 0) > 0)
		continue;
}

static void
worker_send(const void *m, const int *fds, unsigned count)
{
	struct err e;

	cr_assert_eq(provider_link_send(&worker.link, m, fds, count, &e), 0);
	if (mine.provider != NULL)
		pump();
}

static void
worker_say(uint32_t type, uint32_t status)
{
	struct provider_short m = { { type, sizeof(m) }, 1, status };

	worker_send(&m, NULL, 0);
}

/* The next message of the provider, which is to be of @type. */
static const void *
worker_hear(uint32_t type)
{
	int fds[PROVIDER_FDS_MAX];
	struct provider_head head;
	unsigned count;
	struct err e;

	cr_assert_eq(provider_link_receive(&worker.link, worker.buffer, fds,
	    &count, &e), 1, "message %u is missing", type);
	memcpy(&head, worker.buffer, sizeof(head));
	cr_assert_eq(head.type, type, "message %u, not %u", head.type, type);
	return worker.buffer;
}

static bool
worker_hears_nothing(void)
{
	int fds[PROVIDER_FDS_MAX];
	unsigned count;
	struct err e;

	return provider_link_receive(&worker.link, worker.buffer, fds, &count,
	    &e) == 0;
}

static struct provider_welcome
welcome(void)
{
	return (struct provider_welcome){
		.head = { PROVIDER_WELCOME, sizeof(struct provider_welcome) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.uid = 65000, .partition_id = 3, .vps = 2,
		.memory_size = PAGES * MEMORY_PAGE, .region_count = 1,
		.regions = { { 0, PAGES * MEMORY_PAGE, 0 } },
	};
}

static void
attach(const struct provider_welcome *w, struct err *e)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    pair), 0);
	provider_link_init(&worker.link, pair[0], PROVIDER_SENDER_PROVIDER);
	/* It is read when the provider looks for it. */
	worker_send(w, (int[]){ worker.memory_fd, worker.figures_fd }, 2);
	mine.provider = provider_attach(worker.event, pair[1],
	    PROVIDER_STORAGE, &provider_ops, NULL, e);
}

static void
setup(void)
{
	memset(&worker, 0, sizeof(worker));
	memset(&mine, 0, sizeof(mine));
	cr_assert_geq(sd_event_new(&worker.event), 0);
	worker.memory_fd = memfd_create("guest", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(worker.memory_fd, PAGES * MEMORY_PAGE), 0);
	worker.figures_fd = memfd_create("figures", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(worker.figures_fd,
	    (off_t)provider_figures_size(PROVIDER_STORAGE)), 0);
	worker.bytes = mmap(NULL, PAGES * MEMORY_PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, worker.memory_fd, 0);
	cr_assert_neq(worker.bytes, MAP_FAILED);
	worker.kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	worker.call_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static void
setup_offer(void)
{
	struct offer_setup s = { .class_id.bytes = { 1 },
		.instance_id.bytes = { 2 }, .sub_channel = 3, .flags = 0x11,
		.user_data = "offer", .packet_max = 4096 };
	struct provider_welcome w = welcome();
	struct err e;

	setup();
	attach(&w, &e);
	cr_assert_not_null(mine.provider, "%s", e.text);
	worker_hear(PROVIDER_HELLO);
	mine.offer = provider_offer(mine.provider, &s, &offer_ops, NULL, &e);
	cr_assert_not_null(mine.offer);
}

static void
teardown(void)
{
	if (mine.provider != NULL)
		provider_destroy(mine.provider);
	provider_link_close(&worker.link);
	sd_event_unref(worker.event);
	munmap(worker.bytes, PAGES * MEMORY_PAGE);
	close(worker.memory_fd);
	close(worker.kick_fd);
	close(worker.call_fd);
}

/* A page list with these pages, four for rings of one page each. */
static void
gpadl_add(const uint64_t *pfns, uint32_t count)
{
	struct provider_gpadl_add *m = (void *)worker.buffer;

	*m = (struct provider_gpadl_add){
		.head = { PROVIDER_GPADL_ADD, sizeof(*m) + count * 8 },
		.offer = 1, .handle = HANDLE,
		.byte_count = count * MEMORY_PAGE, .page_count = count,
	};
	memcpy(m->pfns, pfns, count * 8);
	worker_send(m, NULL, 0);
}

static const uint64_t scattered[] = { 9, 3, 20, 21 };

static void
open_with(uint32_t handle, uint32_t downstream)
{
	struct provider_open m = {
		.head = { PROVIDER_OPEN, sizeof(m) }, .offer = 1,
		.ring_gpadl = handle, .downstream_page = downstream,
		.user_data = "user data",
	};
	int fds[] = { worker.kick_fd, worker.call_fd };

	worker_send(&m, fds, 2);
}

static void
setup_open(void)
{
	const struct provider_short *m;

	setup_offer();
	worker_hear(PROVIDER_OFFER);
	gpadl_add(scattered, 4);
	worker_hear(PROVIDER_GPADL_ADDED);
	open_with(HANDLE, 2);
	m = worker_hear(PROVIDER_OPENED);
	cr_assert_eq(m->status, 0);
}

/* Write a packet into the first ring, whose data is page 3, and kick. */
static void
guest_send(uint16_t type)
{
	struct ring_header *h = (void *)(worker.bytes + 9 * MEMORY_PAGE);
	uint32_t next = h->write_index;
	uint16_t packet[] = { type, 2, 2, 0, 77, 0, 0, 0 };
	uint64_t one = 1;

	memcpy(worker.bytes + 3 * MEMORY_PAGE + next, packet, sizeof(packet));
	h->write_index = next + 24;
	cr_assert_eq(write(worker.kick_fd, &one, sizeof(one)), 8);
	pump();
}

static uint32_t
guest_got(void)
{
	struct ring_header *h = (void *)(worker.bytes + 20 * MEMORY_PAGE);

	return h->write_index / 24;
}

#define JOURNAL_SLOTS 4u

/* A provider of a lasting channel is told to open it, or to go on. */
static void
lasting_begin(uint32_t type)
{
	struct offer_setup s = { .class_id.bytes = { 1 },
		.instance_id.bytes = { 2 }, .journal_slots = JOURNAL_SLOTS };
	struct provider_open m = {
		.head = { type, sizeof(m) }, .offer = 1,
		.ring_gpadl = HANDLE, .downstream_page = 2,
		.user_data = "user data",
	};
	const int fds[] = { worker.kick_fd, worker.call_fd,
		worker.journal_fd };
	struct provider_welcome w = welcome();
	const struct provider_offer *o;
	struct err e;

	memset(&mine, 0, sizeof(mine));
	mine.lasting = true;
	attach(&w, &e);
	cr_assert_not_null(mine.provider, "%s", e.text);
	worker_hear(PROVIDER_HELLO);
	mine.offer = provider_offer(mine.provider, &s, &offer_ops, NULL, &e);
	o = worker_hear(PROVIDER_OFFER);
	cr_assert_eq(o->journal_bytes, journal_bytes(JOURNAL_SLOTS, 4096));
	gpadl_add(scattered, 4);
	worker_hear(PROVIDER_GPADL_ADDED);
	worker_send(&m, fds, 3);
}

static void
setup_lasting(void)
{
	const struct provider_short *m;

	setup();
	worker.journal_fd = memfd_create("journal", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(worker.journal_fd,
	    (off_t)journal_bytes(JOURNAL_SLOTS, 4096)), 0);
	lasting_begin(PROVIDER_OPEN_LASTING);
	m = worker_hear(PROVIDER_OPENED);
	cr_assert_eq(m->status, 0);
	cr_assert_not(mine.resumed);
}

/* It is killed: nothing of it is run any more. */
static void
lasting_end(void)
{
	provider_destroy(mine.provider);
	provider_link_close(&worker.link);
}

TestSuite(attach, .init = setup, .fini = teardown);
TestSuite(offer, .init = setup_offer, .fini = teardown);
TestSuite(open, .init = setup_open, .fini = teardown);
TestSuite(lasting, .init = setup_lasting, .fini = teardown);

Test(attach, tells_the_child_and_maps_its_memory)
{
	struct provider_welcome w = welcome();
	const struct provider_hello *hello;
	struct err e;

	attach(&w, &e);
	cr_assert_not_null(mine.provider);
	hello = worker_hear(PROVIDER_HELLO);
	cr_expect_eq(hello->kind, PROVIDER_STORAGE);
	cr_expect_eq(provider_partition_id(mine.provider), 3);
	cr_expect_eq(provider_vps(mine.provider), 2);
	worker.bytes[5000] = 42;
	cr_expect_eq(*memory_at(provider_memory(mine.provider), 5000, 1), 42);
}

Test(attach, refuses_a_worker_that_makes_no_sense)
{
	struct provider_welcome w = welcome();
	struct err e;

	w.version++;
	attach(&w, &e);
	cr_expect_null(mine.provider, "version");
	provider_link_close(&worker.link);
	w = welcome();
	w.memory_size *= 2;
	attach(&w, &e);
	cr_expect_null(mine.provider, "size");
	provider_link_close(&worker.link);
	w = welcome();
	w.regions[0].size += MEMORY_PAGE;
	attach(&w, &e);
	cr_expect_null(mine.provider, "regions");
}

Test(attach, refuses_figures_of_another_size)
{
	struct provider_welcome w = welcome();
	struct err e;

	cr_assert_eq(ftruncate(worker.figures_fd, 4096), 0);
	attach(&w, &e);
	cr_expect_null(mine.provider);
}

Test(attach, hears_of_guests_that_come_and_go)
{
	struct provider_event m = { { PROVIDER_EVENT, sizeof(m) },
		PROVIDER_CONTACT, 0x50003 };
	struct provider_welcome w = welcome();
	struct err e;

	attach(&w, &e);
	worker_send(&m, NULL, 0);
	cr_expect_eq(provider_guest_version(mine.provider), 0x50003);
	m.kind = PROVIDER_UNLOAD;
	worker_send(&m, NULL, 0);
	cr_expect_eq(provider_guest_version(mine.provider), 0);
	cr_expect_eq(mine.events, 2);
}

Test(offer, is_told_to_the_worker)
{
	const struct provider_offer *m = worker_hear(PROVIDER_OFFER);

	cr_expect_eq(m->offer, 1);
	cr_expect_eq(m->class_id.bytes[0], 1);
	cr_expect_eq(m->instance_id.bytes[0], 2);
	cr_expect_eq(m->sub_channel, 3);
	cr_expect_eq(m->flags, 0x11);
	cr_expect_str_eq((const char *)m->user_data, "offer");
}

Test(offer, that_is_refused_is_released)
{
	worker_say(PROVIDER_OFFERED, EEXIST);
	cr_expect_eq(mine.released, 1);
	cr_expect_eq(mine.status, EEXIST);
}

Test(offer, knows_its_page_lists)
{
	const struct provider_gpadl *m;

	worker_hear(PROVIDER_OFFER);
	gpadl_add(scattered, 4);
	m = worker_hear(PROVIDER_GPADL_ADDED);
	cr_expect_eq(m->handle, HANDLE);
	cr_expect_eq(m->status, 0);
	cr_expect_eq(offer_gpadl(mine.offer, HANDLE)->pfns[1], 3);
	cr_expect_null(offer_gpadl(mine.offer, HANDLE + 1));
}

Test(offer, refuses_pages_that_are_no_memory)
{
	static const uint64_t wrong[] = { 1, PAGES };
	const struct provider_gpadl *m;

	worker_hear(PROVIDER_OFFER);
	gpadl_add(wrong, 2);
	m = worker_hear(PROVIDER_GPADL_ADDED);
	cr_expect_neq(m->status, 0);
	cr_expect_null(offer_gpadl(mine.offer, HANDLE));
}

Test(offer, gives_a_page_list_back_when_it_is_used_no_more)
{
	struct provider_gpadl m = { { PROVIDER_GPADL_REMOVE, sizeof(m) }, 1,
		HANDLE, 0, 0 };

	worker_hear(PROVIDER_OFFER);
	gpadl_add(scattered, 4);
	worker_hear(PROVIDER_GPADL_ADDED);
	mine.late = true;
	worker_send(&m, NULL, 0);
	cr_expect_eq(mine.removes, 1);
	cr_expect(worker_hears_nothing());
	cr_expect_null(offer_gpadl(mine.offer, HANDLE), "not to be used");
	offer_gpadl_removed(mine.offer, HANDLE);
	worker_hear(PROVIDER_GPADL_REMOVED);
}

Test(offer, answers_an_open_that_it_refuses)
{
	const struct provider_short *m;

	worker_hear(PROVIDER_OFFER);
	gpadl_add(scattered, 4);
	worker_hear(PROVIDER_GPADL_ADDED);
	mine.refuse = true;
	open_with(HANDLE, 2);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_neq(m->status, 0);
	mine.refuse = false;
	open_with(HANDLE + 1, 2);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_neq(m->status, 0, "no such list");
	open_with(HANDLE, 4);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_neq(m->status, 0, "no second ring");
	open_with(HANDLE, 2);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_eq(m->status, 0);
	cr_expect_eq(mine.opens, 1);
}

Test(open, receives_and_answers_over_pages_that_lie_anywhere)
{
	uint64_t calls = 0;

	guest_send(6);
	cr_expect_eq(mine.packets, 1);
	cr_expect_eq(guest_got(), 1);
	cr_expect_eq(read(worker.call_fd, &calls, sizeof(calls)), 8);
	cr_expect_eq(calls, 1);
	guest_send(6);
	cr_expect_eq(mine.packets, 2);
	cr_expect_eq(guest_got(), 2);
}

Test(open, is_called_again_when_it_asks)
{
	channel_resume(mine.channel);
	pump();
	cr_expect_eq(mine.receives, 1);
}

Test(open, tells_the_worker_only_when_it_is_closed)
{
	mine.late = true;
	worker_say(PROVIDER_CLOSE, 0);
	cr_expect_eq(mine.closes, 1);
	cr_expect(worker_hears_nothing());
	cr_expect_not_null(offer_channel(mine.offer));
	offer_closed(mine.offer);
	worker_hear(PROVIDER_CLOSED);
	cr_expect_null(offer_channel(mine.offer));
}

Test(open, can_be_closed_and_opened_many_times)
{
	for (unsigned i = 0; i < 5; i++) {
		worker_say(PROVIDER_CLOSE, 0);
		worker_hear(PROVIDER_CLOSED);
		open_with(HANDLE, 2);
		worker_hear(PROVIDER_OPENED);
	}
	cr_expect_eq(mine.opens, 6);
}

Test(open, lets_go_of_everything_before_it_is_taken_back)
{
	mine.late = true;
	offer_rescind(mine.offer);
	cr_expect_eq(mine.closes, 1);
	cr_expect_eq(mine.removes, 0);
	offer_closed(mine.offer);
	cr_expect_eq(mine.removes, 1);
	cr_expect(worker_hears_nothing());
	offer_gpadl_removed(mine.offer, HANDLE);
	worker_hear(PROVIDER_RESCIND);
	cr_expect(worker_hears_nothing());
	worker_say(PROVIDER_CLOSE, 0);
	cr_expect(worker_hears_nothing(), "it is too late for questions");
	worker_say(PROVIDER_RELEASED, 0);
	cr_expect_eq(mine.released, 1);
}

Test(open, takes_a_channel_back_whose_guest_lies)
{
	guest_send(8);
	cr_expect_eq(mine.broken, 1);
	cr_expect_eq(mine.closes, 1);
	worker_hear(PROVIDER_RESCIND);
}

Test(open, hears_that_the_worker_is_gone)
{
	provider_link_close(&worker.link);
	pump();
	cr_expect_eq(mine.losts, 1);
	cr_expect_eq(mine.lost_code, ECONNRESET);
}

Test(open, hears_that_the_worker_is_gone_while_it_speaks)
{
	provider_link_close(&worker.link);
	provider_ask_time(mine.provider);
	pump();
	cr_expect_eq(mine.losts, 1);
	cr_expect_eq(mine.lost_code, ECONNRESET);
}

Test(open, hears_that_the_worker_gave_it_up)
{
	const struct provider_word word = { .given_up = 1 };

	cr_assert_eq(pwrite(worker.figures_fd, &word, sizeof(word), 0),
	    (ssize_t)sizeof(word));
	provider_link_close(&worker.link);
	pump();
	cr_expect_eq(mine.losts, 1);
	cr_expect_neq(mine.lost_code, ECONNRESET);
}

Test(open, gives_a_worker_up_that_never_reads)
{
	for (unsigned i = 0; mine.losts == 0; i++) {
		cr_assert_lt(i, 1000000);
		provider_ask_time(mine.provider);
		if (i % 1000 == 0)
			pump();
	}
	cr_expect_eq(mine.losts, 1);
	cr_expect_eq(mine.lost_code, EOVERFLOW);
}

/* In a process of its own; says in the exit status what went wrong. */
static int
serve_in_sandbox(void)
{
	/* The sanitizer's end of a process takes one call more. */
	static const int calls[] = { SCMP_SYS(sigaltstack) };
	struct err e;

	setup_open();
	if (provider_sandbox(mine.provider, calls, 1, &e) < 0)
		return 1;
	if (open("/dev/null", O_RDONLY) >= 0 || errno != EPERM)
		return 2;
	if (fork() >= 0)
		return 3;
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 4;
	if (geteuid() == 0 || setuid(0) == 0)
		return 5;
	guest_send(6);
	return guest_got() == 1 ? 0 : 6;
}

Test(sandbox, leaves_what_serving_a_guest_takes_and_no_more)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(serve_in_sandbox());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "%d", WEXITSTATUS(status));
}

Test(lasting, what_was_not_answered_comes_to_the_successor)
{
	uint64_t count;

	mine.silent = true;
	guest_send(6);
	guest_send(6);
	cr_assert_eq(mine.packets, 2);
	lasting_end();
	/* Whoever comes looks, without being told to. */
	cr_assert_eq(read(worker.kick_fd, &count, sizeof(count)), 8);
	lasting_begin(PROVIDER_RESUME);
	worker_hear(PROVIDER_OPENED);
	cr_expect(mine.resumed);
	cr_expect_eq(mine.packets, 2);
	cr_expect_eq(guest_got(), 2);
	cr_expect_gt(read(worker.call_fd, &count, sizeof(count)), 0);
}

Test(lasting, what_was_answered_does_not)
{
	guest_send(6);
	cr_assert_eq(guest_got(), 1);
	lasting_end();
	lasting_begin(PROVIDER_RESUME);
	worker_hear(PROVIDER_OPENED);
	cr_expect_eq(mine.packets, 0);
	guest_send(6);
	cr_expect_eq(mine.packets, 1);
	cr_expect_eq(guest_got(), 2);
}

Test(lasting, a_journal_of_another_size_is_refused)
{
	const struct provider_short *m;

	lasting_end();
	cr_assert_eq(ftruncate(worker.journal_fd, 4096), 0);
	lasting_begin(PROVIDER_RESUME);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_neq(m->status, 0);
	cr_expect_eq(mine.opens, 0);
}

Test(lasting, a_journal_must_come)
{
	const struct provider_short *m;

	worker_say(PROVIDER_CLOSE, 0);
	worker_hear(PROVIDER_CLOSED);
	open_with(HANDLE, 2);
	m = worker_hear(PROVIDER_OPENED);
	cr_expect_neq(m->status, 0);
}
