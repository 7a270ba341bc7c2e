/* SPDX-License-Identifier: Apache-2.0 */
/* The real process of disks, killed again and again under a busy guest. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_backend.h"
#include "storage/scsi.h"
#include "storage/vstor.h"
#include "vmbus/message.h"
#include "vmbus/packet.h"
#include "vmbus/ring.h"
#include "vmbus_guest.h"
#include "worker/provider_channel.h"

#define CHANNELS	2u
#define RING_PAGES	16u
#define RING_BYTES	((size_t)RING_PAGES / 2 * MEMORY_PAGE)
#define FIRST_RING	16u	/* page of the guest */
#define FIRST_DATA	64u
#define REQUESTS	24u
#define RUN		8u	/* pages of a request, at most */
#define DISK_PAGES	1024u
#define BLOCKS_A_PAGE	8u
#define KILLS		40u
#define PATIENCE_S	60

struct guest_channel {
	uint32_t relid;
	struct ring_writer out;
	struct ring_reader in;
};

struct guest_request {
	bool busy;
	bool is_read, is_flush;
	uint32_t page, pages;
	uint32_t generation;
};

static char folder[] = "/tmp/mullion-kills-XXXXXX";
static pid_t storage;
static struct guest_channel channels[CHANNELS];
static struct guest_request requests[REQUESTS];
/* What each page of the disk holds, 0: zeros; and whether it is under way. */
static uint32_t on_disk[DISK_PAGES];
static bool in_use[DISK_PAGES];
static uint32_t generations;
static unsigned posts_seen;
static unsigned long completed;

static void *
guest_page(uint32_t pfn)
{
	return machine.memory.base + (size_t)pfn * MEMORY_PAGE;
}

static void
file_make(const char *name, const char *text, off_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	if (size > 0)
		cr_assert_eq(ftruncate(fd, size), 0);
	close(fd);
}

static void
storage_start(void)
{
	char config[128];

	snprintf(config, sizeof(config), "%s/conf", folder);
	storage = fork();
	cr_assert_geq(storage, 0);
	if (storage == 0) {
		execl(MULLION_STORAGE, "mullion-storage", "--config", config,
		    "--run-dir", folder, "kills", (char *)NULL);
		_exit(127);
	}
}

/* What systemd does; the lock of one that was killed may outlast it. */
static void
storage_keep_up(void)
{
	int status;

	if (waitpid(storage, &status, WNOHANG) == storage)
		storage_start();
}

static void
storage_kill(void)
{
	int status;

	kill(storage, SIGKILL);
	cr_assert_eq(waitpid(storage, &status, 0), storage);
	storage_start();
}

static void
world_turn(void)
{
	storage_keep_up();
	if (worker_turn() == 0)
		poll(NULL, 0, 1);
}

static time_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* The next control message of @type; all others are passed over. */
static const void *
guest_awaits(uint32_t type)
{
	time_t limit = now_s() + PATIENCE_S;

	for (;;) {
		while (posts_seen < fake.post_count) {
			const void *m = fake.posts[posts_seen++ % FAKE_POSTS]
			    .message.payload_bytes;

			if (((const struct message_header *)m)->type == type)
				return m;
		}
		cr_assert_lt(now_s(), limit, "no message of type %u", type);
		world_turn();
	}
}

static void
channel_open_as(unsigned n, uint32_t relid)
{
	struct {
		struct message_gpadl_header head;
		uint64_t pfns[RING_PAGES];
	} MESSAGE_PACKED list = { .head = {
		.header.type = MESSAGE_GPADL_HEADER,
		.relid = relid,
		.gpadl = GUEST_GPADL + n,
		.range_bytes = 8 + RING_PAGES * 8,
		.range_count = 1,
		.byte_count = RING_PAGES * MEMORY_PAGE,
	} };
	const struct message_open open = {
		.header.type = MESSAGE_OPEN,
		.relid = relid,
		.open_id = relid,
		.ring_gpadl = GUEST_GPADL + n,
		.downstream_page = RING_PAGES / 2,
	};
	uint8_t *base = guest_page(FIRST_RING + n * RING_PAGES);
	struct guest_channel *c = &channels[n];

	for (unsigned i = 0; i < RING_PAGES; i++)
		list.pfns[i] = FIRST_RING + n * RING_PAGES + i;
	cr_assert_eq(guest_post(&list, sizeof(list)), HV_SUCCESS);
	guest_awaits(MESSAGE_GPADL_CREATED);
	cr_assert_eq(guest_post(&open, sizeof(open)), HV_SUCCESS);
	guest_awaits(MESSAGE_OPEN_RESULT);
	c->relid = relid;
	cr_assert(ring_writer_attach(&c->out, base, RING_BYTES));
	cr_assert(ring_reader_attach(&c->in, base + RING_BYTES, RING_BYTES));
}

static void
channel_ring(const struct guest_channel *c)
{
	const struct guest_call call = {
		.kind = GUEST_CALL_SIGNAL,
		.connection_id = SERVER_CONNECTION_ID(c->relid),
	};

	cr_assert_eq(vmbus_host_call(&host, &call), HV_SUCCESS);
}

/* Send @p, with @pages pages of data from page @pfn of the guest on. */
static void
channel_ask(struct guest_channel *c, uint64_t id,
    const struct vstor_packet *p, uint32_t pfn, uint32_t pages)
{
	struct {
		struct packet_descriptor descriptor;
		uint32_t reserved, ranges;
		uint32_t length, offset;
		uint64_t pfns[RUN];
	} head = {
		.descriptor = {
			.type = pages > 0 ? PACKET_GPA_DIRECT : PACKET_IN_BAND,
			.offset8 = (uint16_t)(pages > 0 ? 4 + pages : 2),
			.flags = PACKET_WANTS_COMPLETION,
			.transaction_id = id,
		},
		.ranges = 1,
		.length = pages * MEMORY_PAGE,
	};
	struct iovec iov[2] = { { &head, 0 },
		{ (void *)(uintptr_t)p, sizeof(*p) } };
	bool signal = false;

	iov[0].iov_len = head.descriptor.offset8 * 8u;
	head.descriptor.length8 = (uint16_t)(head.descriptor.offset8 +
	    sizeof(*p) / 8);
	for (uint32_t i = 0; i < pages; i++)
		head.pfns[i] = pfn + i;
	cr_assert_eq(ring_writer_push(&c->out, iov, 2, &signal), RING_OK);
	if (signal)
		channel_ring(c);
}

/* The next completion, with its id and packet; false: there is none. */
static bool
channel_hears(struct guest_channel *c, uint64_t *id, struct vstor_packet *p)
{
	uint8_t bytes[256];
	struct packet_descriptor d;
	enum ring_result result;
	size_t len;

	do {
		result = ring_reader_pop(&c->in, bytes, sizeof(bytes), &len);
		if (result == RING_EMPTY)
			return false;
		cr_assert_eq(result, RING_OK);
		if (ring_reader_publish(&c->in))
			channel_ring(c);
		memcpy(&d, bytes, sizeof(d));
	} while (d.type != PACKET_COMPLETION);
	*id = d.transaction_id;
	memcpy(p, bytes + sizeof(d), sizeof(*p));
	return true;
}

static void
operate(struct vstor_packet *p)
{
	time_t limit = now_s() + PATIENCE_S;
	uint64_t id;

	channel_ask(&channels[0], 7, p, 0, 0);
	while (!channel_hears(&channels[0], &id, p)) {
		cr_assert_lt(now_s(), limit, "operation %u", p->operation);
		world_turn();
	}
	cr_assert_eq(id, 7);
	cr_assert_eq(p->status, VSTOR_SUCCESS);
}

/* The controller is initialised, and has its sub-channel. */
static void
controller_ready(void)
{
	struct vstor_packet begin = { .operation = VSTOR_BEGIN_INITIALIZATION };
	struct vstor_packet version = { .operation = VSTOR_QUERY_VERSION,
		.version.version = VSTOR_VERSION_6_2 };
	struct vstor_packet end = { .operation = VSTOR_END_INITIALIZATION };
	struct vstor_packet more = { .operation = VSTOR_CREATE_SUB_CHANNELS,
		.sub_channels = CHANNELS - 1 };
	const struct message_offer *offer;

	operate(&begin);
	operate(&version);
	operate(&end);
	storage_kill();
	operate(&more);
	offer = guest_awaits(MESSAGE_OFFER);
	cr_assert_eq(offer->sub_channel, 1);
	channel_open_as(1, offer->relid);
}

static void
setup(void)
{
	const struct message_offer *offer;
	char config[256];
	struct err e;

	vmbus_setup();
	cr_assert_not_null(mkdtemp(folder));
	chmod(folder, 0755);
	snprintf(config, sizeof(config), "kernel = /none\ndisk = %s/disk\n",
	    folder);
	file_make("conf", config, 0);
	file_make("disk", "", DISK_PAGES * MEMORY_PAGE);
	cr_assert_eq(providers_listen(&host.providers, folder, 60000, &e), 0,
	    "%s", e.text);
	storage_start();
	guest_connect();
	guest_request_offers();
	offer = guest_awaits(MESSAGE_OFFER);
	channel_open_as(0, offer->relid);
	controller_ready();
}

static void
teardown(void)
{
	static const char *const names[] = { "conf", "disk", "vmbus.sock",
		"storage.sock" };
	char path[128];

	kill(storage, SIGKILL);
	waitpid(storage, NULL, 0);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

TestSuite(killed_storage, .init = setup, .fini = teardown, .timeout = 240);

static bool
run_is_free(uint32_t page, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		if (in_use[page + i])
			return false;
	return true;
}

static uint64_t
word_of(uint32_t page, uint32_t generation, uint32_t i)
{
	return generation == 0 ? 0 :
	    ((uint64_t)page << 40 | (uint64_t)generation << 12) + i;
}

/* Lay out a request; the model is changed when it has been answered. */
static void
request_make(struct guest_request *r, unsigned n, struct vstor_packet *p)
{
	uint64_t *data = guest_page(FIRST_DATA + n * RUN);
	uint32_t lba = r->page * BLOCKS_A_PAGE;
	uint8_t cdb[10] = { r->is_flush ? SCSI_SYNCHRONIZE_CACHE_10 :
		r->is_read ? SCSI_READ_10 : SCSI_WRITE_10, 0,
		(uint8_t)(lba >> 24), (uint8_t)(lba >> 16),
		(uint8_t)(lba >> 8), (uint8_t)lba, 0, 0,
		(uint8_t)(r->pages * BLOCKS_A_PAGE) };

	*p = (struct vstor_packet){ .operation = VSTOR_EXECUTE_SRB };
	p->srb.length = sizeof(p->srb);
	p->srb.cdb_length = sizeof(cdb);
	p->srb.transfer_length = r->pages * MEMORY_PAGE;
	memcpy(p->srb.cdb, cdb, sizeof(cdb));
	for (uint32_t i = 0; i < r->pages; i++)
		in_use[r->page + i] = true;
	memset(data, 0xee, RUN * MEMORY_PAGE);
	if (r->is_read || r->is_flush)
		return;
	r->generation = ++generations;
	for (uint32_t i = 0; i < r->pages; i++)
		for (uint32_t w = 0; w < MEMORY_PAGE / 8; w++)
			data[i * MEMORY_PAGE / 8 + w] =
			    word_of(r->page + i, r->generation, w);
}

static void
request_begin(unsigned n)
{
	struct guest_request *r = &requests[n];
	struct vstor_packet p;

	*r = (struct guest_request){ .is_flush = rand() % 8 == 0,
		.is_read = rand() % 2 == 0 };
	r->pages = r->is_flush ? 0 : 1 + (uint32_t)rand() % RUN;
	r->page = (uint32_t)rand() % (DISK_PAGES - r->pages);
	if (!run_is_free(r->page, r->pages))
		return;
	r->busy = true;
	request_make(r, n, &p);
	channel_ask(&channels[n % CHANNELS], n, &p, FIRST_DATA + n * RUN,
	    r->pages);
}

static void
read_check(const struct guest_request *r, unsigned n)
{
	const uint64_t *data = guest_page(FIRST_DATA + n * RUN);

	for (uint32_t i = 0; i < r->pages; i++)
		for (uint32_t w = 0; w < MEMORY_PAGE / 8; w++)
			cr_assert_eq(data[i * MEMORY_PAGE / 8 + w],
			    word_of(r->page + i, on_disk[r->page + i], w),
			    "page %u is not as written", r->page + i);
}

static void
request_end(uint64_t n, const struct vstor_packet *p)
{
	struct guest_request *r = &requests[n];

	cr_assert_lt(n, REQUESTS);
	cr_assert(r->busy, "request %u was answered twice", (unsigned)n);
	cr_assert_eq(p->srb.srb_status, VSTOR_SRB_SUCCESS, "request %u: %02x",
	    (unsigned)n, p->srb.srb_status);
	r->busy = false;
	completed++;
	if (r->is_read && !r->is_flush)
		read_check(r, (unsigned)n);
	for (uint32_t i = 0; i < r->pages; i++) {
		in_use[r->page + i] = false;
		if (!r->is_read)
			on_disk[r->page + i] = r->generation;
	}
}

/* One look at everything; true: something was answered. */
static bool
guest_turn(bool more)
{
	struct vstor_packet p;
	bool heard = false;
	uint64_t id;

	for (unsigned n = 0; more && n < REQUESTS; n++)
		if (!requests[n].busy)
			request_begin(n);
	for (unsigned n = 0; n < CHANNELS; n++)
		while (channel_hears(&channels[n], &id, &p)) {
			cr_assert_eq(id % CHANNELS, n);
			request_end(id, &p);
			heard = true;
		}
	if (!heard)
		world_turn();
	else
		worker_turn();
	return heard;
}

/* The worker gives up on a channel whose providers die so often. */
static void
deaths_forget(void)
{
	struct provider_channel *c;

	for (c = host.providers.kept; c != NULL; c = c->next)
		c->deaths = 0;
	for (unsigned i = 0; i < PROVIDERS_MAX; i++)
		for (c = host.providers.sessions[i].channels; c != NULL;
		    c = c->next)
			c->deaths = 0;
}

static bool
all_answered(void)
{
	for (unsigned n = 0; n < REQUESTS; n++)
		if (requests[n].busy)
			return false;
	return true;
}

Test(killed_storage, every_request_is_answered_once_and_data_are_right)
{
	time_t limit = now_s() + 2 * PATIENCE_S;
	unsigned kills = 0;
	unsigned long due = 0;

	srand(7);
	while (kills < KILLS) {
		cr_assert_lt(now_s(), limit, "%lu answers", completed);
		guest_turn(true);
		if (completed < due)
			continue;
		storage_kill();
		deaths_forget();
		kills++;
		/* Some die before they have begun, some later. */
		due = completed + (unsigned long)rand() % 3 * (unsigned)rand() %
		    200;
	}
	while (!all_answered()) {
		cr_assert_lt(now_s(), limit, "not all are answered");
		guest_turn(false);
	}
	cr_expect_gt(completed, KILLS);
	cr_expect_null(host.providers.orphans, "nothing was taken back");
}
